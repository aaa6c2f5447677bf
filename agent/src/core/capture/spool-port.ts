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
}

/** Where the capture puts what it has, on the main thread, in the order in which segments ended. */
export interface CaptureSpool {
  /**
   * Takes a segment: at most some MB, at most a few a second and at least one a minute while packets come. The octets are
   * the spool's from then on. Resolves when it survives the loss of power, or rejects when it does not and is lost.
   */
  put(segment: Uint8Array, meta: SegmentMeta): Promise<void>;
  /** Rows since the agent began, those in no segment yet included: about once a second while there are more. */
  seen(rows: number): void;
}
