import { FLAG, TYPE } from "@vsix/shared/dns/model.ts";
import { MAX_NAME } from "@vsix/shared/dns/name.ts";
import { MAX_ANSWERS, packEdns } from "@vsix/shared/dns/segment-layout.ts";
import { skipName } from "./name.ts";

/** What is wrong with a DNS message; 0 where nothing is. */
export const MESSAGE = { right: 0, short: 1, count: 2, name: 3, pointer: 4, opcode: 5 } as const;

/** Octets of the longest key of a reply: all of a TCP message, and what stands before it. */
export const REPLY_ROOM = 65_536 + 16;
export const TTLS_ROOM = MAX_ANSWERS * 4;

/** DNS stateful operations (RFC 8490) have no question. */
const OPCODE_DSO = 6;

/**
 * The DNS message looked at last. It reads no more than is asked for: header and question first, then what makes a reply the
 * same as another one. Nothing is allocated.
 */
export class MessageReader {
  id = 0;
  flags = 0;
  type = 0;
  /** Octets of the whole message. */
  size = 0;
  /** Octets of name, type and class as question() wrote them. */
  questionLength = 0;
  /** As packEdns() makes it. */
  edns = 0;
  rcode = 0;
  answers = 0;
  /** Answers whose record could be read. */
  readable = 0;
  /** Some record was cut short or had a name that does not end. */
  damaged = false;
  /** Where the answers begin, and where the readable ones end. */
  answersAt = 0;
  #at = 0;
  #end = 0;
  #authorities = 0;
  #additional = 0;

  /**
   * Header and question. Name (in lower case), type and class are written into `key` at `to`.
   * @returns one of MESSAGE.
   */
  question(bytes: Uint8Array, at: number, end: number, key: Uint8Array, to: number): number {
    if (at + 12 > end) return MESSAGE.short;
    this.id = word(bytes, at);
    this.flags = word(bytes, at + 2);
    this.size = end - at;
    if (((this.flags >> 11) & 15) === OPCODE_DSO) return MESSAGE.opcode;
    if (word(bytes, at + 4) !== 1) return MESSAGE.count;
    this.answers = word(bytes, at + 6);
    this.#authorities = word(bytes, at + 8);
    this.#additional = word(bytes, at + 10);
    let here = at + 12;
    let out = to;
    for (;;) {
      if (here >= end) return MESSAGE.name;
      const length = bytes[here++] as number;
      key[out++] = length;
      if (length === 0) break;
      if (length > 63) return length >= 0xc0 ? MESSAGE.pointer : MESSAGE.name;
      // One octet for the root is still to come.
      if (here + length > end || out - to + length >= MAX_NAME) return MESSAGE.name;
      for (const past = here + length; here < past; here++) {
        const octet = bytes[here] as number;
        key[out++] = octet >= 65 && octet <= 90 ? octet + 32 : octet;
      }
    }
    if (here + 4 > end) return MESSAGE.short;
    key[out] = bytes[here] as number;
    key[out + 1] = bytes[here + 1] as number;
    key[out + 2] = bytes[here + 2] as number;
    key[out + 3] = bytes[here + 3] as number;
    this.type = word(bytes, here);
    this.questionLength = out + 4 - to;
    this.answersAt = here + 4;
    this.#at = at;
    this.#end = end;
    this.damaged = false;
    this.edns = 0;
    this.rcode = this.flags & 15;
    return MESSAGE.right;
  }

  /** After question(), of a query: its EDNS. */
  query(bytes: Uint8Array): void {
    if (this.#additional === 0) return;
    const here = this.#skip(bytes, this.answersAt, this.answers + this.#authorities);
    if (here >= 0) this.#opt(bytes, here);
  }

  /**
   * After question(), of a response: writes into `out` what is the same for two replies that are the same (flags, EDNS, size,
   * answers without TTLs), but for the question, which `key` has; and the TTLs of the answers into `ttls`.
   * @returns octets written into `out`; `readable * 4` octets are in `ttls`.
   */
  reply(bytes: Uint8Array, key: Uint8Array, keyAt: number, out: Uint8Array, ttls: Uint8Array): number {
    const end = this.#end;
    const most = Math.min(this.answers, MAX_ANSWERS);
    let to = 10;
    for (let i = 0; i < this.questionLength; i++) out[to++] = key[keyAt + i] as number;
    let here = this.answersAt;
    let n = 0;
    for (; n < most; n++) {
      const owner = skipName(bytes, here, end);
      if (owner < 0 || owner + 10 > end) break;
      const past = owner + 10 + word(bytes, owner + 8);
      if (past > end) break;
      const ttlAt = owner + 4;
      while (here < ttlAt) out[to++] = bytes[here++] as number;
      const t = n * 4;
      ttls[t] = bytes[ttlAt] as number;
      ttls[t + 1] = bytes[ttlAt + 1] as number;
      ttls[t + 2] = bytes[ttlAt + 2] as number;
      ttls[t + 3] = bytes[ttlAt + 3] as number;
      for (here = ttlAt + 4; here < past; here++) out[to++] = bytes[here] as number;
    }
    this.readable = n;
    if (n < most) this.damaged = true;
    else if (this.#additional > 0) {
      const additional = this.#skip(bytes, here, this.answers - n + this.#authorities);
      if (additional >= 0) this.#opt(bytes, additional);
    }
    const { flags, edns, size } = this;
    out[0] = flags >> 8;
    out[1] = flags & 0xff;
    out[2] = edns >>> 24;
    out[3] = (edns >> 16) & 0xff;
    out[4] = (edns >> 8) & 0xff;
    out[5] = edns & 0xff;
    out[6] = size >> 8;
    out[7] = size & 0xff;
    out[8] = this.rcode >> 8;
    out[9] = this.rcode & 0xff;
    return to;
  }

  /** Behind so many records; -1 where one is cut short, which is remembered. */
  #skip(bytes: Uint8Array, from: number, records: number): number {
    const end = this.#end;
    let here = from;
    for (let i = 0; i < records; i++) {
      const owner = skipName(bytes, here, end);
      if (owner < 0 || owner + 10 > end) return this.#cut();
      here = owner + 10 + word(bytes, owner + 8);
      if (here > end) return this.#cut();
    }
    return here;
  }

  /** Looks for OPT among the additional records (RFC 6891 section 6.1). */
  #opt(bytes: Uint8Array, from: number): void {
    const end = this.#end;
    let here = from;
    for (let i = 0; i < this.#additional; i++) {
      const owner = skipName(bytes, here, end);
      if (owner < 0 || owner + 10 > end) {
        this.#cut();
        return;
      }
      if (word(bytes, owner) === TYPE.OPT && owner === here + 1) {
        const extension = bytes[owner + 4] as number;
        this.rcode = (this.flags & 15) | (extension << 4);
        const dnssecOk = ((bytes[owner + 6] as number) & 0x80) !== 0;
        this.edns = packEdns(true, word(bytes, owner + 2), bytes[owner + 5] as number, dnssecOk);
        if (owner + 10 + word(bytes, owner + 8) > end) this.#cut();
        return;
      }
      here = owner + 10 + word(bytes, owner + 8);
      if (here > end) {
        this.#cut();
        return;
      }
    }
  }

  #cut(): number {
    this.damaged = true;
    return -1;
  }

  get isResponse(): boolean {
    return (this.flags & FLAG.QR) !== 0;
  }

  /** Where the message begins, of which positions in its pointers are. */
  get from(): number {
    return this.#at;
  }

  get end(): number {
    return this.#end;
  }
}

function word(bytes: Uint8Array, at: number): number {
  return ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
}
