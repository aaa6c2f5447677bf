import { BytesTable, type WordBuffer } from "./bytes-table.ts";
import { Grown } from "./grown.ts";
import { type EncodedColumn, encodeColumn } from "./planes.ts";
import { internName } from "./question-columns.ts";
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

/** Responses without what differs each time: id and TTLs. */
export class ReplyColumns {
  readonly outcome = new Grown();
  readonly rcode = new Grown();
  readonly #keys: BytesTable;
  readonly #names: BytesTable;
  readonly #mapName: ((name: Uint8Array) => Uint8Array) | undefined;
  readonly #flags = new Grown();
  readonly #edns = new Grown();
  readonly #size = new Grown();
  readonly #answers = new Grown();
  readonly #left = new Grown();
  /** Number plus one of the question and the TTLs that it last came with. */
  readonly #question = new Grown();
  readonly #ttls = new Grown();
  readonly #owner = new Grown(4096);
  readonly #type = new Grown(4096);
  readonly #length = new Grown(4096);
  #rdata = new Uint8Array(65_536);
  #rdataLength = 0;

  constructor(seed: number, names: BytesTable, mapName: ((name: Uint8Array) => Uint8Array) | undefined) {
    this.#keys = new BytesTable(seed);
    this.#names = names;
    this.#mapName = mapName;
  }

  get size(): number {
    return this.#flags.length;
  }

  get octets(): number {
    return this.#keys.octets + this.#rdataLength;
  }

  intern(key: WordBuffer, octets: number): number {
    return this.#keys.internWords(key, 0, octets);
  }

  questionOf(reply: number): number {
    return this.#question.at(reply) - 1;
  }

  ttlsOf(reply: number): number {
    return this.#ttls.at(reply) - 1;
  }

  remember(reply: number, question: number, ttls: number): void {
    this.#question.values[reply] = question + 1;
    this.#ttls.values[reply] = ttls + 1;
  }

  add(facts: ReplyFacts): void {
    this.#flags.push(facts.flags);
    this.rcode.push(facts.rcode);
    this.#edns.push(facts.edns);
    this.#size.push(facts.size);
    this.outcome.push(facts.outcome);
    this.#question.push(0);
    this.#ttls.push(0);
    const kept = Math.min(facts.answers.length, MAX_ANSWERS);
    this.#answers.push(kept);
    this.#left.push(facts.left + facts.answers.length - kept);
    let target: Uint8Array | undefined;
    for (let i = 0; i < kept; i++) {
      const { owner, type, rdata } = facts.answers[i] as AnswerFacts;
      if (same(owner, facts.name)) this.#owner.push(0);
      else if (target !== undefined && same(owner, target)) this.#owner.push(1);
      else this.#owner.push(this.#name(owner) + 2);
      this.#type.push(type);
      target = isNameType(type) ? rdata : undefined;
      if (target !== undefined) this.#length.push(this.#name(rdata));
      else
        this.#addRdata(
          this.#mapName === undefined || type === 1 || type === 28 ? rdata : rdata.subarray(0, 0),
        );
    }
  }

  encode(codec: PlaneCodec): EncodedColumn[] {
    const column = (number: number, { values, length }: Grown): EncodedColumn =>
      encodeColumn(number, values, length, codec);
    return [
      column(COLUMN.replyFlags, this.#flags),
      column(COLUMN.replyRcode, this.rcode),
      column(COLUMN.replyEdns, this.#edns),
      column(COLUMN.replySize, this.#size),
      column(COLUMN.replyOutcome, this.outcome),
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
    const columns = [
      this.#flags,
      this.rcode,
      this.#edns,
      this.#size,
      this.outcome,
      this.#answers,
      this.#left,
    ];
    for (const column of [...columns, this.#question, this.#ttls, this.#owner, this.#type, this.#length])
      column.clear();
  }

  #name(name: Uint8Array): number {
    return internName(this.#names, name, 0, name.length, this.#mapName);
  }

  #addRdata(rdata: Uint8Array): void {
    const past = this.#rdataLength + rdata.length;
    if (past > this.#rdata.length) {
      const wider = new Uint8Array(Math.max(past, this.#rdata.length * 2));
      wider.set(this.#rdata);
      this.#rdata = wider;
    }
    this.#rdata.set(rdata, this.#rdataLength);
    this.#rdataLength = past;
    this.#length.push(rdata.length);
  }
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
