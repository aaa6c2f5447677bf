import { type DnsBatchMeta, DnsMessageError } from "@vsix/shared/contract/up-dns.ts";
import { nameLength } from "@vsix/shared/dns/name.ts";
import { Segment } from "@vsix/shared/dns/segment.ts";
import { DnsSegmentError } from "@vsix/shared/dns/segment-error.ts";
import type { ColumnName } from "@vsix/shared/dns/segment-layout.ts";
import { SEGMENT_CODEC } from "./segment-parts.ts";

/**
 * Opens everything that questions will open, once, before a segment is stored: a node is not trusted to be sane, and a
 * segment that cannot be read must not spoil every answer from then on. Throws {@link DnsSegmentError}, DnsMessageError.
 * Returns the segment, opened.
 */
export function checkSegment(bytes: Uint8Array, meta: DnsBatchMeta): Segment {
  const segment = new Segment(bytes, SEGMENT_CODEC);
  const { rows, header, columns } = segment;
  if (rows !== meta.pairs) throw new DnsMessageError(`${rows} rows where ${meta.pairs} pairs are told`);
  const times = segment.times();
  const [least, greatest] = [Number(header.leastNs), Number(header.greatestNs)];
  const base = Number(header.firstEndNs);
  for (let row = 0; row < rows; row++) {
    // Doubles of this size are exact to 256 ns; a microsecond is what is asked of them.
    const time = base + (times[row] as number);
    if (time < least - 1_000 || time > greatest + 1_000)
      throw new DnsMessageError("a row outside the segment's time");
  }
  if (least < meta.firstUs * 1000 - 2_000 || greatest > meta.lastUs * 1000 + 2_000)
    throw new DnsMessageError("a segment outside the time that is told of it");
  segment.replies();
  segment.clients();
  segment.questionNames();
  columns.numbers("point", rows, columns.count("pointLengths"));
  columns.numbers("server", rows, columns.count("serverLengths"));
  lengthsAre(segment, "clientLengths", "clientOctets", [4, 16]);
  lengthsAre(segment, "serverLengths", "serverOctets", [6, 18]);
  checkNames(segment);
  for (let row = 0; row < Math.min(rows, 8); row++) segment.pair(row);
  return segment;
}

function lengthsAre(
  segment: Segment,
  lengths: ColumnName,
  octets: ColumnName,
  allowed: readonly number[],
): void {
  segment.dictionary(lengths, octets);
  for (const length of segment.columns.numbers(lengths))
    if (!allowed.includes(length))
      throw new DnsSegmentError("bad-column", `${lengths}: an entry of ${length} octets`);
}

function checkNames(segment: Segment): void {
  const starts = segment.dictionary("nameLengths", "nameOctets");
  const octets = segment.columns.octets("nameOctets");
  for (let id = 0; id + 1 < starts.length; id++) {
    const [from = 0, end = 0] = [starts[id], starts[id + 1]];
    if (nameLength(octets.subarray(from, end), 0) !== end - from)
      throw new DnsSegmentError("bad-column", `name ${id} is none`);
  }
}
