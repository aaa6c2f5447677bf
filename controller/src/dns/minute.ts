import { hashBytes } from "@vsix/shared/dns/hash.ts";
import type { Segment } from "@vsix/shared/dns/segment.ts";
import { JOIN_MARGIN_US, joinRows } from "../core/dns/join.ts";
import { countRows } from "./count.ts";
import { FRESH, Scratch } from "./segment-parts.ts";
import { baseUs, type SegmentSource, type StoredSegment } from "./segment-source.ts";
import type { Tally } from "./tallies.ts";

/** What was seen in a span of time, everywhere and at each capture point. */
export interface SpanCounts {
  /** Each exchange once. */
  readonly all: Tally;
  /** By NODE/POINT, as seen there. */
  readonly points: ReadonlyMap<string, Tally>;
  /** Bits of rows that do not count, anew for each segment that has rows in the span and more than one point saw it. */
  readonly marks: ReadonlyMap<number, Uint8Array>;
  /** Rows in the span: what was decoded for it. */
  readonly rows: number;
}

interface Opened {
  readonly stored: StoredSegment;
  readonly segment: Segment;
  /** Of each row. */
  readonly timesUs: Float64Array;
  /** Number of the capture point by the number that the segment has for it. */
  readonly points: readonly number[];
}

/** Rows of several capture points that are compared at once: beyond them memory is what counts, and nothing is joined. */
const MAX_JOINED_ROWS = 6_000_000;
/** Rows of segments that are held open side by side. */
const MAX_HELD_ROWS = 6_000_000;

/** Joins and counts whatever was seen from one time to another. Throws DnsSegmentError. */
export function countSpan(source: SegmentSource, fromUs: number, untilUs: number): SpanCounts {
  const near = source.within(fromUs - JOIN_MARGIN_US, untilUs + JOIN_MARGIN_US);
  const captured = new Set(near.flatMap(({ node, points }) => points.map((point) => `${node}/${point}`)));
  const rows = near.reduce((sum, { pairs }) => sum + pairs, 0);
  const tallies: Tallies = { all: {}, points: new Map(), rows: 0 };
  const compared = near.reduce(
    (sum, stored) => sum + share(stored, fromUs - JOIN_MARGIN_US, untilUs + JOIN_MARGIN_US),
    0,
  );
  if (captured.size < 2 || compared > MAX_JOINED_ROWS) {
    const scratch = new Scratch();
    for (const stored of near) {
      if (stored.lastUs < fromUs || stored.firstUs >= untilUs) continue;
      const one = open(source, stored, [], scratch);
      if (one !== undefined) count(one, fromUs, untilUs, undefined, tallies);
    }
    if (captured.size > 1) tallies.all["unjoined"] = tallies.rows;
    return { ...tallies, marks: new Map() };
  }
  const points: string[] = [];
  // Each is opened twice where all together would take too much memory: one that was put together is of a day.
  const scratch = rows <= MAX_HELD_ROWS ? FRESH : new Scratch();
  const held = new Map<number, Opened>();
  const take = (stored: StoredSegment): Opened | undefined => {
    const one = held.get(stored.id) ?? open(source, stored, points, scratch);
    if (one !== undefined && scratch === FRESH) held.set(stored.id, one);
    return one;
  };
  const { marks, duplicates, joined } = join(near, take, fromUs, untilUs);
  for (const stored of near) {
    const one = take(stored);
    if (one !== undefined) count(one, fromUs, untilUs, marks.get(stored.id), tallies);
  }
  if (duplicates > 0) tallies.all["duplicates"] = duplicates;
  if (joined > 0) tallies.all["joined"] = joined;
  return { ...tallies, marks };
}

/** About how many rows of a segment are within a time. */
function share({ firstUs, lastUs, pairs }: StoredSegment, fromUs: number, untilUs: number): number {
  const overlap = Math.min(lastUs, untilUs) - Math.max(firstUs, fromUs);
  return lastUs <= firstUs ? pairs : Math.ceil((pairs * Math.max(0, overlap)) / (lastUs - firstUs));
}

interface Tallies {
  readonly all: Tally;
  readonly points: Map<string, Tally>;
  rows: number;
}

