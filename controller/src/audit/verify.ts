import type { StoreReader } from "../store/reader.ts";
import { type Break, type ChainEnd, EMPTY_CHAIN, follow, isBreak } from "./chain.ts";
import { disagreementOf, type HeadFile } from "./head.ts";

/** Records looked at in one go, between which others get their turn. */
const PAGE = 1000;

export interface AuditVerdict {
  /** Records that follow from one another, from the first on. */
  readonly sound: number;
  /** Hash of the last sound record: to be noted elsewhere. */
  readonly head: ChainEnd;
  readonly broken: Break | null;
}

/**
 * Walks the whole chain, then compares its end with the number kept in the counter table, with the signed file beside
 * the database, and with a head that somebody noted elsewhere.
 */
export async function verifyAudit(
  read: StoreReader,
  head: HeadFile,
  noted: ChainEnd | undefined,
): Promise<AuditVerdict> {
  const atLeast = await read.counter("audit");
  let end: ChainEnd = EMPTY_CHAIN;
  let notedFits = noted === undefined || (noted.id === 0 && noted.hash === EMPTY_CHAIN.hash);
  // A record of number 0 or less is one that somebody put there.
  let afterId = Number.MIN_SAFE_INTEGER;
  for (;;) {
    const rows = await read.auditAfter(afterId, PAGE);
    for (const row of rows) {
      const step = follow(end, row);
      if (isBreak(step)) return { sound: end.id, head: end, broken: step };
      end = step;
      if (noted?.id === end.id) notedFits = noted.hash === end.hash;
    }
    if (rows.length < PAGE) break;
    afterId = end.id;
  }
  const found = (record: number, reason: string): AuditVerdict => ({
    sound: end.id,
    head: end,
    broken: { record, reason },
  });
  if (end.id < atLeast) return found(end.id + 1, `missing: there were ${atLeast} records`);
  const disagreement = await disagreementOf(head, read);
  if (disagreement !== undefined) {
    const record = head.state === "read" ? Math.min(head.id, end.id + 1) : end.id;
    return found(record, `the head beside the database: ${disagreement}`);
  }
  if (head.state === "missing") return found(end.id, "the head beside the database is missing");
  if (!notedFits) return found(noted?.id ?? 0, "is not the one whose hash was noted");
  return { sound: end.id, head: end, broken: null };
}
