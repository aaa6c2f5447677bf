import { BytesTable, type WordBuffer } from "./bytes-table.ts";
import { Grown } from "./grown.ts";
import { MAX_NAME } from "./name.ts";
import { type EncodedColumn, encodeColumn } from "./planes.ts";
import { internName } from "./question-columns.ts";
import { FIELDS, Records } from "./records.ts";
import type { Room } from "./room.ts";
import { COLUMN, isNameType, MAX_ANSWERS, type PlaneCodec } from "./segment-layout.ts";

export interface AnswerFacts {
  readonly owner: Uint8Array;
  readonly type: number;
  readonly rdata: Uint8Array;
}

export interface ReplyFacts {
  readonly name: Uint8Array;
  readonly flags: number;
  readonly rcode: number;
  /** As packEdns() makes it. */
  readonly edns: number;
  readonly size: number;
  readonly outcome: number;
  readonly answers: readonly AnswerFacts[];
  readonly left: number;
}

/** Numbers of a reply's record: of the question and the TTLs that it last came with, plus one; outcome; RCODE. */
const [QUESTION, TTLS, OUTCOME, RCODE] = [0, 1, 2, 3];

/** Responses without what differs each time: id and TTLs. One is begun, its answers follow, and it is finished. */
export class ReplyColumns {
  readonly #keys: BytesTable;
  readonly #names: BytesTable;
  readonly #mapName: ((name: Uint8Array) => Uint8Array) | undefined;
  /** What each row asks for; the others are only written, one behind the other. */
  readonly #records: Records;
  #rcode = 0;
  readonly #flags = new Grown();
  readonly #edns = new Grown();
  readonly #size = new Grown();
  readonly #answers = new Grown();
  readonly #left = new Grown();
  readonly #owner = new Grown(4096);
  readonly #type = new Grown(4096);
  readonly #length = new Grown(4096);
  #rdata = new Uint8Array(65_536);
  #rdataLength = 0;
  /** Where the record before points to, of the reply at hand. */
  readonly #target = new Uint8Array(MAX_NAME);
  #targetLength = 0;
  #kept = 0;

  constructor(
    seed: number,
    names: BytesTable,
    mapName: ((name: Uint8Array) => Uint8Array) | undefined,
    room: Room,
    about: number,
  ) {
    this.#keys = new BytesTable(seed, about, about * 64, room);
    this.#records = new Records(about, room);
    this.#names = names;
    this.#mapName = mapName;
  }

  get size(): number {
    return this.#left.length;
  }

  get octets(): number {
    return this.#keys.octets + this.#rdataLength;
  }

  intern(key: WordBuffer, octets: number): number {
    return this.#keys.internWords(key, 0, octets);
  }

