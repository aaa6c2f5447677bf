import type { CaptureCounters } from "@vsix/shared/dns/counters.ts";

/** What the capture says of a segment besides its octets. */
export interface SegmentMeta {
  readonly rows: number;
  /** Least and greatest time of a row, ns, UTC; both 0 where there is no row. */
  readonly leastNs: bigint;
  readonly greatestNs: bigint;
  /** Interfaces. */
  readonly points: readonly string[];
  /** Since the segment before. */
  readonly counted: CaptureCounters;
  /** Time before it in which nothing was captured though it was wanted. */
  readonly gap?: CaptureGap;
}

/** Microseconds, UTC: everything before `fromUs` was read, and everything since `toUs`. */
export interface CaptureGap {
  readonly fromUs: number;
  readonly toUs: number;
}

/** Files that outlive the process, in which captures keep what is in no segment yet. */
export interface CaptureJournals {
  /** What earlier captures left, the oldest first: for a capture that begins and has none beside it. */
  left(): readonly string[];
  /** Beginning of paths for another capture. */
  prefix(): string;
  /** Time up to which everything was read, as far as is known; undefined where nothing was, or was not wanted. */
  readonly untilUs: number | undefined;
}

/** Where the capture puts what it has, on the main thread, in the order in which segments ended. */
export interface CaptureSpool {
  /**
   * Takes a segment: at most some MB, at most a few a second and at least one a minute while packets come. The octets are
   * the spool's from then on. Resolves when it survives the loss of power, or rejects when it does not and is lost.
   * @param journal file that has the same, and goes when the segment is safe or lost
   */
  put(segment: Uint8Array, meta: SegmentMeta, journal?: string): Promise<void>;
  /**
   * Rows since the agent began, those in no segment yet included, and the time up to which everything was read, µs: about
   * once a second. 0: nothing is to be captured any more.
   */
  seen(rows: number, untilUs: number): void;
}
