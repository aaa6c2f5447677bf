import type { CapturePart } from "@vsix/shared/contract/part-capture.ts";
import type { CaptureCounters } from "@vsix/shared/dns/counters.ts";
import type { SegmentMeta } from "../core/capture/spool-port.ts";

/** What a capture's thread is given at its start. */
export interface CaptureTask {
  readonly part: CapturePart;
  /** Secret of hash tables. */
  readonly seed: number;
}

export type FromCapture =
  | {
      readonly kind: "segment";
      readonly octets: Uint8Array<ArrayBuffer>;
      readonly meta: SegmentMeta;
      /** Since the thread began. */
      readonly counters: CaptureCounters;
    }
  | { readonly kind: "condition"; readonly interface: string; readonly reason: string | undefined }
  /** Rows since the thread began, those in no segment yet included. */
  | { readonly kind: "progress"; readonly rows: number }
  /** Everything it had has been told. */
  | { readonly kind: "ended" };

export type ToCapture =
  | { readonly kind: "end" }
  /** A segment that nobody could take: its rows, and what it said was counted. */
  | { readonly kind: "lost"; readonly rows: number; readonly counted: CaptureCounters };
