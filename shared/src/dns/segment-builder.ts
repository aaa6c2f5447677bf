import { BytesTable, type WordBuffer } from "./bytes-table.ts";
import { CAPTURE_COUNTERS, type CaptureCounters } from "./counters.ts";
import { type EncodedColumn, encodeColumn, letGo } from "./planes.ts";
import { QuestionColumns } from "./question-columns.ts";
import { ReplyColumns, type ReplyFacts } from "./reply-columns.ts";
import { numbers32, plainRoom, pooledRoom, type Room } from "./room.ts";
import { HALF, type PairRow } from "./row.ts";
import { COLUMN, type PlaneCodec } from "./segment-layout.ts";
import { SegmentStatistics } from "./segment-statistics.ts";
import { writeSegment } from "./segment-writer.ts";

export interface SegmentOptions {
  /** Secret of the hash tables; any 32 bits. */
  readonly seed: number;
  /** Rows after which it is full; at most 65,536. */
  readonly maxRows?: number;
  /** Octets of dictionaries after which it is full. */
  readonly maxOctets?: number;
  /** Interfaces, by the numbers that rows have. */
  readonly points: readonly string[];
  /** What is written for a client's address, or for a name: where privacy asks for it. */
  readonly mapClient?: (address: Uint8Array) => Uint8Array;
  readonly mapName?: (name: Uint8Array) => Uint8Array;
  /** Where dictionaries are, as long as the builder is: with room for as many of each kind as there may be rows, at once. */
  readonly room?: Room;
}

/** Rows of one segment as they come: dictionaries by octets, columns by number. Nothing is allocated for a row. */
export class SegmentBuilder {
  rows = 0;
  readonly #maxRows: number;
  readonly #maxOctets: number;
  readonly #points: readonly string[];
  readonly #clients: BytesTable;
  readonly #servers: BytesTable;
  readonly #ttls: BytesTable;
  readonly #names: BytesTable;
  readonly #questions: QuestionColumns;
  readonly #replies: ReplyColumns;
  readonly #statistics = new SegmentStatistics();
  readonly #mapClient: ((address: Uint8Array) => Uint8Array) | undefined;
  readonly #columns: Columns;
  /** All names, while the segment is written. */
  #written = new Uint8Array();
  /** Whole seconds of the first row: times are numbers from there on, which a double holds to the nanosecond. */
  #second = 0;
  #end = 0;
  #least = 0;
  #greatest = 0;
  #firstEnd = 0;
  /** The last one. */
  #server = 0;

  constructor({
    seed,
    maxRows = 65_536,
    maxOctets = 8 << 20,
    points,
    mapClient,
    mapName,
    room,
  }: SegmentOptions) {
    this.#maxRows = maxRows;
    this.#maxOctets = maxOctets;
    this.#points = points;
    this.#mapClient = mapClient;
    // Of a given room nothing comes back, so nothing is to grow out of it.
    const about = room === undefined ? 1024 : maxRows;
    const tables = room ?? plainRoom;
    this.#clients = new BytesTable(seed, 1024, 32_768, tables);
    this.#servers = new BytesTable(seed, 64, 2048, tables);
    this.#ttls = new BytesTable(seed, 1024, 32_768, tables);
    this.#names = new BytesTable(seed, about, about * 32, tables);
    this.#questions = new QuestionColumns(seed, this.#names, mapName, tables, about);
    this.#replies = new ReplyColumns(seed, this.#names, mapName, tables, about);
    this.#columns = columnsOf(maxRows);
  }

  get full(): boolean {
    return (
      this.rows >= this.#maxRows ||
      this.#names.octets + this.#clients.octets + this.#replies.octets + this.#ttls.octets >= this.#maxOctets
    );
  }

  /** An address of 4 or 16 octets, at a word. */
  client(key: WordBuffer, word: number, octets: number): number {
    return this.#clients.internWords(key, word, octets);
  }

  /** An address of 4 or 16 octets and its port (big-endian) behind it, at a word. */
  server(key: WordBuffer, word: number, octets: number): number {
    // There are few of them, and one is asked again and again.
    if (
      this.#server < this.#servers.size &&
      this.#servers.equalsWords(this.#server, key.words, word, octets)
    ) {
      return this.#server;
    }
    this.#server = this.#servers.internWords(key, word, octets);
    return this.#server;
  }

  /** Name in wire form and in lower case, then QUESTION_TAIL octets, big-endian; at a word. */
  question(key: WordBuffer, word: number, octets: number): number {
    return this.#questions.intern(key, word, octets);
  }

  /** Whether question `id` was asked in this way, by a query that was seen. */
  isAsked(id: number, flags: number, edns: number, size: number): boolean {
    return this.#questions.isAsked(id, flags, edns, size);
  }

