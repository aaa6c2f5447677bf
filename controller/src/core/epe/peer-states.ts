import type { PeerCode } from "./decision.ts";
import type { EpeEvidence, PeerFact } from "./evidence/view.ts";
import type { EpeMemory, PeerMemory } from "./memory.ts";
import type { EpePolicy } from "./policy.ts";

/** One egress peer as it is now, whatever the destination. */
export interface PeerState {
  readonly fact: PeerFact | undefined;
  /** Why nothing is moved to it; undefined: it may be. */
  readonly code: PeerCode | undefined;
  /** Of code `unstable`: for so long yet. */
  readonly forMs: number;
  /** Until then its link was so full that round trips by it were others than they will be; -Infinity: never. */
  readonly fullUntilMs: number;
  /** Surely of no use now: overrides to it are taken back. */
  readonly gone: "external-edge-lost" | "peer-down" | "sid-elsewhere" | undefined;
}

/** What an External Edge said is believed for so long. */
const HEARD_MS = 300_000;
/** Messages take their time; a session that seems to have begun so little later is the same one. */
const SLACK_MS = 2000;
/** Each time a peer goes down is half forgotten after this (RFC 2439 calls it the half-life). */
const HALF_LIFE_MS = 3_600_000;
/** Waiting grows with each time it went down, to at most so many times. */
const MOST_WAITS = 32;

export function peerStates(
  { peers, numbers: { stableS } }: EpePolicy,
  evidence: EpeEvidence,
  memory: EpeMemory,
  nowMs: number,
): { readonly states: readonly PeerState[]; readonly memory: ReadonlyMap<string, PeerMemory> } {
  const next = new Map<string, PeerMemory>();
  const states = peers.map(({ name, via, capacityMbps, detourAt }): PeerState => {
    const fact = evidence.peer(name);
    // Halfway from where traffic is led away to where nothing fits any more: there queues begin.
    const fullMbps = ((1 + detourAt) / 2) * (capacityMbps ?? Number.POSITIVE_INFINITY);
    const remembered = remember(memory.peers.get(name), fact, fullMbps);
    const fullUntilMs = remembered?.fullMs ?? Number.NEGATIVE_INFINITY;
    if (remembered !== undefined) next.set(name, remembered);
    const state = (code: PeerCode | undefined, gone?: PeerState["gone"], forMs = 0): PeerState => ({
      fact,
      code,
      forMs,
      fullUntilMs,
      gone,
    });
    if (!evidence.alive.has(via)) return state("external-edge-silent", "external-edge-lost");
    if (fact === undefined || nowMs - fact.heardMs > HEARD_MS) return state("state-unknown");
    if (!fact.established) return state("session-down", "peer-down");
    if (fact.sid !== "peer") return state("sid-elsewhere", "sid-elsewhere");
    const age = Math.max(0, (fact.heardMs - (remembered?.seenMs ?? fact.heardMs)) / HALF_LIFE_MS);
    const flaps = (remembered?.flaps ?? 0) * 0.5 ** age;
    const waitMs = stableS * 1000 * Math.min(MOST_WAITS, 2 ** Math.max(0, flaps - 1));
    const upMs = nowMs - fact.sinceMs;
    return upMs < waitMs ? state("unstable", undefined, waitMs - upMs) : state(undefined);
  });
  return { states, memory: next };
}

/** A session that is younger than the time it was last seen up went down between two messages. */
function remember(
  before: PeerMemory | undefined,
  fact: PeerFact | undefined,
  fullMbps: number,
): PeerMemory | undefined {
  if (fact === undefined) return before;
  const up = fact.established && fact.sid === "peer";
  const load = fact.load;
  const fullMs = load !== undefined && load.mbps > fullMbps ? load.toMs : before?.fullMs;
  const full = fullMs === undefined ? {} : { fullMs };
  if (before === undefined) return { up, seenMs: fact.heardMs, flaps: 0, ...full };
  if (fact.heardMs <= before.seenMs) return before;
  const fell = before.up && (!up || fact.sinceMs > before.seenMs + SLACK_MS);
  const decayed = before.flaps * 0.5 ** ((fact.heardMs - before.seenMs) / HALF_LIFE_MS);
  return { up, seenMs: fact.heardMs, flaps: decayed + (fell ? 1 : 0), ...full };
}
