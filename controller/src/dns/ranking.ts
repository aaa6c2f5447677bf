import { BytesTable } from "@vsix/shared/dns/bytes-table.ts";
import { formatName, parseName } from "@vsix/shared/dns/name.ts";
import type { Segment } from "@vsix/shared/dns/segment.ts";
import type { SegmentDigest } from "@vsix/shared/dns/segment-digest.ts";
import { formatIp, parseIp } from "../core/dns/ip.ts";
import { countByKey, FIRST_OUTCOME, type RankedKind, TALLIED, WIDTH } from "./rank-rows.ts";
import type { Tally } from "./tallies.ts";

/** Beyond so many keys the rarest half is let go of, so a flood of made-up names costs accuracy at the bottom, not memory. */
const MAX_KEYS = 1_000_000;

/** Which keys are wanted, and in which order. */
export type RankBy = "all" | "a" | "aaaa" | "ready" | "ipv4";

export interface Ranked {
  readonly key: string;
  readonly tally: Tally;
}

/** A ranking as octets and numbers: key i has the next `lengths[i]` octets, and of each of WIDTH counts the i-th. */
export interface PackedRanking {
  readonly lengths: Uint8Array;
  readonly octets: Uint8Array;
  readonly counts: Uint32Array;
  readonly inexact: boolean;
}

/** Counts by name or by client over many segments, in memory that is bounded. Keys are octets until somebody reads them. */
export class Ranking {
  readonly #kind: RankedKind;
  readonly #seed: number;
  #table: BytesTable;
  /** WIDTH counts a key. */
  #counts = new Uint32Array(1024 * WIDTH);
  #scratch = new Uint32Array();
  #inexact = false;

  /** @param seed of the hash table; any 32 bits that nobody outside knows */
  constructor(kind: RankedKind, seed: number) {
    this.#kind = kind;
    this.#seed = seed;
    this.#table = new BytesTable(seed);
  }

  /** True where there were too many keys to keep all: counts at the bottom may be too low. */
  get inexact(): boolean {
    return this.#inexact;
  }

  get size(): number {
    return this.#table.size;
  }

