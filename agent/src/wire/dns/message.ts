import type { WordBuffer } from "@vsix/shared/dns/bytes-table.ts";
import { FLAG, TYPE } from "@vsix/shared/dns/model.ts";
import { MAX_NAME } from "@vsix/shared/dns/name.ts";
import { MAX_ANSWERS, packEdns } from "@vsix/shared/dns/segment-layout.ts";
import type { Views } from "../views.ts";
import { skipName } from "./name.ts";

/** What is wrong with a DNS message; 0 where nothing is. */
export const MESSAGE = { right: 0, short: 1, count: 2, name: 3, pointer: 4, opcode: 5 } as const;

/** Octets of the longest key of a reply: all of a TCP message, and what stands before it. */
export const REPLY_ROOM = 65_536 + 16;
export const TTLS_ROOM = MAX_ANSWERS * 4;
/** Octets before the question in the key of a reply. */
const REPLY_HEAD = 12;

/** DNS stateful operations (RFC 8490) have no question. */
const OPCODE_DSO = 6;

/**
 * The DNS message looked at last. It reads no more than is asked for: header and question first, then what makes a reply the
 * same as another one. Nothing is allocated. Octets are copied in words: what is to be read in words soon after would have to wait
 * for single octets to be written.
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
  readonly #views: Views;
  readonly #ttlsAt = new Int32Array(MAX_ANSWERS);

  constructor(views: Views) {
    this.#views = views;
  }

  /**
   * Header and question. Name (in lower case), type and class are written into `key` at word `to`, and zeros to the end of the last
   * word. @returns one of MESSAGE.
   */
  question(bytes: Uint8Array, at: number, end: number, key: WordBuffer, to: number): number {
    if (at + 12 > end) return MESSAGE.short;
    this.id = word(bytes, at);
    this.flags = word(bytes, at + 2);
    this.size = end - at;
    if (((this.flags >> 11) & 15) === OPCODE_DSO) return MESSAGE.opcode;
    if (word(bytes, at + 4) !== 1) return MESSAGE.count;
    this.answers = word(bytes, at + 6);
    this.#authorities = word(bytes, at + 8);
    this.#additional = word(bytes, at + 10);
    const nameAt = at + 12;
    let here = nameAt;
    for (;;) {
      if (here >= end) return MESSAGE.name;
      const length = bytes[here] as number;
      here += 1 + length;
      if (length === 0) break;
      if (length > 63) return length >= 0xc0 ? MESSAGE.pointer : MESSAGE.name;
      // One octet for the root is still to come.
      if (here > end || here - nameAt >= MAX_NAME) return MESSAGE.name;
    }
    if (here + 4 > end) return MESSAGE.short;
    const view = this.#views.of(bytes);
    const { words } = key;
    // The last word reaches over the name, by less than type and class.
    let out = to;
    for (let from = nameAt; from < here; from += 4) words[out++] = lowerCased(view.getInt32(from, true));
    const typeAndClass = view.getInt32(here, true);
    const over = ((here - nameAt) & 3) * 8;
    if (over === 0) words[out] = typeAndClass;
    else {
      words[out - 1] = ((words[out - 1] as number) & ((1 << over) - 1)) | (typeAndClass << over);
      words[out] = typeAndClass >>> (32 - over);
    }
    this.type = word(bytes, here);
    this.questionLength = here + 4 - nameAt;
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
   * After question(), of a response: writes into `out` what is the same for two replies that are the same (flags, EDNS, size, answers
   * with TTLs of 0), with the question, which `key` has at word `keyAt`; and the TTLs of the answers into `ttls`.
   * @returns octets written into `out`, which are followed by zeros to the end of the last word; `readable * 4` octets are in `ttls`.
   */
  reply(bytes: Uint8Array, key: WordBuffer, keyAt: number, out: WordBuffer, ttls: WordBuffer): number {
    const end = this.#end;
    const most = Math.min(this.answers, MAX_ANSWERS);
    const view = this.#views.of(bytes);
    const ttlsAt = this.#ttlsAt;
    let here = this.answersAt;
    let n = 0;
    for (; n < most; n++) {
      const owner = skipName(bytes, here, end);
      if (owner < 0 || owner + 10 > end) break;
      const past = owner + 10 + word(bytes, owner + 8);
      if (past > end) break;
      ttlsAt[n] = owner + 4 - this.answersAt;
      ttls.words[n] = view.getInt32(owner + 4, true);
      here = past;
    }
    const { words } = out;
    let to = REPLY_HEAD / 4;
    for (let i = 0, asked = (this.questionLength + 3) >> 2; i < asked; i++)
      words[to++] = key.words[keyAt + i] as number;
    const answers = to * 4;
    let from = this.answersAt;
    for (; from + 4 <= here; from += 4) words[to++] = view.getInt32(from, true);
    let last = 0;
    for (let shift = 0; from < here; from++, shift += 8) last |= (bytes[from] as number) << shift;
    words[to] = last;
    for (let i = 0; i < n; i++) blank(words, answers + (ttlsAt[i] as number));
    this.readable = n;
    if (n < most) this.damaged = true;
    else if (this.#additional > 0) {
      const additional = this.#skip(bytes, here, this.answers - n + this.#authorities);
      if (additional >= 0) this.#opt(bytes, additional);
    }
    words[0] = this.flags | (this.rcode << 16);
    words[1] = this.edns;
    words[2] = this.size;
    return answers + here - this.answersAt;
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

/** Four octets at once, those of A to Z in lower case; no length of a label is one of them. */
function lowerCased(octets: number): number {
  const low = octets & 0x7f7f7f7f;
  // Bit 7 of each octet: from A on, and behind Z.
  const fromA = low + 0x3f3f3f3f;
  const behindZ = low + 0x25252525;
  const upper = (fromA ^ behindZ) & ~octets & 0x80808080;
  return octets | (upper >>> 2);
}

/** Zeros for four octets, wherever in words they begin. */
function blank(words: Int32Array, at: number): void {
  const first = at >> 2;
  const bits = (at & 3) * 8;
  if (bits === 0) words[first] = 0;
  else {
    words[first] = (words[first] as number) & ((1 << bits) - 1);
    words[first + 1] = (words[first + 1] as number) & (-1 << bits);
  }
}
