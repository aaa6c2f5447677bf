import type { EncodedColumn } from "./planes.ts";
import { FIXED_HEADER, MAGIC, MAX_TYPES, VERSION } from "./segment-layout.ts";
import type { SegmentStatistics } from "./segment-statistics.ts";

export interface SegmentParts {
  readonly rows: number;
  readonly leastNs: bigint;
  readonly greatestNs: bigint;
  readonly firstEndNs: bigint;
  readonly statistics: SegmentStatistics;
  readonly columns: readonly EncodedColumn[];
}

/** Puts header and planes one behind the other: layout in segment-layout.ts. */
export function writeSegment(parts: SegmentParts): Uint8Array<ArrayBuffer> {
  const types = parts.statistics.types(MAX_TYPES);
  const rcodes = parts.statistics.rcodes(MAX_TYPES);
  let header = FIXED_HEADER + 2 + (types.length + rcodes.length) * 6 + 1;
  let body = 0;
  for (const { planes } of parts.columns) {
    header += 6 + planes.length * 5;
    for (const { octets } of planes) body += octets.length;
  }
  const blob = new Uint8Array(header + body);
  const view = new DataView(blob.buffer);
  let at = 0;
  const put8 = (value: number): void => {
    blob[at++] = value;
  };
  const put16 = (value: number): void => {
    view.setUint16(at, value, true);
    at += 2;
  };
  const put32 = (value: number): void => {
    view.setUint32(at, value, true);
    at += 4;
  };
  put32(MAGIC);
  put32(VERSION);
  put32(header);
  put32(parts.rows);
  for (const time of [parts.leastNs, parts.greatestNs, parts.firstEndNs]) {
    view.setBigInt64(at, time, true);
    at += 8;
  }
  for (const count of [...parts.statistics.outcomes, ...parts.statistics.halves]) put32(count);
  for (const list of [types, rcodes]) {
    put8(list.length);
    for (const [number, count] of list) {
      put16(number);
      put32(count);
    }
  }
  put8(parts.columns.length);
  for (const { column, values, planes } of parts.columns) {
    put8(column);
    put8(planes.length);
    put32(values);
    for (const { codec, octets } of planes) {
      put8(codec);
      put32(octets.length);
    }
  }
  for (const { planes } of parts.columns) {
    for (const { octets } of planes) {
      blob.set(octets, at);
      at += octets.length;
    }
  }
  return blob;
}
