import { writeEncapsulation } from "../../wire/srh.ts";
import { encodeProbe, FIRST_EGRESS_PORT, PROBE_SIZE } from "../trace/flow-identity.ts";
import { markOf } from "./marks.ts";
import { type EgressPlan, egressFlow } from "./plan.ts";

/** As ordinary hosts send; each segment and the External Edge take one off. */
const HOP_LIMIT = 64;

export interface WantedProbe {
  readonly destination: number;
  readonly peer: number;
  readonly cell: number;
  /** Number within the cell; the plan's `probes` is the one of full size. */
  readonly probe: number;
  readonly token: number;
}

/**
 * The whole packet: from `source` to the destination, within what gets it to the peer. Undefined where the plan has no way
 * there. A SYN is of full size by data that it carries; ordinary ones carry none, for some filters drop that.
 */
export function encodeEgressProbe(
  plan: EgressPlan,
  source: Uint8Array,
  wanted: WantedProbe,
): Uint8Array | undefined {
  const destination = plan.destinations[wanted.destination];
  const peer = plan.peers[wanted.peer];
  if (destination === undefined || peer?.way === undefined) return undefined;
  const flow = egressFlow(source, destination, peer.slot, FIRST_EGRESS_PORT);
  const ordinary = destination.protocol === "tcp" ? PROBE_SIZE : plan.size;
  const size = wanted.probe === plan.probes ? plan.fullSize : ordinary;
  const mark = markOf(wanted.token, wanted.probe, wanted.cell);
  const inner = encodeProbe(flow, mark, HOP_LIMIT, size);
  if (peer.way.kind === "port") return inner;
  const packet = new Uint8Array(peer.way.overhead + inner.length);
  packet.set(inner, peer.way.overhead);
  const { segments } = peer.way;
  writeEncapsulation(packet, { source, segments, flowLabel: flow.flowLabel, hopLimit: HOP_LIMIT });
  return packet;
}
