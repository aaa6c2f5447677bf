import type { HopDirectory } from "./directory.ts";
import type { PathPattern } from "./pattern.ts";
import type { TraceProtocol } from "./trace.ts";

/** A file of expected paths, read: defaults filled in, patterns parsed. */
export interface ExpectedPaths {
  /** Of the file's own `hops` and `prefixes`; join it with the fabric's where there is one. */
  readonly directory: HopDirectory;
  readonly entries: readonly ExpectedEntry[];
}

/** What is right from one source to one target. */
export interface ExpectedEntry {
  /** Node name or "*". */
  readonly source: string;
  readonly target: string;
  /** RFC 5952 text. */
  readonly targetAddress: string;
  readonly protocol: TraceProtocol;
  readonly flows: number;
  readonly intervalMs: number;
  /** Absent: not judged. */
  readonly maxLossPercent?: number;
  /** Absent: not judged. */
  readonly maxRttMs?: number;
  readonly allowed: readonly PathPattern[];
}

/** What one node has to trace: its own entries, and those of "*" for targets that it has none of its own for. */
export function entriesFor(expected: ExpectedPaths, source: string): readonly ExpectedEntry[] {
  const own = expected.entries.filter((entry) => entry.source === source);
  const named = new Set(own.map(({ target }) => target));
  return [...own, ...expected.entries.filter((entry) => entry.source === "*" && !named.has(entry.target))];
}

/** What a trace from this source to this target is judged by; undefined if the file says nothing of the two. */
export function findEntry(
  expected: ExpectedPaths,
  source: string,
  target: string,
): ExpectedEntry | undefined {
  const to = expected.entries.filter((entry) => entry.target === target);
  return to.find((entry) => entry.source === source) ?? to.find((entry) => entry.source === "*");
}
