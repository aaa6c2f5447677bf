import { BytesTable, type WordBuffer } from "./bytes-table.ts";
import { Grown } from "./grown.ts";
import { type EncodedColumn, encodeColumn } from "./planes.ts";
import { FIELDS, Records } from "./records.ts";
import type { Room } from "./room.ts";
import { COLUMN, type PlaneCodec, QUESTION_TAIL } from "./segment-layout.ts";

/** Numbers of a question's record: flags and, in the lower half, size of the query; EDNS; type; number plus one of the reply last given. */
const [WAY, EDNS, TYPE, LAST] = [0, 1, 2, 3];

/** What is asked, and how: everything of a query that the next one for the same name is likely to have again. */
export class QuestionColumns {
  readonly #keys: BytesTable;
  readonly #names: BytesTable;
  readonly #mapName: ((name: Uint8Array) => Uint8Array) | undefined;
  /** What each row asks for; the others are only written, one behind the other. */
  readonly #records: Records;
  readonly #name = new Grown();
  readonly #class = new Grown();
  #known = 0;

  constructor(
    seed: number,
    names: BytesTable,
    mapName: ((name: Uint8Array) => Uint8Array) | undefined,
    room: Room,
    about: number,
  ) {
    this.#keys = new BytesTable(seed, about, about * 32, room);
    this.#records = new Records(about, room);
    this.#names = names;
    this.#mapName = mapName;
  }

  /** Whether it was asked in this way: flags, EDNS and size, of a query that was seen. */
  isAsked(id: number, flags: number, edns: number, size: number): boolean {
    const { values } = this.#records;
    const at = id * FIELDS;
    return values[at + WAY] === ((flags << 16) | size) >>> 0 && values[at + EDNS] === edns;
  }

  typeOf(id: number): number {
    return this.#records.values[id * FIELDS + TYPE] as number;
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
    this.#class.push(word(tail + 2));
    // A size of 0 where no query was seen, for a message of no octets there is not.
    const size = bytes[tail + 12] === 0 ? 0 : word(tail + 10);
    const edns = ((word(tail + 6) << 16) | word(tail + 8)) >>> 0;
    this.#records.push(((word(tail + 4) << 16) | size) >>> 0, edns, word(tail), 0);
    return id;
  }

  /** Remembers the reply, and says how it is written. */
  answered(question: number, reply: number): number {
    const { values } = this.#records;
    const at = question * FIELDS + LAST;
    const known = values[at];
    values[at] = reply + 1;
    if (known === reply + 1) return 0;
    if (reply < this.#known) return reply + 2;
    this.#known = reply + 1;
    return 1;
  }

  encode(codec: PlaneCodec): EncodedColumn[] {
    const records = this.#records;
    const grown = (number: number, { values, length }: Grown): EncodedColumn =>
      encodeColumn(number, values, length, codec);
    const field = (number: number, of: number, part?: (value: number) => number): EncodedColumn =>
      encodeColumn(number, records.column(of, part), records.length, codec);
    return [
      grown(COLUMN.questionName, this.#name),
      field(COLUMN.questionType, TYPE),
      grown(COLUMN.questionClass, this.#class),
      field(COLUMN.questionFlags, WAY, (way) => way >>> 16),
      field(COLUMN.questionEdns, EDNS),
      field(COLUMN.questionSize, WAY, (way) => way & 0xffff),
    ];
  }

  clear(): void {
    this.#keys.clear();
    this.#known = 0;
    this.#records.clear();
    this.#name.clear();
    this.#class.clear();
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
