import type { Fabric, FabricNode } from "@vsix/shared/fabric/model.ts";
import { edgesOf, planesOf } from "@vsix/shared/fabric/query.ts";
import type { Intent } from "./intent.ts";

/** Why an Edge is wanted on a plane. */
export type SteeringReason =
  | "steered" // an operator said so
  | "prefers" // the fabric file says so
  | "drained" // the plane it would use is drained
  | "forced"; // every plane it has is drained, and somebody insisted

export interface EdgeSteering {
  readonly edge: string;
  /** The plane it should use. */
  readonly plane: string;
  readonly reason: SteeringReason;
  /** MED by plane name; lower wins. Only planes that the Edge has a link to. */
  readonly meds: Readonly<Record<string, number>>;
}

export type SteeringResult =
  | { readonly ok: true; readonly edges: readonly EdgeSteering[] }
  | {
      readonly ok: false;
      readonly code: "no-plane-left";
      readonly edges: readonly string[];
      readonly message: string;
    };

export interface SteeringOptions {
  /** Accept that an Edge is left without an undrained plane that works. */
  readonly force?: boolean;
  /** Planes seen not to work for an Edge: a drain must not lead there. */
  readonly broken?: readonly { readonly edge: string; readonly plane: string }[];
}

/**
 * Where every Edge should be. A drain that leaves an Edge without a working plane is refused unless
 * forced. Names in the intent that the fabric does not have are passed over; intentFaults names them.
 */
export function effectiveSteering(
  fabric: Fabric,
  intent: Intent,
  options: SteeringOptions = {},
): SteeringResult {
  const stranded: string[] = [];
  const edges = edgesOf(fabric).map((edge) => {
    const usable = (plane: string): boolean =>
      !intent.drained.includes(plane) &&
      !(options.broken ?? []).some((one) => one.edge === edge.name && one.plane === plane);
    const one = steerOne(fabric, intent, edge, usable);
    if (one.reason === "forced") stranded.push(edge.name);
    return one;
  });
  if (stranded.length > 0 && options.force !== true) {
    return {
      ok: false,
      code: "no-plane-left",
      edges: stranded,
      message: `no working plane would be left for ${stranded.join(", ")}`,
    };
  }
  return { ok: true, edges };
}

/** The plane that one Edge should use: what effectiveSteering says of it when nobody is asked. */
export function wantedPlane(fabric: Fabric, intent: Intent, edge: FabricNode): string {
  return steerOne(fabric, intent, edge, (plane) => !intent.drained.includes(plane)).plane;
}

function steerOne(
  fabric: Fabric,
  intent: Intent,
  edge: FabricNode,
  usable: (plane: string) => boolean,
): EdgeSteering {
  const planes = planesOf(fabric, edge.name);
  const asked = Object.hasOwn(intent.steer, edge.name) ? intent.steer[edge.name] : undefined;
  const steered = asked !== undefined && planes.includes(asked);
  const wanted = (steered ? asked : edge.prefers) ?? planes[0] ?? "";
  const drained = intent.drained.includes(wanted);
  const other = drained ? planes.find(usable) : undefined;
  const plane = other ?? wanted;
  const reason = !drained ? (steered ? "steered" : "prefers") : other === undefined ? "forced" : "drained";
  const { med } = fabric.policy;
  const meds = planes.map((name): [string, number] => {
    if (name === plane) return [name, med.preferred];
    return [name, intent.drained.includes(name) ? med.drained : med.other];
  });
  return { edge: edge.name, plane, reason, meds: Object.fromEntries(meds) };
}
