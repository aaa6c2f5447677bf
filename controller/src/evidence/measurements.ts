import type { Fabric } from "@vsix/shared/fabric/model.ts";
import { edgesOf } from "@vsix/shared/fabric/query.ts";
import { type QualitySummary, summarize } from "../core/quality-summary.ts";
import { edgeSamples, planeSamples, type Samples, type Span } from "./samples.ts";
import type { WindowStore } from "./window-store.ts";

/** A line of `vsixctl measure`. */
export interface Measurement extends QualitySummary {
  /** Null where an External Edge measures an Edge by whichever plane that uses. */
  readonly plane: string | null;
  /** Who measured; null where a plane's routers are taken together. */
  readonly node: string | null;
  readonly target: string;
  readonly address: string;
  readonly unsent: number;
  readonly late: number;
  readonly complete: number;
}

export interface Measurements {
  /** Plane by target, all routers of a plane together. */
  readonly planes: readonly Measurement[];
  /** The same, router by router. */
  readonly routers: readonly Measurement[];
  /** Each Edge from each External Edge. */
  readonly edges: readonly Measurement[];
}

/** Everything that was measured within a span. */
export function measurementsOf(store: WindowStore, fabric: Fabric, span: Span): Measurements {
  const byPlane = fabric.planes.flatMap((plane) =>
    fabric.measure.targets.map((target) => ({
      plane: plane.name,
      target,
      samples: planeSamples(store, fabric, plane.name, target, span),
    })),
  );
  return {
    planes: byPlane.map(({ plane, target, samples }) => measurement(plane, null, target, samples)),
    routers: byPlane.flatMap(({ plane, target, samples }) =>
      samples.map((one) => measurement(plane, one.node, target, [one])),
    ),
    edges: edgesOf(fabric).flatMap(({ name, loopback }) =>
      edgeSamples(store, fabric, name, span).map((one) =>
        measurement(null, one.node, { name, address: loopback }, [one]),
      ),
    ),
  };
}

/** Complete is who said least: a plane is not known by one of its routers alone. */
function measurement(
  plane: string | null,
  node: string | null,
  target: { readonly name: string; readonly address: string },
  samples: readonly Samples[],
): Measurement {
  const sum = (field: "unsent" | "late"): number => samples.reduce((total, one) => total + one[field], 0);
  const complete = samples.length === 0 ? 0 : Math.min(...samples.map((one) => one.complete));
  return {
    plane,
    node,
    target: target.name,
    address: target.address,
    ...summarize(samples.map(({ rttsUs }) => rttsUs)),
    unsent: sum("unsent"),
    late: sum("late"),
    complete: Math.round(complete * 1000) / 1000,
  };
}
