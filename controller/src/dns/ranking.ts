import { TYPE } from "@vsix/shared/dns/model.ts";
import { formatName } from "@vsix/shared/dns/name.ts";
import { OUTCOME, outcomeName } from "@vsix/shared/dns/row.ts";
import type { Segment } from "@vsix/shared/dns/segment.ts";
import { formatIp } from "../core/dns/ip.ts";
import { outcomesOf } from "./count.ts";
import { READ } from "./segment-source.ts";
import { addUp, type Tally } from "./tallies.ts";

/** What rows are ranked by. */
export type RankedKind = "name" | "client";

/** Beyond so many keys the rarest half is let go of, so a flood of made-up names costs accuracy at the bottom, not memory. */
const MAX_KEYS = 400_000;

/** Of a key: all, and by what; the order of TALLIED. */
export const TALLIED = [
  "pairs",
  "a",
  "aaaa",
  "https",
  "native",
  "translated",
  "nodata",
  "nxdomain",
  "servfail",
  "unanswered",
  "other",
] as const;
const WIDTH = TALLIED.length;
const FIRST_OUTCOME = 4;
const TYPE_CELL: ReadonlyMap<number, number> = new Map([
  [TYPE.A, 1],
  [TYPE.AAAA, 2],
  [TYPE.HTTPS, 3],
]);

export const RANK_COLUMNS = {
  name: [...READ.questions, ...READ.replies, ...READ.names],
  client: [...READ.questions, ...READ.replies, ...READ.clients],
} as const;

/** Counts by name or by client over many segments, in memory that is bounded. */
export class Ranking {
  readonly #kind: RankedKind;
  readonly #keys = new Map<string, Uint32Array>();
  #inexact = false;

  constructor(kind: RankedKind) {
    this.#kind = kind;
  }

  /** True where there were too many keys to keep all: counts at the bottom may be too low. */
  get inexact(): boolean {
    return this.#inexact;
  }

  /** Throws DnsSegmentError. */
  add(segment: Segment, rows: Uint32Array): void {
    if (rows.length === 0) return;
    const { columns } = segment;
    const questions = segment.questions();
    const names = segment.questionNames();
    const types = columns.numbers("questionType", names.length);
    const outcomes = outcomesOf(segment);
    const keyOf = this.#kind === "name" ? undefined : segment.clients();
    const size = this.#kind === "name" ? columns.count("nameLengths") : columns.count("clientLengths");
    const counts = new Uint32Array(size * WIDTH);
    const cells = Uint8Array.from(types, (type) => TYPE_CELL.get(type) ?? 0);
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i] as number;
      const question = questions[row] as number;
      const key = keyOf === undefined ? (names[question] as number) : (keyOf[row] as number);
      const at = key * WIDTH;
      counts[at] = (counts[at] as number) + 1;
      const cell = cells[question] as number;
      if (cell !== 0) counts[at + cell] = (counts[at + cell] as number) + 1;
      const outcome = outcomes[row] as number;
      if (outcome !== OUTCOME.none && outcome <= OUTCOME.other) {
        const place = at + FIRST_OUTCOME + outcome - 1;
        counts[place] = (counts[place] as number) + 1;
      }
    }
    for (let key = 0; key < size; key++)
      if (counts[key * WIDTH] !== 0)
        this.#merge(this.#textOf(segment, key), counts.subarray(key * WIDTH, (key + 1) * WIDTH));
  }

  /** Adds what was counted elsewhere. */
  addTally(key: string, tally: Readonly<Tally>): void {
    this.#merge(
      key,
      Uint32Array.from(TALLIED, (name) => tally[name] ?? 0),
    );
  }

  /** The greatest by one count, or by what a function says; those with nothing of it are left out. */
  top(
    limit: number,
    by: (tally: Tally) => number = ({ pairs = 0 }) => pairs,
  ): { key: string; tally: Tally }[] {
    const found: { key: string; tally: Tally; weight: number }[] = [];
    for (const [key, counts] of this.#keys) {
      const tally: Tally = {};
      for (let i = 0; i < WIDTH; i++) if (counts[i] !== 0) tally[TALLIED[i] as string] = counts[i] as number;
      const weight = by(tally);
      if (weight > 0) found.push({ key, tally, weight });
    }
    found.sort((a, b) => b.weight - a.weight || (a.key < b.key ? -1 : 1));
    return found.slice(0, limit).map(({ key, tally }) => ({ key, tally }));
  }

  get size(): number {
    return this.#keys.size;
  }

  #textOf(segment: Segment, key: number): string {
    return this.#kind === "name"
      ? formatName(segment.entry("nameLengths", "nameOctets", key))
      : formatIp(segment.entry("clientLengths", "clientOctets", key));
  }

  #merge(key: string, counts: Uint32Array): void {
    const sum = this.#keys.get(key);
    if (sum !== undefined) {
      for (let i = 0; i < WIDTH; i++) sum[i] = (sum[i] as number) + (counts[i] as number);
      return;
    }
    this.#keys.set(key, counts.slice());
    if (this.#keys.size > MAX_KEYS) this.#shrink();
  }

  #shrink(): void {
    const counts = Uint32Array.from(this.#keys.values(), (sum) => sum[0] as number).sort();
    const middle = counts[counts.length >> 1] ?? 0;
    let left = this.#keys.size - MAX_KEYS / 2;
    for (const [key, sum] of this.#keys) {
      if (left <= 0) break;
      if ((sum[0] as number) > middle) continue;
      this.#keys.delete(key);
      left--;
    }
    this.#inexact = true;
  }
}

/** Whether a name needs IPv4: it was asked for AAAA, and nobody got a native one. */
export function needsIpv4({ native = 0, translated = 0, nodata = 0 }: Tally): boolean {
  return native === 0 && translated + nodata > 0;
}

/** Counts by outcome of a whole ranking. */
export function sumOf(rows: readonly { readonly tally: Tally }[]): Tally {
  return rows.reduce((sum: Tally, { tally }) => addUp(sum, tally), {});
}

export const outcomeNames = Array.from({ length: 7 }, (_, i) => outcomeName(i + 1));
