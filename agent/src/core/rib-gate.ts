/** When the RIB of a new feed session may be taken for the whole truth, so that stale routes may go. */
export interface RibGateFacts {
  readonly endOfRib: boolean;
  /** Since when the feed is up, milliseconds. */
  readonly feedUpMs: number;
  /** Neighbours whose link is usable, and since when their session is established; null while it is not. */
  readonly establishedSinceMs: readonly (number | null)[];
  readonly nowMs: number;
}

/** A session that has just come up needs this long to tell its routes. */
const SETTLE_MS = 2_000;

/**
 * End-of-RIB alone is not enough: an engine that has restarted empty sends it at once, before its neighbours have said
 * anything. So every neighbour that can be reached must have been back for a moment, or the time that graceful
 * restart grants must be over (RFC 4724 section 4.2, Selection_Deferral_Timer).
 */
export function maySweep(facts: RibGateFacts, gracefulRestartMs: number): boolean {
  if (!facts.endOfRib) return false;
  if (facts.nowMs - facts.feedUpMs >= gracefulRestartMs) return true;
  return facts.establishedSinceMs.every((since) => since !== null && facts.nowMs - since >= SETTLE_MS);
}
