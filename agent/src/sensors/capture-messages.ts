import type { CapturePart } from "@vsix/shared/contract/part-capture.ts";
import type { CaptureCounters } from "@vsix/shared/dns/counters.ts";
import type { SegmentMeta } from "../core/capture/spool-port.ts";

/** What a capture's thread is given at its start. */
export interface CaptureTask {
  readonly part: CapturePart;
  /** Secret of hash tables. */
  readonly seed: number;
  /** Absent: what is in no segment yet dies with the process. */
  readonly journal?: {
    /** Of the paths of files. */
    readonly prefix: string;
    /** What earlier captures left, the oldest first. */
    readonly left: readonly string[];
    readonly untilUs: number | undefined;
  };
}

export type FromCapture =
  | {
      readonly kind: "segment";
      readonly octets: Uint8Array<ArrayBuffer>;
      readonly meta: SegmentMeta;
      /** File that has the same. */
      readonly journal: string | undefined;
      /** Since the thread began. */
      readonly counters: CaptureCounters;
    }
  | { readonly kind: "condition"; readonly interface: string; readonly reason: string | undefined }
  /** Rows since the thread began, those in no segment yet included; everything up to `untilUs` was read. */
  | { readonly kind: "progress"; readonly rows: number; readonly untilUs: number }
  /** A journal that cannot be taken up, or written. */
  | { readonly kind: "journal"; readonly file: string; readonly reason: string }
  /** Everything it had has been told. */
  | { readonly kind: "ended" };

export type ToCapture =
  | { readonly kind: "end" }
  /** A segment that nobody could take: its rows, and what it said. */
  | ({ readonly kind: "lost" } & Pick<SegmentMeta, "rows" | "counted" | "gap">);
