import type { Progress } from "../lab/progress.ts";

/** One measured number. Percentiles and medians by statistics.ts. */
export interface Figure {
  readonly name: string;
  readonly unit:
    | "ms"
    | "µs"
    | "packets"
    | "routes"
    | "routes/s"
    | "packets/s"
    | "octets"
    | "moves"
    | "frames/s"
    | "tasks"
    | "requests"
    | "updates"
    | "%"
    | "kB"
    | "MB";
  readonly value: number;
  /** How many samples `value` stands for, and how far they spread. */
  readonly samples?: number;
  readonly min?: number;
  readonly max?: number;
  /** The same done by somebody else's program in the same run. */
  readonly peer?: { readonly name: string; readonly value: number };
  /** What we aim at, in words. */
  readonly aim?: string;
}

export interface BenchResult {
  readonly figures: readonly Figure[];
  /** Settings without which the figures cannot be read: sizes, rounds, versions. */
  readonly setting: Readonly<Record<string, string | number>>;
  /** What a reader of the figures must know. */
  readonly notes?: readonly string[];
}

export interface BenchContext {
  readonly progress: Progress;
  readonly signal: AbortSignal;
  /** Rounds or moves instead of the case's own number (`--count`). */
  readonly count?: number;
  /** Other programs to measure beside ours, as NAME=COMMAND (`--peer`). */
  readonly peers?: readonly string[];
}

/** Something that `npm run bench` can measure. It needs root, and leaves nothing behind. */
export interface BenchCase {
  readonly name: string;
  /** One line. */
  readonly summary: string;
  readonly run: (context: BenchContext) => Promise<BenchResult>;
}

/** How many times faster than the peer, of figures that are a time or a rate; undefined without a peer. */
export function ratioOf({ unit, value, peer }: Figure): number | undefined {
  if (peer === undefined || value === 0 || peer.value === 0) return undefined;
  return unit.endsWith("/s") ? value / peer.value : peer.value / value;
}