  /** With its digest, where it has one, most columns are not opened. Throws DnsSegmentError. */
  add(segment: Segment, rows: Uint32Array, digest?: SegmentDigest): void {
    if (rows.length === 0) return;
    const { columns } = segment;
    const [lengths, octetsOf] =
      this.#kind === "name"
        ? (["nameLengths", "nameOctets"] as const)
        : (["clientLengths", "clientOctets"] as const);
    const counts = this.#cleared(columns.count(lengths) * WIDTH);
    countByKey(this.#kind, segment, rows, counts, digest);
    const wanted = new Uint32Array(columns.count(lengths));
    let count = 0;
    for (let key = 0; key < wanted.length; key++) if (counts[key * WIDTH] !== 0) wanted[count++] = key;
    const ids = new Uint32Array(count);
    const starts = segment.dictionary(lengths, octetsOf);
    this.#table.internMany({ octets: columns.octets(octetsOf), starts }, wanted, count, ids);
    const sums = this.#roomFor(this.size);
    for (let i = 0; i < count; i++)
      addTo(sums, (ids[i] as number) * WIDTH, counts, (wanted[i] as number) * WIDTH);
    if (this.size >= MAX_KEYS) this.#shrink();
  }

  /** Everything counted, to be kept or sent. */
  packed(): PackedRanking {
    const { size } = this;
    const counts = new Uint32Array(size * WIDTH);
    for (let id = 0; id < size; id++)
      for (let i = 0; i < WIDTH; i++) counts[i * size + id] = this.#counts[id * WIDTH + i] as number;
    return {
      lengths: Uint8Array.from(this.#table.lengths()),
      octets: this.#table.joined(),
      counts,
      inexact: this.#inexact,
    };
  }

  /** Adds a ranking of the same kind, as `packed()` gave it. */
  addPacked({ lengths, octets, counts, inexact }: PackedRanking): void {
    const keys = lengths.length;
    const starts = new Uint32Array(keys + 1);
    for (let key = 0; key < keys; key++) starts[key + 1] = (starts[key] as number) + (lengths[key] as number);
    const wanted = Uint32Array.from({ length: keys }, (_, key) => key);
    const ids = new Uint32Array(keys);
    this.#table.internMany({ octets, starts }, wanted, keys, ids);
    const sums = this.#roomFor(this.size);
    for (let i = 0; i < WIDTH; i++)
      for (let key = 0; key < keys; key++) {
        const count = counts[i * keys + key] as number;
        if (count === 0) continue;
        const at = (ids[key] as number) * WIDTH + i;
        sums[at] = (sums[at] as number) + count;
      }
    this.#inexact ||= inexact;
    if (this.size >= MAX_KEYS) this.#shrink();
  }

  /** Adds what was counted elsewhere; a key that is none is left out. */
  addTally(key: string, tally: Readonly<Tally>): void {
    const bytes = this.#kind === "name" ? parseName(key) : parseIp(key);
    if (bytes === undefined) return;
    const counts = Uint32Array.from(TALLIED, (name) => tally[name] ?? 0);
    this.#merge(bytes, 0, bytes.length, counts, 0);
  }

  /** The greatest, and how many keys there are with anything of it. */
  top(limit: number, by: RankBy): { readonly rows: readonly Ranked[]; readonly keys: number } {
    const weights = new Uint32Array(this.size);
    let keys = 0;
    for (let id = 0; id < this.size; id++) {
      const weight = weightOf(this.#counts, id * WIDTH, by);
      weights[id] = weight;
      if (weight > 0) keys++;
    }
    const least = keys <= limit ? 1 : Math.max(1, weights.toSorted().at(-limit) ?? 1);
    const found: { readonly id: number; readonly weight: number; readonly key: string }[] = [];
    // Of many alike at the end some are enough: which of them is nobody's question.
    let alike = Math.min(limit, 10_000) * 4;
    for (let id = 0; id < weights.length; id++) {
      const weight = weights[id] as number;
      if (weight < least || (weight === least && keys > limit && alike-- <= 0)) continue;
      found.push({ id, weight, key: this.#text(id) });
    }
    found.sort((a, b) => b.weight - a.weight || (a.key < b.key ? -1 : 1));
    const rows = found.slice(0, limit).map(({ id, key }) => ({ key, tally: this.#tally(id) }));
    return { rows, keys };
  }

  /** Of all keys. */
  total(): Tally {
    const sums = new Array<number>(WIDTH).fill(0);
    for (let id = 0; id < this.size; id++)
      for (let i = 0; i < WIDTH; i++)
        sums[i] = (sums[i] as number) + (this.#counts[id * WIDTH + i] as number);
    return tallyOf(sums);
  }

  #text(id: number): string {
    const bytes = this.#table.at(id);
    return this.#kind === "name" ? formatName(bytes) : formatIp(bytes);
  }

  #tally(id: number): Tally {
    return tallyOf(this.#counts.subarray(id * WIDTH, (id + 1) * WIDTH));
  }

  #merge(octets: Uint8Array, from: number, end: number, counts: Uint32Array, at: number): void {
    const own = this.#table.intern(octets, from, end) * WIDTH;
    addTo(this.#roomFor(this.size), own, counts, at);
    if (own >= MAX_KEYS * WIDTH) this.#shrink();
  }

  #roomFor(keys: number): Uint32Array {
    if (keys * WIDTH > this.#counts.length) {
      const wider = new Uint32Array(Math.max(keys * WIDTH, this.#counts.length * 2));
      wider.set(this.#counts);
      this.#counts = wider;
    }
    return this.#counts;
  }

  /** Zeros, in memory that the segment before has used. */
  #cleared(length: number): Uint32Array {
    if (length > this.#scratch.length) this.#scratch = new Uint32Array(length);
    return this.#scratch.fill(0, 0, length);
  }

  #shrink(): void {
    const [table, counts] = [this.#table, this.#counts];
    const all = Uint32Array.from({ length: table.size }, (_, id) => counts[id * WIDTH] as number);
    const middle = all.toSorted()[table.size >> 1] ?? 0;
    let spare = table.size - MAX_KEYS / 2;
    this.#table = new BytesTable(this.#seed);
    this.#counts = new Uint32Array(MAX_KEYS * WIDTH);
    for (let id = 0; id < table.size; id++) {
      if ((all[id] as number) <= middle && spare-- > 0) continue;
      const bytes = table.at(id);
      this.#merge(bytes, 0, bytes.length, counts, id * WIDTH);
    }
    this.#inexact = true;
  }
}

function addTo(sums: Uint32Array, at: number, counts: Uint32Array, from: number): void {
  for (let i = 0; i < WIDTH; i++) {
    const count = counts[from + i] as number;
    if (count !== 0) sums[at + i] = (sums[at + i] as number) + count;
  }
}

function weightOf(counts: Uint32Array, at: number, by: RankBy): number {
  const native = counts[at + FIRST_OUTCOME] as number;
  switch (by) {
    case "all":
      return counts[at] as number;
    case "a":
      return counts[at + 1] as number;
    case "aaaa":
      return counts[at + 2] as number;
    case "ready":
      return native;
    case "ipv4":
      return native > 0
        ? 0
        : (counts[at + FIRST_OUTCOME + 1] as number) + (counts[at + FIRST_OUTCOME + 2] as number);
  }
}

function tallyOf(counts: ArrayLike<number>): Tally {
  const tally: Tally = {};
  for (let i = 0; i < WIDTH; i++) if (counts[i] !== 0) tally[TALLIED[i] as string] = counts[i] as number;
  return tally;
}
