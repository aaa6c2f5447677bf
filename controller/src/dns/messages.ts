/** What the controller asks of the threads that hold captured DNS, and what they answer. */

/** A batch as it came, checked by its hash only. */
export interface StoreRequest {
  readonly node: string;
  readonly instance: string;
  readonly sequence: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly nowMs: number;
}

export type StoreResult =
  | { readonly kind: "stored"; readonly pairs: number; readonly missingPairs: number }
  | { readonly kind: "duplicate" }
  | { readonly kind: "refused"; readonly reason: string };

/** Of one level of data. */
export interface Retention {
  readonly days: number;
  readonly octets: number;
}

export interface RetentionByLevel {
  readonly pairs: Retention;
  readonly minutes: Retention;
  readonly hours: Retention;
  readonly dayRollups: Retention;
}

export interface DnsFigures {
  readonly segments: number;
  readonly pairs: number;
  readonly octets: number;
  readonly oldestUs: number | null;
  readonly newestUs: number | null;
  readonly dirtyMinutes: number;
  /** Pairs that were captured and never came: dropped by spools, or with agents that were killed. */
  readonly missingPairs: number;
  readonly missingBatches: number;
  /** The newest, of all nodes. */
  readonly gaps: readonly DnsGap[];
}

/** Time in which a node captured nothing though it was to: nobody can count what passed then. */
export interface DnsGap {
  readonly node: string;
  readonly fromMs: number;
  readonly toMs: number;
}
