import { type WordBuffer, wordBuffer } from "@vsix/shared/dns/bytes-table.ts";
import { plainRoom, words32 } from "@vsix/shared/dns/room.ts";

/** Octets of a key: who asks whom, with which id, and the question; followed by zeros to the end of its last word. */
export const KEY_HEAD = 44;
export const KEY_ROOM = KEY_HEAD + 255 + 4 + 1;
const KEY_WORDS = KEY_ROOM / 4;
/** Answered keys that are remembered, so that a response that comes twice is known: by 15 bits of the hash from RECENT_SHIFT on. */
const RECENT = 1 << 15;
const RECENT_SHIFT = 4;
/** In place of those bits: the point, which a capture has no more than 1024 of, and that there is something. */
const RECENT_HASH = ~((RECENT - 1) << RECENT_SHIFT);
const RECENT_POINT = 0x3ff << RECENT_SHIFT;
const RECENT_SET = 1 << 18;

/**
 * Queries that wait for their response, by key; the oldest first. Room is taken once. A slot's fields are read and written by
 * its number.
 */
export class PendingQueries {
  readonly seconds: Float64Array;
  readonly nanoseconds: Uint32Array;
  readonly flags: Uint16Array;
  readonly edns: Uint32Array;
  readonly sizes: Uint16Array;
  readonly points: Uint8Array;
  readonly retries: Uint8Array;
  /** Key of slot i: KEY_ROOM octets from i * KEY_ROOM. */
  readonly keys: WordBuffer;
  readonly keyLengths: Uint16Array;
  size = 0;
  readonly #seed: number;
  readonly #hash: Int32Array;
  readonly #heads: Int32Array;
  readonly #chain: Int32Array;
  readonly #older: Int32Array;
  readonly #newer: Int32Array;
  readonly #free: Int32Array;
  #frees: number;
  #oldest = -1;
  #newest = -1;
  readonly #recent: Int32Array;

  /** @param seed secret of the hash. */
  constructor(capacity: number, seed: number, room = plainRoom) {
    this.#seed = seed;
    this.#recent = words32(room, RECENT);
    this.seconds = new Float64Array(capacity);
    this.nanoseconds = new Uint32Array(capacity);
    this.flags = new Uint16Array(capacity);
    this.edns = new Uint32Array(capacity);
    this.sizes = new Uint16Array(capacity);
    this.points = new Uint8Array(capacity);
    this.retries = new Uint8Array(capacity);
    this.keys = wordBuffer(capacity * KEY_ROOM, room);
    this.keyLengths = new Uint16Array(capacity);
    this.#hash = words32(room, capacity);
    this.#heads = words32(room, 2 ** Math.ceil(Math.log2(capacity))).fill(-1);
    this.#chain = words32(room, capacity).fill(-1);
    this.#older = new Int32Array(capacity);
    this.#newer = new Int32Array(capacity);
    this.#free = Int32Array.from({ length: capacity }, (_, i) => capacity - 1 - i);
    this.#frees = capacity;
  }

  get full(): boolean {
    return this.#frees === 0;
  }

  /** The slot that waits next longest after this one; -1 where none does. */
  after(slot: number): number {
    return this.#newer[slot] as number;
  }

  /** Nothing waits any more. */
  clear(): void {
    for (let slot = this.#oldest; slot >= 0; slot = this.#oldest) this.remove(slot);
  }

  /** The slot that waits longest; -1 where nothing waits. */
  get oldest(): number {
    return this.#oldest;
  }

  /** Two of hashWords() side by side, which do not wait for each other. */
  hashOf({ words }: WordBuffer, length: number): number {
    let one = this.#seed ^ length;
    let other = this.#seed ^ 0x85ebca6b;
    const count = (length + 3) >> 2;
    let at = 0;
    for (; at + 1 < count; at += 2) {
      one = Math.imul(one ^ (words[at] as number), 0x9e3779b1);
      other = Math.imul(other ^ (words[at + 1] as number), 0xc2b2ae35);
      one ^= one >>> 15;
      other ^= other >>> 15;
    }
    if (at < count) one = Math.imul(one ^ (words[at] as number), 0x9e3779b1);
    const both = Math.imul(one ^ (one >>> 13) ^ (other << 7) ^ (other >>> 25), 0xc2b2ae35);
    return both ^ (both >>> 16);
  }

  /** The slot of a key; -1 where it does not wait. */
  find(key: WordBuffer, length: number, hash: number): number {
    const keys = this.keys.words;
    const { words } = key;
    const count = (length + 3) >> 2;
    next: for (
      let slot = this.#heads[hash & (this.#heads.length - 1)] as number;
      slot >= 0;
      slot = this.#chain[slot] as number
    ) {
      if (this.#hash[slot] !== hash || this.keyLengths[slot] !== length) continue;
      const at = slot * KEY_WORDS;
      for (let i = 0; i < count; i++) if (keys[at + i] !== words[i]) continue next;
      return slot;
    }
    return -1;
  }

  /** A slot for a key that is not there, as the newest. There must be room. */
  add(key: WordBuffer, length: number, hash: number): number {
    const slot = this.#free[--this.#frees] as number;
    const at = slot * KEY_WORDS;
    const keys = this.keys.words;
    const { words } = key;
    for (let i = (length + 3) >> 2; i-- > 0; ) keys[at + i] = words[i] as number;
    this.keyLengths[slot] = length;
    this.#hash[slot] = hash;
    const bucket = hash & (this.#heads.length - 1);
    this.#chain[slot] = this.#heads[bucket] as number;
    this.#heads[bucket] = slot;
    this.#older[slot] = this.#newest;
    this.#newer[slot] = -1;
    if (this.#newest >= 0) this.#newer[this.#newest] = slot;
    else this.#oldest = slot;
    this.#newest = slot;
    this.size++;
    return slot;
  }

  remove(slot: number): void {
    const bucket = (this.#hash[slot] as number) & (this.#heads.length - 1);
    let at = this.#heads[bucket] as number;
    if (at === slot) this.#heads[bucket] = this.#chain[slot] as number;
    else {
      while (this.#chain[at] !== slot) at = this.#chain[at] as number;
      this.#chain[at] = this.#chain[slot] as number;
    }
    const [older, newer] = [this.#older[slot] as number, this.#newer[slot] as number];
    if (older >= 0) this.#newer[older] = newer;
    else this.#oldest = newer;
    if (newer >= 0) this.#older[newer] = older;
    else this.#newest = older;
    this.#free[this.#frees++] = slot;
    this.size--;
  }

  /** That a key's response came, at which point. */
  remember(hash: number, point: number): void {
    const at = (hash >>> RECENT_SHIFT) & (RECENT - 1);
    this.#recent[at] = (hash & RECENT_HASH) | (point << RECENT_SHIFT) | RECENT_SET;
  }

  /** The point at which a response of this key was seen not long ago; -1 where none was. */
  recentPoint(hash: number): number {
    const known = this.#recent[(hash >>> RECENT_SHIFT) & (RECENT - 1)] as number;
    if ((known & ~RECENT_POINT) !== ((hash & RECENT_HASH) | RECENT_SET)) return -1;
    return (known & RECENT_POINT) >>> RECENT_SHIFT;
  }
}
