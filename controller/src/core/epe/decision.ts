import type { EpeMemory, MoveReason } from "./memory.ts";

/** What a decision says; words for people: words.ts. */

/** Why a peer is not moved to, or what it is. */
export type PeerCode =
  | "chosen" // traffic leaves by it from now on
  | "current" // and does already
  | "not-measured" // by the node that measures here
  | "external-edge-silent"
  | "state-unknown" // nothing heard of its session
  | "session-down"
  | "unstable" // up, but not for long enough
  | "sid-elsewhere" // its SID is a plain lookup, or not there
  | "unannounced" // no covering route of it
  | "filtered" // our own import policy refuses its route
  | "avoided"
  | "no-data" // too few cycles
  | "silent" // nothing came back by it
  | "somebody-else" // answers of another host than by the other peers
  | "too-near" // answers sooner than the host can, by what the other peers show
  | "full-size" // its path cannot carry full packets
  | "limit" // beyond a hard limit
  | "remembered" // was no gain before
  | "loss" // seems to lose more
  | "no-gain" // not enough better
  | "not-sure" // better, but it may be chance
  | "less" // another is better still
  | "no-room"; // would be over its own capacity

export interface PeerVerdict {
  readonly peer: string;
  readonly code: PeerCode;
  /** Medians over the cycles judged; undefined without answers. */
  readonly rttMs: number | undefined;
  readonly jitterMs: number | undefined;
  readonly lost: number;
  readonly sent: number;
  readonly asPathLength: number | undefined;
  /** Against what traffic leaves by now, where it was compared. */
  readonly comparison?: GainArithmetic;
  /** Of code `remembered` and `unstable`: for so long yet. */
  readonly forMs?: number;
}

/** How much better one peer is than another: everything in milliseconds of the objective, positive is better. */
export interface GainArithmetic {
  readonly from: string;
  /** Cycles in which both answered. */
  readonly cycles: number;
  /** Round trip and jitter, weighted: Hodges and Lehmann's estimate of the difference within a cycle. */
  readonly latencyMs: number;
  /** Counted only where shown if it helps, and where suspected if it harms. */
  readonly lossMs: number;
  readonly asPathMs: number;
  readonly costMs: number;
  readonly gainMs: number;
  /** What was needed. */
  readonly neededMs: number;
  /** Chance of such cycles were the gain not even `overMs`; Wilcoxon's signed ranks. */
  readonly p: number;
  readonly overMs: number;
  /** Part of the cycles in which it was more than that. */
  readonly share: number;
  /** Chance that it loses more than everything else gains, by what it lost and how often ways lose here; absent where too few ways are known. */
  readonly unseen?: number;
}

export type DecisionRule =
  // as BGP says
  | "excluded"
  | "no-data"
  | "silent"
  | "inconsistent"
  | "bgp-unknown"
  | "bgp-best"
  | "held"
  | "cap-prefixes"
  | "cap-traffic"
  | "no-room"
  // moved, and kept moved
  | MoveReason
  | "checking"
  | "keeps"
  | "keeps-without-data"
  // as BGP says because a more specific or later override would catch it: led to BGP's own peer
  | "pinned"
  // taken back
  | "peer-down"
  | "sid-elsewhere"
  | "external-edge-lost"
  | "withdrawn"
  | "policy"
  | "full-size"
  | "peer-silent"
  | "beyond-limit"
  | "gain-gone"
  | "taken-back"
  | "aged-out"
  | "not-asked"
  | "bgp-agrees"
  | "restored";

export interface Decision {
  readonly node: string;
  readonly className: string;
  readonly prefix: string;
  readonly address: string;
  readonly action: "bgp" | "move" | "keep" | "revert";
  readonly rule: DecisionRule;
  /** What traffic shall leave by instead of BGP's choice; undefined: as BGP says. */
  readonly peer: string | undefined;
  /** What BGP is believed to choose here. */
  readonly bgp: string | undefined;
  /** Where the figures come from. */
  readonly vantage: string | undefined;
  readonly sinceMs: number | undefined;
  /** Of `peer` against what it is compared with. */
  readonly comparison: GainArithmetic | undefined;
  /** By peer, in the policy's order, and its comparison with what traffic leaves by now, where there was one. */
  readonly codes: readonly PeerCode[];
  readonly comparisons: readonly (GainArithmetic | undefined)[];
  /** The same with every figure that it was decided by. Made when it is asked for, out of what was known then. */
  readonly peers: () => readonly PeerVerdict[];
}

/** A decision with everything in it, as JSON has it. */
export type ToldDecision = Omit<Decision, "codes" | "comparisons" | "peers"> & {
  readonly peers: readonly PeerVerdict[];
};

export function tellAll({ codes: _, comparisons: __, peers, ...decision }: Decision): ToldDecision {
  return { ...decision, peers: peers() };
}

/** What shall stand in part `epe` of a plane router. */
export interface WantedOverride {
  readonly node: string;
  readonly className: string;
  readonly prefix: string;
  readonly peer: string;
}

export interface BadPath {
  readonly kind: "longer-as-path" | "inflated-rtt" | "path-changed";
  readonly change: "begins" | "ends" | "once";
  readonly prefix: string;
  /** By which traffic would leave, as BGP says. */
  readonly peer: string;
  /** The better one. */
  readonly than: string | undefined;
  /** Where it was measured; of paths no node's. */
  readonly node: string | undefined;
  /** For people, with every figure. */
  readonly evidence: string;
  readonly key: string;
}

export interface EpeOutcome {
  readonly decisions: readonly Decision[];
  /** Empty in `observe`. */
  readonly overrides: readonly WantedOverride[];
  readonly events: readonly BadPath[];
  /** Events that were too many to tell. */
  readonly untold: number;
  /** By peer name: megabits a second outwards, as measured and as expected after the moves; undefined: not known. */
  readonly loads: readonly {
    readonly peer: string;
    readonly mbps: number | undefined;
    readonly afterMbps: number | undefined;
  }[];
  readonly memory: EpeMemory;
}
