import type { Fabric } from "@vsix/shared/fabric/model.ts";
import { quantile } from "../core/quality-summary.ts";
import { planeSamples, type Span } from "./samples.ts";
import type { WindowStore } from "./window-store.ts";

/** At which shares of all answers the round trip is told: close together where it matters, at the slow end. */
export const SHARES: readonly number[] = [
  ...Array.from({ length: 20 }, (_, i) => (i * 5) / 100),
  ...[0.96, 0.97, 0.98, 0.99, 0.995, 0.999, 1],
];

/** How one plane's round trips to one target are distributed, all its routers together. */
export interface Distribution {
  readonly plane: string;
  readonly target: string;
  readonly sent: number;
  readonly lost: number;
  /** Microseconds, one for each of SHARES; empty where nothing was answered. */
  readonly quantilesUs: readonly number[];
}

/** Every plane to every target within a span. */
export function distributionsOf(store: WindowStore, fabric: Fabric, span: Span): readonly Distribution[] {
  return fabric.measure.targets.flatMap((target) =>
    fabric.planes.map(({ name: plane }) => {
      const samples = planeSamples(store, fabric, plane, target, span);
      const rtts = samples.flatMap(({ rttsUs }) => rttsUs);
      const sorted = Float64Array.from(rtts.filter((rtt) => rtt >= 0)).sort();
      return {
        plane,
        target: target.name,
        sent: rtts.length,
        lost: rtts.length - sorted.length,
        quantilesUs: SHARES.flatMap((share) => quantile(sorted, share) ?? []),
      };
    }),
  );
}