function count(
  { stored, segment, timesUs }: Opened,
  fromUs: number,
  untilUs: number,
  marks: Uint8Array | undefined,
  tallies: Tallies,
): void {
  const inside = rowsWithin(timesUs, fromUs, untilUs);
  if (inside.length === 0) return;
  tallies.rows += inside.length;
  const counted = marks === undefined ? inside : inside.filter((row) => !bitOf(marks, row));
  countRows(segment, counted, tallies.all);
  const ofPoint = segment.columns.numbers("point", segment.rows);
  for (const own of distinct(inside, ofPoint)) {
    const name = pointName(stored.node, segment, own);
    const tally = tallies.points.get(name) ?? {};
    tallies.points.set(name, tally);
    countRows(
      segment,
      inside.filter((row) => ofPoint[row] === own),
      tally,
    );
  }
}

function distinct(rows: Uint32Array, values: Uint32Array): ReadonlySet<number> {
  const found = new Set<number>();
  for (const row of rows) found.add(values[row] as number);
  return found;
}

/** Rows within the time; until exclusive. */
export function rowsWithin(timesUs: Float64Array, fromUs: number, untilUs: number): Uint32Array {
  const rows = new Uint32Array(timesUs.length);
  let count = 0;
  for (let row = 0; row < timesUs.length; row++) {
    const us = timesUs[row] as number;
    if (us >= fromUs && us < untilUs) rows[count++] = row;
  }
  return rows.subarray(0, count);
}

/** Of each row, microseconds since 1970. */
export function timesUsOf(segment: Segment): Float64Array {
  const base = baseUs(segment);
  const times = segment.times();
  const timesUs = new Float64Array(times.length);
  for (let row = 0; row < times.length; row++)
    timesUs[row] = base + Math.floor((times[row] as number) / 1000);
  return timesUs;
}

function open(
  source: SegmentSource,
  stored: StoredSegment,
  points: string[],
  scratch: Scratch,
): Opened | undefined {
  const segment = source.open(stored, scratch);
  if (segment === undefined) return undefined;
  const own: number[] = [];
  for (let id = 0; id < segment.columns.count("pointLengths"); id++) {
    const name = pointName(stored.node, segment, id);
    if (!points.includes(name)) points.push(name);
    own.push(points.indexOf(name));
  }
  return { stored, segment, timesUs: timesUsOf(segment), points: own };
}

/** NODE/POINT; what is no word of an interface's name is of a node that is not sane. */
function pointName(node: string, segment: Segment, id: number): string {
  const text = Buffer.from(segment.entry("pointLengths", "pointOctets", id)).toString("latin1");
  return `${node}/${/^[\x21-\x7e]{1,64}$/.test(text) ? text : "?"}`;
}

interface Chosen {
  readonly stored: StoredSegment;
  readonly segmentRows: number;
  readonly rows: Uint32Array;
  readonly compared: ComparedRows;
}

/** What `joinRows` compares, of the rows that one segment has near the time. */
interface ComparedRows {
  readonly timesUs: Float64Array;
  readonly keys: Float64Array;
  readonly points: Uint16Array;
  readonly halves: Uint8Array;
  readonly hashes: Uint32Array;
}

function chosenOf({ stored, segment, timesUs, points }: Opened, fromUs: number, untilUs: number): Chosen {
  const rows = rowsWithin(timesUs, fromUs, untilUs).slice();
  const keyOf = rows.length === 0 ? () => 0 : exchangeKeys(segment);
  const [kinds, ofPoint, hashes] = (["kind", "point", "hash"] as const).map((name) =>
    segment.columns.numbers(name, segment.rows),
  ) as [Uint32Array, Uint32Array, Uint32Array];
  const compared = {
    timesUs: Float64Array.from(rows, (row) => timesUs[row] as number),
    keys: Float64Array.from(rows, keyOf),
    points: Uint16Array.from(rows, (row) => points[ofPoint[row] as number] ?? 0),
    halves: Uint8Array.from(rows, (row) => (kinds[row] as number) & 3),
    hashes: Uint32Array.from(rows, (row) => hashes[row] as number),
  };
  return { stored, segmentRows: segment.rows, rows, compared };
}