  /** Whatever is the same for two replies that are the same. Where it is new (`reply() === replies before`), addReply() must follow. */
  reply(key: WordBuffer, octets: number): number {
    return this.#replies.intern(key, octets);
  }

  /** What was last remembered of a reply; -1 where nothing was. */
  questionOf(reply: number): number {
    return this.#replies.questionOf(reply);
  }

  ttlsOf(reply: number): number {
    return this.#replies.ttlsOf(reply);
  }

  /** For the next time that this reply comes: question and TTLs are likely the same. */
  remember(reply: number, question: number, ttls: number): void {
    this.#replies.remember(reply, question, ttls);
  }

  /** Replies that addReply() was told of. */
  get replies(): number {
    return this.#replies.size;
  }

  addReply(facts: ReplyFacts): void {
    this.#replies.add(facts);
  }

  /** The same in pieces, without anything allocated: beginReply(), answer() for each, finishReply(). See ReplyColumns. */
  beginReply(flags: number, rcode: number, edns: number, size: number): void {
    this.#replies.begin(flags, rcode, edns, size);
  }

  answer(
    owner: Uint8Array,
    ownerLength: number,
    type: number,
    bytes: Uint8Array,
    from: number,
    end: number,
  ): void {
    this.#replies.answer(owner, ownerLength, type, bytes, from, end);
  }

  finishReply(outcome: number, left: number): void {
    this.#replies.finish(outcome, left);
  }

