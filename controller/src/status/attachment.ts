import type { Fabric } from "@vsix/shared/fabric/model.ts";
import { adjacenciesOf, edgesOf, planesOf } from "@vsix/shared/fabric/query.ts";
import type { InForce } from "../desired/in-force.ts";
import type { FleetState } from "../fleet/state.ts";
import { sessionsWith } from "./sessions.ts";

/** An Edge's connection to one plane. */
export interface Attachment {
  readonly edge: string;
  readonly plane: string;
  /** A router of the plane is online and says that its BGP session to the Edge is established. */
  readonly up: boolean;
  /** Why not; empty when it is. */
  readonly why: string;
}

/** BGP's name for a session that works (RFC 4271 section 8.2.2), however it is written. */
export function isEstablished(state: string): boolean {
  return state.toLowerCase() === "established";
}

/** How each plane reaches an Edge, as the plane's routers report it. */
export function attachmentsOf(
  inForce: InForce,
  fleet: FleetState,
  edge: string,
  nowMs: number,
): readonly Attachment[] {
  const { fabric } = inForce;
  return planesOf(fabric, edge).map((plane) => {
    const reasons: string[] = [];
    for (const { peer: router } of adjacenciesOf(fabric, edge)) {
      if (router.role !== "plane" || router.plane !== plane) continue;
      const why = whyDown(inForce, fleet, router.name, edge, nowMs);
      if (why === undefined) return { edge, plane, up: true, why: "" };
      reasons.push(why);
    }
    return { edge, plane, up: false, why: [...new Set(reasons)].join("; ") };
  });
}

/** By router and Edge; a fabric never changes. */
const neighbours = new WeakMap<Fabric, Map<string, readonly string[]>>();

/** What a router calls its sessions to an Edge. */
function neighboursAt(fabric: Fabric, router: string, edge: string): readonly string[] {
  const known = neighbours.get(fabric) ?? new Map<string, readonly string[]>();
  neighbours.set(fabric, known);
  const key = `${router} ${edge}`;
  const names =
    known.get(key) ??
    adjacenciesOf(fabric, router)
      .filter(({ peer }) => peer.name === edge)
      .map(({ neighbour }) => neighbour);
  known.set(key, names);
  return names;
}

function whyDown(
  { fabric }: InForce,
  fleet: FleetState,
  router: string,
  edge: string,
  nowMs: number,
): string | undefined {
  if (!fleet.isOnline(router, nowMs)) return `${router} is offline`;
  const report = fleet.node(router).report?.value;
  if (report === undefined) return `${router} has not reported`;
  const sessions = neighboursAt(fabric, router, edge).flatMap((name) => sessionsWith(report, name));
  if (sessions.some(({ state }) => isEstablished(state))) return undefined;
  const state = sessions[0]?.state ?? "absent";
  return `session ${router} to ${edge} is ${state.toLowerCase()}`;
}

/** Planes seen not to work, Edge by Edge. */
export function brokenPlanes(
  inForce: InForce,
  fleet: FleetState,
  nowMs: number,
): readonly { readonly edge: string; readonly plane: string }[] {
  return edgesOf(inForce.fabric)
    .flatMap((edge) => attachmentsOf(inForce, fleet, edge.name, nowMs))
    .filter(({ up }) => !up)
    .map(({ edge, plane }) => ({ edge, plane }));
}
