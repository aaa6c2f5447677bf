/** What is said of a trace, worst first. */
export const VERDICT_KINDS = [
  "destination-unreachable",
  "plane-changed",
  "path-changed",
  "not-measured",
  "lossy-or-slow",
  "hop-rate-limiting",
  "hop-silent",
  "as-expected",
] as const;
export type VerdictKind = (typeof VERDICT_KINDS)[number];

/** How much it matters. A `notice` goes into the log and wakes nobody. */
export type Level = "alarm" | "warning" | "notice" | "fine";

const LEVELS: Readonly<Record<VerdictKind, Level>> = {
  "destination-unreachable": "alarm",
  "plane-changed": "alarm",
  "path-changed": "alarm",
  "not-measured": "warning",
  "lossy-or-slow": "warning",
  // Routers may answer or not as they like (RFC 4443 section 2.4 (f)): the path itself is as it should be.
  "hop-rate-limiting": "notice",
  "hop-silent": "notice",
  "as-expected": "fine",
};

export function levelOf(kind: VerdictKind): Level {
  return LEVELS[kind];
}

/** One flow's part in a verdict. */
export interface FlowVerdict {
  readonly flow: number;
  readonly kind: VerdictKind;
  /** The first hop, from 1, where it is not as expected. */
  readonly hop?: number;
  /** Who answers there. */
  readonly address?: string;
  readonly node?: string;
  /** What could have stood there, as patterns are written. */
  readonly expected: readonly string[];
  /** Planes of the known hops, in the order of the path. */
  readonly planes: readonly string[];
  /** For people, one line: `at hop 2 …`. */
  readonly words: string;
}

/** Judgement of one trace. Plain JSON. */
export interface Verdict {
  /** The worst of all flows. */
  readonly kind: VerdictKind;
  /** The first flow of that kind, and its first deviating hop. */
  readonly flow?: number;
  readonly hop?: number;
  /** For people, one or two sentences. */
  readonly words: string;
  /** Planes that carry the flows. */
  readonly planes: readonly string[];
  /** Planes of the allowed paths as far as they say. */
  readonly expectedPlanes: readonly string[];
  /** Of the probes to the target, over all flows that reach it; absent when none does. */
  readonly lossPercent?: number;
  /** Largest of the flows' median times to the target, microseconds. */
  readonly rttUs?: number;
  readonly flows: readonly FlowVerdict[];
}

/** The worst of these; `as-expected` of none. */
export function worstOf(kinds: Iterable<VerdictKind>): VerdictKind {
  const all = new Set(kinds);
  return VERDICT_KINDS.find((kind) => all.has(kind)) ?? "as-expected";
}
