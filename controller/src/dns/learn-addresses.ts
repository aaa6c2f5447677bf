import { TYPE } from "@vsix/shared/dns/model.ts";
import { OUTCOME } from "@vsix/shared/dns/row.ts";
import { translatedBy, WELL_KNOWN_PREFIX } from "@vsix/shared/net/pref64.ts";
import { parsePrefix } from "@vsix/shared/net/prefix.ts";
import { formatIp } from "../core/dns/ip.ts";
import { outcomeReader } from "./count.ts";
import { rowsWithin, timesUsOf } from "./minute.ts";
import { Scratch } from "./segment-parts.ts";
import { isMarked, type SegmentSource } from "./segment-source.ts";

/** Replies of one segment that are looked into: the most frequent. */
const MAX_REPLIES = 2_000;
/** Addresses of one minute. */
const MAX_ADDRESSES = 5_000;

const well = parsePrefix(WELL_KNOWN_PREFIX);
const PREF64 = well === undefined ? [] : [well];

/** Counts the native addresses that users' AAAA questions were answered with. Throws DnsSegmentError. */
export function learnAddresses(
  source: SegmentSource,
  fromUs: number,
  untilUs: number,
  addresses: Map<string, number>,
): void {
  const scratch = new Scratch();
  for (const stored of source.within(fromUs, untilUs)) {
    const segment = source.open(stored, scratch);
    if (segment === undefined) continue;
    const kinds = segment.columns.numbers("kind", segment.rows);
    const outcomeOf = outcomeReader(segment);
    const replies = segment.replies();
    const counts = new Map<number, { row: number; count: number }>();
    for (const row of rowsWithin(timesUsOf(segment), fromUs, untilUs)) {
      if (outcomeOf(row) !== OUTCOME.native || (((kinds[row] as number) >> 2) & 1) !== 0) continue;
      if (isMarked(stored.marks, row)) continue;
      const reply = replies[row] as number;
      const known = counts.get(reply);
      if (known === undefined) counts.set(reply, { row, count: 1 });
      else known.count++;
    }
    const frequent = [...counts.values()].sort((a, b) => b.count - a.count).slice(0, MAX_REPLIES);
    for (const { row, count } of frequent) {
      const found = (segment.pair(row).response?.answers ?? []).filter(
        ({ type, rdata }) =>
          type === TYPE.AAAA && rdata.length === 16 && translatedBy(PREF64, rdata) === undefined,
      );
      // A name's addresses share its weight.
      for (const { rdata } of found) {
        const address = formatIp(rdata);
        if (addresses.size >= MAX_ADDRESSES && !addresses.has(address)) continue;
        addresses.set(address, (addresses.get(address) ?? 0) + count / found.length);
      }
    }
  }
}
