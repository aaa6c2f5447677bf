import { BytesTable, type WordBuffer } from "./bytes-table.ts";
import { Grown } from "./grown.ts";
import { type EncodedColumn, encodeColumn } from "./planes.ts";
import type { Room } from "./room.ts";
import { COLUMN, type PlaneCodec, QUESTION_TAIL } from "./segment-layout.ts";

/** What is asked, and how: everything of a query that the next one for the same name is likely to have again. */
export class QuestionColumns {
  readonly type: Grown;
  readonly #keys: BytesTable;
  readonly #names: BytesTable;
  readonly #mapName: ((name: Uint8Array) => Uint8Array) | undefined;
  readonly #name = new Grown();
  readonly #class = new Grown();
  readonly #flags = new Grown();
  readonly #edns = new Grown();
  readonly #size = new Grown();
  /** Flags and size in one, then EDNS: side by side, for both are looked at for each row. */
  readonly #ways: Grown;
  /** The reply last given, plus one. */
  readonly #last: Grown;
  #known = 0;

  constructor(
    seed: number,
    names: BytesTable,
    mapName: ((name: Uint8Array) => Uint8Array) | undefined,
    room: Room,
    about: number,
  ) {
    this.#keys = new BytesTable(seed, about, about * 32, room);
    // Those that each row asks for; the others are only written, one behind the other.
    this.type = new Grown(about, room);
    this.#ways = new Grown(about * 2, room);
    this.#last = new Grown(about, room);
    this.#names = names;
    this.#mapName = mapName;
  }

  /** Whether it was asked in this way: flags, EDNS and size, of a query that was seen. */
  isAsked(id: number, flags: number, edns: number, size: number): boolean {
    const ways = this.#ways.values;
    return ways[id * 2] === ((flags << 16) | size) >>> 0 && ways[id * 2 + 1] === edns;
  }

  intern(key: WordBuffer, first: number, octets: number): number {
    const id = this.#keys.internWords(key, first, octets);
    if (id < this.#name.length) return id;
    const { bytes } = key;
    const from = first * 4;
    const tail = from + octets - QUESTION_TAIL;
    const word = (at: number): number => ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
    this.#name.push(
      this.#mapName === undefined
        ? this.#names.internPart(key, first, tail - from)
        : internName(this.#names, bytes, from, tail, this.#mapName),
    );
    this.type.push(word(tail));
    this.#class.push(word(tail + 2));
    this.#flags.push(word(tail + 4));
    this.#edns.push(((word(tail + 6) << 16) | word(tail + 8)) >>> 0);
    // 0 where no query was seen, for a message of no octets there is not.
    this.#size.push(bytes[tail + 12] === 0 ? 0 : word(tail + 10));
    this.#last.push(0);
    this.#ways.push(((word(tail + 4) << 16) | word(tail + 10)) >>> 0);
    this.#ways.push(((word(tail + 6) << 16) | word(tail + 8)) >>> 0);
    return id;
  }

  /** Remembers the reply, and says how it is written. */
  answered(question: number, reply: number): number {
    const known = this.#last.values[question];
    this.#last.values[question] = reply + 1;
    if (known === reply + 1) return 0;
    if (reply < this.#known) return reply + 2;
    this.#known = reply + 1;
    return 1;
  }

  encode(codec: PlaneCodec): EncodedColumn[] {
    const column = (number: number, { values, length }: Grown): EncodedColumn =>
      encodeColumn(number, values, length, codec);
    return [
      column(COLUMN.questionName, this.#name),
      column(COLUMN.questionType, this.type),
      column(COLUMN.questionClass, this.#class),
      column(COLUMN.questionFlags, this.#flags),
      column(COLUMN.questionEdns, this.#edns),
      column(COLUMN.questionSize, this.#size),
    ];
  }

  clear(): void {
    this.#keys.clear();
    this.#known = 0;
    for (const column of [
      this.#name,
      this.type,
      this.#class,
      this.#flags,
      this.#edns,
      this.#size,
      this.#last,
      this.#ways,
    ]) {
      column.clear();
    }
  }
}

export function internName(
  names: BytesTable,
  bytes: Uint8Array,
  from: number,
  end: number,
  map: ((name: Uint8Array) => Uint8Array) | undefined,
): number {
  if (map === undefined) return names.intern(bytes, from, end);
  const mapped = map(bytes.slice(from, end));
  return names.intern(mapped, 0, mapped.length);
}
