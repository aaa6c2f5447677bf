/** What the `trace-cycle` bench measures, and with what. */

/** Sources, and targets of each: 1,000 paths. */
export const SOURCES = 50;
export const TARGETS = 20;
/** The usual interval of expected paths (shared/src/paths/schema.ts). */
export const INTERVAL_MS = 10_000;
/** Probes of a hop and flow, as a trace has them by default. */
export const PROBES = 3;
/** Cycles that are made all at once, to see how long one takes. */
export const BURSTS = 3;
/** The device of the one who traces, in a trace network. */
export const DEVICE = "s-r1";

/** Addresses of the one host behind all routers. */
export const TARGET_ADDRESSES: readonly string[] = Array.from(
  { length: TARGETS },
  (_, i) => `2001:db8:6::1:${(i + 1).toString(16)}`,
);

/** One cycle of one source, as measured in its process: milliseconds and octets. */
export interface AgentCycle {
  readonly cpuMs: number;
  readonly sentPackets: number;
  readonly sentBytes: number;
  readonly receivedBytes: number;
  /** Of its traces as JSON, compact. */
  readonly toldBytes: number;
}

/** What `trace-agent.ts` prints. */
export interface AgentMeasured {
  readonly cycles: readonly AgentCycle[];
  /** Of every trace of the cycles, from its first probe to its last answer. */
  readonly traceMs: readonly number[];
  /** All targets begun at once, until the last trace is done. */
  readonly burstMs: readonly number[];
  /** The traces of the last cycle, as JSON. */
  readonly traces: readonly string[];
}

/** What `trace-peer.ts` prints: one cycle of the peer. */
export interface PeerMeasured {
  readonly cpuMs: number;
  readonly wallMs: number;
  readonly sentPackets: number;
}

/** What `trace-judge.ts` prints: every array has one element a round of 1,000 traces. */
export interface JudgeMeasured {
  /** Reading the file of expected paths, once. */
  readonly readMs: number;
  readonly expectedBytes: number;
  readonly firstMs: number;
  readonly parseMs: readonly number[];
  readonly wellMs: readonly number[];
  readonly changedMs: readonly number[];
  /** Notices that the change of every path led to. */
  readonly notices: number;
  /** What is remembered of 1,000 paths, with their traces. */
  readonly heldMb: number;
}
