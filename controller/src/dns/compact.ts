import { randomInt } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { mergeSegments } from "@vsix/shared/dns/merge-segments.ts";
import { Segment } from "@vsix/shared/dns/segment.ts";
import type { DigestParts } from "@vsix/shared/dns/segment-digest.ts";
import { DnsSegmentError } from "@vsix/shared/dns/segment-error.ts";
import { countRows } from "./count.ts";
import type { Database } from "./database.ts";
import {
  digestOctets,
  digestOfParts,
  FRESH,
  SEGMENT_CODEC,
  type SegmentPart,
  SegmentParts,
  splitSegment,
} from "./segment-parts.ts";
import type { Tally } from "./tallies.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
/** Segments that are put together at once. */
const MAX_SOURCES = 256;

interface Level {
  /** What `merged` says before, and after. */
  readonly from: 0 | 1;
  readonly to: 1 | 2;
  /** Segments that begin in the same span of so long are put together, milliseconds. */
  readonly spanMs: number;
  /** How long ago they came at least: what comes late for the same span has come by then, mostly. */
  readonly settledMs: number;
  /** Rows of what is made; a segment with a quarter of it is left as it is. */
  readonly rows: number;
}

/** Days are small ones: whoever asks for a minute opens all of it. */
const LEVELS: readonly Level[] = [
  { from: 0, to: 1, spanMs: HOUR_MS, settledMs: 2 * HOUR_MS, rows: 32_768 },
  { from: 1, to: 2, spanMs: DAY_MS, settledMs: 26 * HOUR_MS, rows: 8_192 },
];
/** Whoever holds a list of segments for longer than this, holds it in vain. */
const MOVED_KEPT_MS = DAY_MS;

interface Small {
  readonly id: number;
  readonly node: string;
  readonly instance: string;
  readonly sequence: number;
  readonly firstUs: number;
  readonly lastUs: number;
  readonly pairs: number;
  readonly octets: number;
  readonly storedMs: number;
  readonly points: string;
  readonly marks: Uint8Array | null;
}

/** What several have become. */
interface Merged {
  readonly octets: number;
  readonly parts: readonly SegmentPart[];
  readonly digest: DigestParts | undefined;
}

const COLUMNS =
  "id, node, instance, sequence, first_us AS firstUs, last_us AS lastUs, pairs, octets, stored_ms AS storedMs, points, marks";

/**
 * Puts small segments of one node together, those of an hour and then those of a day: many small routers would make millions of them.
 * All in one transaction, so that each pair is there once at every moment. What counts no longer the same is left as it came.
 */
export class Compactor {
  readonly #seed = randomInt(2 ** 32);
  readonly #db: Database;
  readonly #parts: SegmentParts;
  readonly #oldest;
  readonly #group;
  readonly #mark;
  readonly #remove;
  readonly #insert;
  readonly #move;
  readonly #forget;

