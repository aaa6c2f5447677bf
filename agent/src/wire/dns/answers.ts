import { TYPE } from "@vsix/shared/dns/model.ts";
import { MAX_NAME } from "@vsix/shared/dns/name.ts";
import { readName, skipName } from "./name.ts";

/**
 * Records of one type whose rdata has names that may be compressed (RFC 3597 section 4): octets before the first name, how many
 * names, octets behind.
 */
const NAMES: ReadonlyMap<number, readonly [before: number, names: number, after: number]> = new Map([
  [TYPE.NS, [0, 1, 0]],
  [3, [0, 1, 0]],
  [4, [0, 1, 0]],
  [TYPE.CNAME, [0, 1, 0]],
  [TYPE.SOA, [0, 2, 20]],
  [7, [0, 1, 0]],
  [8, [0, 1, 0]],
  [9, [0, 1, 0]],
  [TYPE.PTR, [0, 1, 0]],
  [14, [0, 2, 0]],
  [TYPE.MX, [2, 1, 0]],
  [17, [0, 2, 0]],
  [18, [2, 1, 0]],
  [21, [2, 1, 0]],
  [26, [2, 2, 0]],
  [TYPE.SRV, [6, 1, 0]],
  [36, [2, 1, 0]],
  [TYPE.DNAME, [0, 1, 0]],
]);

/** Answers one after another, uncompressed. Fields are of the one read last; nothing is allocated. */
export class AnswerReader {
  readonly owner = new Uint8Array(MAX_NAME);
  /** 0 where the owner is a pointer to the question (RFC 1035 section 4.1.4): the name asked for. */
  ownerLength = 0;
  type = 0;
  /** Where rdata is: `bytes` of the message itself, or octets of our own where names in it had to be uncompressed. */
  rdata: Uint8Array = new Uint8Array();
  rdataFrom = 0;
  rdataEnd = 0;
  readonly #scratch = new Uint8Array(1024);
  #at = 0;

  /** @param at of the first answer. */
  begin(at: number): void {
    this.#at = at;
  }

  /**
   * The next answer of a message from `from` to `end`, whose records are known to end inside.
   * @returns false at a name that cannot be read: what follows cannot be, either.
   */
  next(bytes: Uint8Array, from: number, end: number): boolean {
    const at = this.#at;
    const behind = skipName(bytes, at, end);
    if (behind < 0 || behind + 10 > end) return false;
    if (bytes[at] === 0xc0 && bytes[at + 1] === 12) this.ownerLength = 0;
    else {
      this.ownerLength = readName(bytes, from, at, end, this.owner, 0);
      if (this.ownerLength < 0) return false;
    }
    this.type = word(bytes, behind);
    const start = behind + 10;
    this.#at = start + word(bytes, behind + 8);
    return this.#at <= end && this.#readRdata(bytes, from, start, this.#at);
  }

  #readRdata(bytes: Uint8Array, from: number, start: number, end: number): boolean {
    const { type } = this;
    const shape = type === TYPE.A || type === TYPE.AAAA ? undefined : NAMES.get(type);
    if (shape === undefined) {
      this.rdata = bytes;
      this.rdataFrom = start;
      this.rdataEnd = end;
      return true;
    }
    const scratch = this.#scratch;
    const [before, names, after] = shape;
    let here = start + before;
    if (here > end) return false;
    let out = before;
    for (let i = 0; i < before; i++) scratch[i] = bytes[start + i] as number;
    for (let i = 0; i < names; i++) {
      const octets = readName(bytes, from, here, end, scratch, out);
      const behind = skipName(bytes, here, end);
      if (octets < 0 || behind < 0) return false;
      out += octets;
      here = behind;
    }
    if (here + after !== end) return false;
    for (let i = 0; i < after; i++) scratch[out++] = bytes[here + i] as number;
    this.rdata = scratch;
    this.rdataFrom = 0;
    this.rdataEnd = out;
    return true;
  }
}

function word(bytes: Uint8Array, at: number): number {
  return ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
}

export interface DnsAnswer {
  readonly owner: Uint8Array;
  readonly type: number;
  readonly rdata: Uint8Array;
}

/**
 * Up to `count` answers from `at` on as values, of a message that begins at `from`; ends at the first that cannot be read.
 */
export function readAnswers(
  bytes: Uint8Array,
  from: number,
  at: number,
  end: number,
  count: number,
): DnsAnswer[] {
  const reader = new AnswerReader();
  const question = new Uint8Array(MAX_NAME);
  const octets = readName(bytes, from, from + 12, end, question, 0);
  const answers: DnsAnswer[] = [];
  reader.begin(at);
  for (let i = 0; i < count && reader.next(bytes, from, end); i++) {
    const { owner, ownerLength, type, rdata, rdataFrom, rdataEnd } = reader;
    if (ownerLength === 0 && octets < 0) break;
    answers.push({
      owner: ownerLength === 0 ? question.slice(0, octets) : owner.slice(0, ownerLength),
      type,
      rdata: rdata.slice(rdataFrom, rdataEnd),
    });
  }
  return answers;
}