  /** TTLs, 4 octets each, big-endian; in the order of the answers. `guess`: the number that it likely has, or -1. */
  ttls(key: WordBuffer, octets: number, guess: number): number {
    if (guess >= 0 && this.#ttls.equalsWords(guess, key.words, 0, octets)) return guess;
    return this.#ttls.internWords(key, 0, octets);
  }

  append(row: PairRow): void {
    const at = this.rows;
    if (at >= this.#maxRows) throw new RangeError("the segment is full");
    if (at === 0) this.#second = row.second;
    const time = (row.second - this.#second) * 1e9 + row.nanosecond;
    const end = row.latencyUs > 0 ? time + row.latencyUs * 1000 : time;
    const delta = at === 0 ? 0 : end - this.#end;
    if (at === 0) {
      this.#firstEnd = end;
      this.#least = time;
      this.#greatest = time;
    } else {
      if (time < this.#least) this.#least = time;
      if (time > this.#greatest) this.#greatest = time;
    }
    this.#end = end;
    const columns = this.#columns;
    columns.time[at] = delta >= 0 ? delta * 2 : -delta * 2 - 1;
    columns.latency[at] = row.latencyUs + 1;
    columns.client[at] = row.client;
    columns.clientPort[at] = row.clientPort;
    columns.server[at] = row.server;
    columns.id[at] = row.id;
    columns.kind[at] = row.kind;
    columns.question[at] = row.question;
    columns.reply[at] = (row.kind & 3) === HALF.query ? 0 : this.#questions.answered(row.question, row.reply);
    columns.ttls[at] = row.ttls;
    columns.point[at] = row.point;
    columns.retries[at] = row.retries;
    columns.hash[at] = row.hash;
    this.#statistics.count(row, this.#questions, this.#replies);
    this.rows = at + 1;
  }

  /** The segment's octets, with what was counted since the one before; the builder is empty then. Rows may be none. */
  finish(codec: PlaneCodec, counted?: CaptureCounters): Uint8Array<ArrayBuffer> {
    const base = BigInt(this.#second) * 1_000_000_000n;
    const columns = [...this.#encode(codec), ...counterColumns(counted, codec)];
    const blob = writeSegment({
      rows: this.rows,
      leastNs: this.rows === 0 ? 0n : base + BigInt(this.#least),
      greatestNs: this.rows === 0 ? 0n : base + BigInt(this.#greatest),
      firstEndNs: this.rows === 0 ? 0n : base + BigInt(this.#firstEnd),
      statistics: this.#statistics,
      columns,
    });
    letGo(columns, codec);
    this.#clear();
    return blob;
  }

  #encode(codec: PlaneCodec): EncodedColumn[] {
    const columns: EncodedColumn[] = [];
    const { octets } = this.#names;
    if (this.#written.length < octets) this.#written = new Uint8Array(octets + (octets >> 2));
    for (const [name, values] of Object.entries(this.#columns)) {
      columns.push(encodeColumn(COLUMN[name as keyof Columns], values, this.rows, codec));
    }
    const points = new BytesTable(0, 16, 256);
    for (const point of this.#points) {
      const text = Uint8Array.from(point, (c) => c.charCodeAt(0) & 0x7f);
      points.intern(text, 0, text.length);
    }
    columns.push(
      ...dictionary(COLUMN.clientLengths, COLUMN.clientOctets, this.#mapped(), codec),
      ...dictionary(COLUMN.serverLengths, COLUMN.serverOctets, this.#servers, codec),
      ...dictionary(COLUMN.nameLengths, COLUMN.nameOctets, this.#names, codec, this.#written),
      ...dictionary(COLUMN.pointLengths, COLUMN.pointOctets, points, codec),
      ...this.#ttlColumns(codec),
      ...this.#questions.encode(codec),
      ...this.#replies.encode(codec),
    );
    return columns;
  }

  /** Clients as they are to be written. Two may be written alike: a dictionary may hold an address twice. */
  #mapped(): BytesTable {
    if (this.#mapClient === undefined) return this.#clients;
    const mapped = new BytesTable(0, Math.max(16, this.#clients.size));
    for (let id = 0; id < this.#clients.size; id++) {
      const address = this.#mapClient(this.#clients.at(id));
      mapped.add(address, 0, address.length);
    }
    return mapped;
  }

  #ttlColumns(codec: PlaneCodec): EncodedColumn[] {
    const arena = this.#ttls.joined();
    const { size } = this.#ttls;
    const values = new Uint32Array(arena.length / 4);
    for (let i = 0; i < values.length; i++) {
      const at = i * 4;
      values[i] =
        (((arena[at] as number) << 24) |
          ((arena[at + 1] as number) << 16) |
          ((arena[at + 2] as number) << 8) |
          (arena[at + 3] as number)) >>>
        0;
    }
    const counts = new Uint32Array(size);
    const lengths = this.#ttls.lengths();
    for (let id = 0; id < size; id++) counts[id] = (lengths[id] as number) / 4;
    return [
      encodeColumn(COLUMN.ttlCounts, counts, size, codec),
      encodeColumn(COLUMN.ttlValues, values, values.length, codec),
    ];
  }

  #clear(): void {
    this.rows = 0;
    for (const table of [this.#clients, this.#servers, this.#ttls, this.#names]) table.clear();
    this.#questions.clear();
    this.#replies.clear();
    this.#statistics.clear();
  }
}

function counterColumns(counted: CaptureCounters | undefined, codec: PlaneCodec): EncodedColumn[] {
  const some = CAPTURE_COUNTERS.flatMap((name, number) => {
    const value = counted?.[name] ?? 0;
    return value > 0 ? [{ number, value }] : [];
  });
  const names = Uint8Array.from(some, ({ number }) => number);
  const values = Float64Array.from(some, ({ value }) => value * 2);
  return [
    encodeColumn(COLUMN.counterNames, names, some.length, codec),
    encodeColumn(COLUMN.counterValues, values, some.length, codec),
  ];
}

interface Columns {
  readonly time: Float64Array;
  readonly latency: Uint32Array;
  readonly client: Uint32Array;
  readonly clientPort: Uint16Array;
  readonly server: Uint32Array;
  readonly id: Uint16Array;
  readonly kind: Uint8Array;
  readonly question: Uint32Array;
  readonly reply: Uint32Array;
  readonly ttls: Uint32Array;
  readonly point: Uint8Array;
  readonly retries: Uint8Array;
  readonly hash: Uint32Array;
}

/** Octets of a row in all columns, and between two of them. */
const COLUMNS_OCTETS = 43;
const COLUMNS_BETWEEN = 13 * 128;

/** All in one piece: each at the beginning of a page of its own, all would be written to the same few lines of the cache. */
function columnsOf(rows: number): Columns {
  const room = pooledRoom((octets) => new ArrayBuffer(octets), rows * COLUMNS_OCTETS + COLUMNS_BETWEEN);
  const { buffer, byteOffset } = room(rows * 8);
  const words16 = (): Uint16Array => {
    const piece = room(rows * 2);
    return new Uint16Array(piece.buffer, piece.byteOffset, rows);
  };
  return {
    time: new Float64Array(buffer, byteOffset, rows),
    latency: numbers32(room, rows),
    client: numbers32(room, rows),
    clientPort: words16(),
    server: numbers32(room, rows),
    id: words16(),
    kind: room(rows),
    question: numbers32(room, rows),
    reply: numbers32(room, rows),
    ttls: numbers32(room, rows),
    point: room(rows),
    retries: room(rows),
    hash: numbers32(room, rows),
  };
}

export function dictionary(
  lengths: number,
  octets: number,
  table: BytesTable,
  codec: PlaneCodec,
  room?: Uint8Array,
): readonly [EncodedColumn, EncodedColumn] {
  return [
    encodeColumn(lengths, table.lengths(), table.size, codec),
    encodeColumn(octets, table.joined(room), table.octets, codec),
  ];
}