  constructor(db: Database) {
    this.#db = db;
    this.#parts = new SegmentParts(db);
    this.#oldest = db.prepare(
      `SELECT ${COLUMNS} FROM segment WHERE merged = ? AND merged < 2 ORDER BY stored_ms LIMIT 1`,
    );
    // With the day, those of a day that was put together before: what came late is added to it.
    this.#group = db.prepare(
      `SELECT ${COLUMNS} FROM segment WHERE node = @node AND first_us >= @fromUs AND first_us < @untilUs
         AND pairs < @most AND stored_ms <= @settledMs AND (merged = @from OR (@to = 2 AND merged = 2))
       ORDER BY first_us, id LIMIT ${MAX_SOURCES}`,
    );
    this.#mark = db.prepare("UPDATE segment SET merged = ? WHERE id = ?");
    this.#remove = db.prepare("DELETE FROM segment WHERE id = ?");
    this.#insert = db.prepare(
      `INSERT INTO segment (node, instance, sequence, first_us, last_us, pairs, octets, digest, stored_ms, points, marks, merged)
       VALUES (@node, @instance, @sequence, @firstUs, @lastUs, @pairs, @octets, @digest, @storedMs, @points, @marks, @merged)`,
    );
    this.#move = db.prepare("INSERT INTO moved (id, into_id, start, at_ms) VALUES (?, ?, ?, ?)");
    this.#forget = db.prepare("DELETE FROM moved WHERE at_ms < ?");
  }

  /** Works for about so long; returns of how many segments it has decided what becomes of them. */
  work(nowMs: number, budgetMs: number): number {
    const untilMs = performance.now() + budgetMs;
    let decided = 0;
    this.#forget.run(nowMs - MOVED_KEPT_MS);
    for (const level of LEVELS) {
      while (performance.now() < untilMs) {
        const done = this.#step(level, nowMs);
        if (done === undefined) break;
        decided += done;
      }
    }
    return decided;
  }

  /** One group; undefined where nothing is due. */
  #step({ from, to, spanMs, settledMs, rows }: Level, nowMs: number): number | undefined {
    const oldest = this.#oldest.get(from) as Small | undefined;
    const settled = nowMs - settledMs;
    if (oldest === undefined || oldest.storedMs > settled) return undefined;
    const most = rows / 4;
    const alone = (): number => {
      this.#mark.run(to, oldest.id);
      return 1;
    };
    if (oldest.pairs >= most) return alone();
    const fromUs = Math.floor(oldest.firstUs / 1000 / spanMs) * spanMs * 1000;
    const span = { node: oldest.node, fromUs, untilUs: fromUs + spanMs * 1000 };
    const all = this.#group.all({ ...span, most, settledMs: settled, from, to }) as Small[];
    const group = firstOf(all, rows);
    if (group.length < 2) return alone();
    const merged = this.#merge(group);
    if (merged === undefined) {
      for (const { id } of group) this.#mark.run(to, id);
      return alone();
    }
    this.#replace(group, merged, to, nowMs);
    return group.length;
  }

  /** Undefined where they cannot be one: whatever a node made of its octets, nothing may count otherwise than before. */
  #merge(group: readonly Small[]): Merged | undefined {
    try {
      const segments = group.flatMap(({ id, octets }) => this.#parts.open(id, octets, FRESH) ?? []);
      if (segments.length < group.length) return undefined;
      const bytes = mergeSegments(segments, SEGMENT_CODEC, this.#seed);
      if (bytes === undefined) return undefined;
      const [before, after]: [Tally, Tally] = [{}, {}];
      for (const segment of segments) count(segment, before);
      const merged = new Segment(bytes, SEGMENT_CODEC);
      count(merged, after);
      if (!isDeepStrictEqual(before, after)) return undefined;
      const parts = splitSegment(bytes);
      return { octets: bytes.length, parts, digest: digestOfParts(merged, parts) };
    } catch (error) {
      if (!(error instanceof DnsSegmentError)) throw error;
      return undefined;
    }
  }

  #replace(group: readonly Small[], made: Merged, merged: number, nowMs: number): void {
    const [first] = group;
    if (first === undefined) return;
    const { node, instance, sequence } = first;
    const pairs = group.reduce((sum, one) => sum + one.pairs, 0);
    this.#db.transaction(() => {
      for (const { id } of group) {
        this.#parts.remove(id);
        this.#remove.run(id);
      }
      const { lastInsertRowid } = this.#insert.run({
        node,
        instance,
        sequence,
        firstUs: Math.min(...group.map(({ firstUs }) => firstUs)),
        lastUs: Math.max(...group.map(({ lastUs }) => lastUs)),
        pairs,
        octets: made.octets,
        digest: digestOctets(made.digest),
        // Kept as long as its oldest: no pair stays longer than was told.
        storedMs: Math.min(...group.map(({ storedMs }) => storedMs)),
        points: JSON.stringify([...new Set(group.flatMap(({ points }) => JSON.parse(points) as string[]))]),
        marks: marksOf(group, pairs),
        merged,
      });
      const into = Number(lastInsertRowid);
      this.#parts.insert(into, made.parts, made.digest);
      let start = 0;
      for (const { id, pairs: rows } of group) {
        this.#move.run(id, into, start, nowMs);
        start += rows;
      }
    })();
  }
}

/** As many as have so many rows together. */
function firstOf(all: readonly Small[], rows: number): readonly Small[] {
  let sum = 0;
  const past = all.findIndex(({ pairs }) => {
    sum += pairs;
    return sum > rows;
  });
  return past === -1 ? all : all.slice(0, past);
}

function count(segment: Segment, tally: Tally): void {
  countRows(
    segment,
    Uint32Array.from({ length: segment.rows }, (_, row) => row),
    tally,
  );
}

function marksOf(group: readonly Small[], pairs: number): Uint8Array | null {
  if (group.every(({ marks }) => marks === null)) return null;
  const bits = new Uint8Array((pairs + 7) >> 3);
  let start = 0;
  for (const { marks, pairs: rows } of group) {
    for (let row = 0; marks !== null && row < rows; row++) {
      if ((((marks[row >> 3] ?? 0) >> (row & 7)) & 1) === 0) continue;
      const at = start + row;
      bits[at >> 3] = (bits[at >> 3] as number) | (1 << (at & 7));
    }
    start += rows;
  }
  return bits;
}
