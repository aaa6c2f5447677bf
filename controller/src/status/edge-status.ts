import type { Counters } from "@vsix/shared/contract/up.ts";
import type { FabricNode } from "@vsix/shared/fabric/model.ts";
import { adjacenciesOf, edgesOf } from "@vsix/shared/fabric/query.ts";
import type { InForce } from "../desired/in-force.ts";
import type { FleetState, NodeView } from "../fleet/state.ts";
import { toldIndex } from "../fleet/told-index.ts";
import { DIRECTIONS, entryOf, observersOf } from "../operations/observe.ts";
import { type Attachment, attachmentsOf } from "./attachment.ts";
import type { EdgeStatus } from "./model.ts";

/** An Edge off its wanted plane for longer than BGP needs to move it, milliseconds. */
export const OVERRULED_AFTER_MS = 5000;

export interface EdgeStatusInput {
  readonly inForce: InForce;
  readonly fleet: FleetState;
  readonly nowMs: number;
  /** When the Edge was first wanted where it is wanted now. */
  readonly wantedSinceMs: (edge: string) => number;
}

/** Where every Edge is wanted and where packets show it to be. */
export function edgeStatuses(input: EdgeStatusInput): readonly EdgeStatus[] {
  return edgesOf(input.inForce.fabric).map((edge) => edgeStatus(input, edge));
}

/** The same of one Edge. */
export function edgeStatus(input: EdgeStatusInput, node: FabricNode): EdgeStatus {
  const { inForce, fleet, nowMs } = input;
  const edge = node.name;
  const steering = inForce.steering.get(edge);
  const wanted = steering?.plane ?? "";
  const observed = observersOf(inForce.fabric).map((externalEdge) => {
    const entry = entryOf(fleet, externalEdge, edge);
    const arrived = fleet.node(externalEdge).observation;
    return {
      externalEdge,
      inbound: entry?.inbound ?? null,
      outbound: entry?.outbound ?? null,
      ageMs: arrived === undefined ? null : Math.round(nowMs - arrived.atMs),
      rttUs: entry?.rttUs ?? null,
      lost: entry?.lost ?? null,
    };
  });
  const attachments = attachmentsOf(inForce, fleet, edge, nowMs);
  return {
    edge,
    site: node.site,
    wanted,
    reason: steering?.reason ?? "",
    attachments: attachments.map(({ plane, up, why }) => ({ plane, up, why })),
    observed,
    ports: portsOf(input, edge),
    asWanted:
      observed.length > 0 && observed.every((one) => one.inbound === wanted && one.outbound === wanted),
    notes: [...notesOf(input, edge, wanted, observed, attachments)],
  };
}

/** Says so where an Edge is not where MED leads it although the way is open. */
function* notesOf(
  input: EdgeStatusInput,
  edge: string,
  wanted: string,
  observed: EdgeStatus["observed"],
  attachments: readonly Attachment[],
): Generator<string> {
  const attachment = attachments.find(({ plane }) => plane === wanted);
  if (attachment === undefined) return;
  const sinceMs = input.nowMs - input.wantedSinceMs(edge);
  for (const one of observed) {
    for (const direction of DIRECTIONS) {
      const plane = one[direction];
      if (plane === null || plane === wanted) continue;
      const where = `${direction} by ${plane} at ${one.externalEdge}`;
      if (!attachment.up) yield `${where}: ${wanted} is not usable, ${attachment.why}`;
      else if (sinceMs > OVERRULED_AFTER_MS) {
        yield `${where} for ${Math.round(sinceMs / 1000)} s although its session to ${wanted} is up: MED is overruled, by AS-path length or LOCAL_PREF`;
      }
    }
  }
}

function portsOf({ inForce, fleet }: EdgeStatusInput, edge: string): EdgeStatus["ports"] {
  return adjacenciesOf(inForce.fabric, edge).flatMap(({ peer: router, far }) => {
    if (router.role !== "plane" || router.plane === undefined) return [];
    const view = fleet.node(router.name);
    const port = findPort(view.counters?.value, far.interface);
    if (port === undefined) return [];
    return [
      {
        router: router.name,
        plane: router.plane,
        interface: far.interface,
        inPackets: port.inPackets,
        outPackets: port.outPackets,
        inPps: rate(view, far.interface, "inPackets"),
        outPps: rate(view, far.interface, "outPackets"),
      },
    ];
  });
}

const findPort = toldIndex(
  ({ ports }: Counters) => ports,
  (port) => port.interface,
);

/** Null without two tellings, or where the table was made anew between them. */
function rate(view: NodeView, name: string, field: "inPackets" | "outPackets"): number | null {
  const now = findPort(view.counters?.value, name);
  const before = findPort(view.countersBefore?.value, name);
  if (now === undefined || before === undefined) return null;
  const ms = Date.parse(view.counters?.value.at ?? "") - Date.parse(view.countersBefore?.value.at ?? "");
  const packets = now[field] - before[field];
  if (!(ms > 0) || packets < 0) return null;
  return Math.round((packets * 10_000) / ms) / 10;
}