function join(
  near: readonly StoredSegment[],
  take: (stored: StoredSegment) => Opened | undefined,
  fromUs: number,
  untilUs: number,
) {
  const all = near.flatMap((stored) => {
    const one = take(stored);
    return one === undefined ? [] : chosenOf(one, fromUs - JOIN_MARGIN_US, untilUs + JOIN_MARGIN_US);
  });
  const count = all.reduce((sum, { rows }) => sum + rows.length, 0);
  const rows = {
    count,
    timesUs: new Float64Array(count),
    keys: new Float64Array(count),
    points: new Uint16Array(count),
    halves: new Uint8Array(count),
    hashes: new Uint32Array(count),
  };
  let at = 0;
  for (const { compared } of all) {
    for (const name of ["timesUs", "keys", "points", "halves", "hashes"] as const)
      rows[name].set(compared[name], at);
    at += compared.keys.length;
  }
  const { dropped } = joinRows(rows);
  const marks = new Map<number, Uint8Array>();
  let duplicates = 0;
  let joined = 0;
  at = 0;
  for (const { stored, segmentRows, rows: chosen } of all) {
    const bits = new Uint8Array((segmentRows + 7) >> 3);
    if (stored.marks !== null) bits.set(stored.marks.subarray(0, bits.length));
    for (const row of chosen) {
      const drop = dropped[at] as number;
      const us = rows.timesUs[at] as number;
      if (us >= fromUs && us < untilUs) {
        bits[row >> 3] = ((bits[row >> 3] as number) & ~(1 << (row & 7))) | (drop === 0 ? 0 : 1 << (row & 7));
        if (drop === 1) duplicates++;
        else if (drop === 2) joined++;
      }
      at++;
    }
    marks.set(stored.id, bits);
  }
  return { marks, duplicates, joined };
}

/** 53 bits of everything that rows of one exchange have in common. */
function exchangeKeys(segment: Segment): (row: number) => number {
  const { columns, rows } = segment;
  const hashesOf = (lengths: "clientLengths" | "serverLengths" | "nameLengths", seed: number): Int32Array => {
    const of = {
      clientLengths: "clientOctets",
      serverLengths: "serverOctets",
      nameLengths: "nameOctets",
    } as const;
    const starts = segment.dictionary(lengths, of[lengths]);
    const octets = columns.octets(of[lengths]);
    return Int32Array.from({ length: starts.length - 1 }, (_, id) =>
      hashBytes(octets, starts[id] as number, starts[id + 1] as number, seed),
    );
  };
  const low = [
    hashesOf("clientLengths", 1),
    hashesOf("serverLengths", 2),
    hashesOf("nameLengths", 3),
  ] as const;
  const high = [
    hashesOf("clientLengths", 4),
    hashesOf("serverLengths", 5),
    hashesOf("nameLengths", 6),
  ] as const;
  const clients = segment.clients();
  const servers = columns.numbers("server", rows);
  const questions = segment.questions();
  const names = segment.questionNames();
  const types = columns.numbers("questionType", names.length);
  const ports = columns.numbers("clientPort", rows);
  const ids = columns.numbers("id", rows);
  const mixed = ([client, server, name]: typeof low, row: number, by: number): number => {
    const question = questions[row] as number;
    let hash = client[clients[row] as number] as number;
    hash = Math.imul(hash ^ (server[servers[row] as number] as number), by);
    hash = Math.imul((hash ^ (hash >>> 15)) + (name[names[question] as number] as number), by);
    hash = Math.imul((hash ^ (hash >>> 13)) + (((ports[row] as number) << 16) | (ids[row] as number)), by);
    hash = Math.imul((hash ^ (hash >>> 16)) + (types[question] as number), by);
    return (hash ^ (hash >>> 14)) >>> 0;
  };
  return (row) => mixed(low, row, 0x85ebca6b) * 2_097_152 + (mixed(high, row, 0xc2b2ae35) >>> 11);
}

function bitOf(bits: Uint8Array, row: number): boolean {
  return (((bits[row >> 3] ?? 0) >> (row & 7)) & 1) === 1;
}