  questionOf(reply: number): number {
    return (this.#records.values[reply * FIELDS + QUESTION] as number) - 1;
  }

  ttlsOf(reply: number): number {
    return (this.#records.values[reply * FIELDS + TTLS] as number) - 1;
  }

  remember(reply: number, question: number, ttls: number): void {
    const { values } = this.#records;
    values[reply * FIELDS + QUESTION] = question + 1;
    values[reply * FIELDS + TTLS] = ttls + 1;
  }

  outcomeOf(reply: number): number {
    return this.#records.values[reply * FIELDS + OUTCOME] as number;
  }

  rcodeOf(reply: number): number {
    return this.#records.values[reply * FIELDS + RCODE] as number;
  }

  add(facts: ReplyFacts): void {
    this.begin(facts.flags, facts.rcode, facts.edns, facts.size);
    const { name } = facts;
    for (const { owner, type, rdata } of facts.answers) {
      const asked = same(owner, 0, owner.length, name, 0, name.length);
      this.answer(owner, asked ? 0 : owner.length, type, rdata, 0, rdata.length);
    }
    this.finish(facts.outcome, facts.left + facts.answers.length - this.#kept);
  }

  begin(flags: number, rcode: number, edns: number, size: number): void {
    this.#flags.push(flags);
    this.#rcode = rcode;
    this.#edns.push(edns);
    this.#size.push(size);
    this.#kept = 0;
    this.#targetLength = 0;
  }

  /**
   * One answer of the reply at hand; more than MAX_ANSWERS are not kept.
   * @param ownerLength 0 for the name asked for, else octets of `owner`. @param from of rdata in `bytes`, to `end`.
   */
  answer(
    owner: Uint8Array,
    ownerLength: number,
    type: number,
    bytes: Uint8Array,
    from: number,
    end: number,
  ): void {
    if (this.#kept === MAX_ANSWERS) return;
    this.#kept++;
    if (ownerLength === 0) this.#owner.push(0);
    else if (same(owner, 0, ownerLength, this.#target, 0, this.#targetLength)) this.#owner.push(1);
    else this.#owner.push(internName(this.#names, owner, 0, ownerLength, this.#mapName) + 2);
    this.#type.push(type);
    if (isNameType(type)) {
      this.#targetLength = end - from;
      for (let i = 0; i < this.#targetLength; i++) this.#target[i] = bytes[from + i] as number;
      this.#length.push(internName(this.#names, bytes, from, end, this.#mapName));
      return;
    }
    this.#targetLength = 0;
    // Where names are not told, neither is what may have names in it.
    if (this.#mapName === undefined || type === 1 || type === 28) this.#addRdata(bytes, from, end);
    else this.#length.push(0);
  }

  finish(outcome: number, left: number): void {
    this.#answers.push(this.#kept);
    this.#records.push(0, 0, outcome, this.#rcode);
    this.#left.push(left);
  }

  encode(codec: PlaneCodec): EncodedColumn[] {
    const column = (number: number, { values, length }: Grown): EncodedColumn =>
      encodeColumn(number, values, length, codec);
    const records = this.#records;
    const field = (number: number, of: number): EncodedColumn =>
      encodeColumn(number, records.column(of), records.length, codec);
    return [
      column(COLUMN.replyFlags, this.#flags),
      field(COLUMN.replyRcode, RCODE),
      column(COLUMN.replyEdns, this.#edns),
      column(COLUMN.replySize, this.#size),
      field(COLUMN.replyOutcome, OUTCOME),
      column(COLUMN.replyAnswers, this.#answers),
      column(COLUMN.replyLeft, this.#left),
      column(COLUMN.answerOwner, this.#owner),
      column(COLUMN.answerType, this.#type),
      column(COLUMN.answerLength, this.#length),
      encodeColumn(COLUMN.answerOctets, this.#rdata, this.#rdataLength, codec),
    ];
  }

  clear(): void {
    this.#keys.clear();
    this.#rdataLength = 0;
    this.#records.clear();
    const columns = [this.#flags, this.#edns, this.#size, this.#answers, this.#left];
    for (const column of [...columns, this.#owner, this.#type, this.#length]) column.clear();
  }

  #addRdata(bytes: Uint8Array, from: number, end: number): void {
    let at = this.#rdataLength;
    const past = at + end - from;
    if (past > this.#rdata.length) {
      const wider = new Uint8Array(Math.max(past, this.#rdata.length * 2));
      wider.set(this.#rdata);
      this.#rdata = wider;
    }
    const rdata = this.#rdata;
    for (let i = from; i < end; i++) rdata[at++] = bytes[i] as number;
    this.#rdataLength = past;
    this.#length.push(end - from);
  }
}

function same(
  a: Uint8Array,
  aFrom: number,
  aEnd: number,
  b: Uint8Array,
  bFrom: number,
  bEnd: number,
): boolean {
  if (aEnd - aFrom !== bEnd - bFrom) return false;
  for (let i = aFrom, j = bFrom; i < aEnd; i++, j++) if (a[i] !== b[j]) return false;
  return true;
}
