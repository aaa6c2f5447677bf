import { hashBytes, hashPart, hashView, hashWords } from "./hash.ts";
import { numbers32, plainRoom, type Room, words32 } from "./room.ts";

/** No number of a key. */
const UNKNOWN = 0xffffffff;

/** Probes before a key is taken for new: hostile keys of equal hashes cost room in a dictionary, never time. */
const PROBES = 48;
const SLOT = 4;

/**
 * Octets that begin at the same place of `bytes` and, four at a time, of `words`. Keys in it begin at multiples of 4 and are followed
 * by zeros to the end of their last word.
 */
export interface WordBuffer {
  readonly bytes: Uint8Array;
  readonly words: Int32Array;
}

export function wordBuffer(octets: number, room = plainRoom): WordBuffer {
  const words = words32(room, (octets + 3) >> 2);
  return { bytes: new Uint8Array(words.buffer, words.byteOffset, words.byteLength), words };
}

/** A copy of octets that begins at word 0. */
export function inWords(octets: Uint8Array): WordBuffer {
  const buffer = wordBuffer(octets.length);
  buffer.bytes.set(octets);
  return buffer;
}

/**
 * Octet strings numbered in the order of their first appearance. Open addressing over one growing arena, in which each begins
 * at a word; a seed that nobody outside knows keeps chosen names from meeting in one place.
 */
export class BytesTable {
  size = 0;
  /** Octets of all keys, without what fills them up. */
  octets = 0;
  readonly #seed: number;
  readonly #room: Room;
  #arena: WordBuffer;
  /** First word of key i, and its octets. */
  #starts: Uint32Array;
  #lengths: Uint32Array;
  /** Hash, number plus one, first word and octets: one line of the cache for a probe. */
  #slots: Int32Array;
  #used = 0;

  constructor(seed: number, keys = 1024, octets = 32_768, room = plainRoom) {
    this.#seed = seed;
    this.#room = room;
    this.#arena = wordBuffer(octets, room);
    this.#starts = numbers32(room, keys);
    this.#lengths = numbers32(room, keys);
    this.#slots = words32(room, powerAbove(keys * 2) * SLOT);
  }

  /** The number of a key; it is new where `size` grew. */
  intern(bytes: Uint8Array, from: number, end: number): number {
    if (this.size === this.#starts.length) this.#grow();
    const hash = hashBytes(bytes, from, end, this.#seed);
    const slots = this.#slots;
    const mask = slots.length - 1;
    let slot = (hash << 2) & mask;
    for (let probe = 0; probe < PROBES; probe++, slot = (slot + SLOT) & mask) {
      const id = (slots[slot + 1] as number) - 1;
      if (id < 0) {
        this.#fill(slot, hash, end - from);
        break;
      }
      if (slots[slot] === hash && this.#equals(id, bytes, from, end)) return id;
    }
    return this.add(bytes, from, end);
  }

  /** The same of a key of `octets` at word `from`. */
  internWords({ words }: WordBuffer, from: number, octets: number): number {
    return this.#internWords(words, from, octets, hashWords(words, from, octets, this.#seed), -1);
  }

  /** The same of a key that something else follows, instead of zeros. */
  internPart({ words }: WordBuffer, from: number, octets: number): number {
    const last = (octets & 3) === 0 ? -1 : (1 << ((octets & 3) * 8)) - 1;
    return this.#internWords(words, from, octets, hashPart(words, from, octets, this.#seed), last);
  }

  /** @param last bits of the last word that belong to the key. */
  #internWords(words: Int32Array, from: number, octets: number, hash: number, last: number): number {
    if (this.size === this.#starts.length) this.#grow();
    const slots = this.#slots;
    const arena = this.#arena.words;
    const mask = slots.length - 1;
    const past = (octets + 3) >> 2;
    let slot = (hash << 2) & mask;
    next: for (let probe = 0; probe < PROBES; probe++, slot = (slot + SLOT) & mask) {
      const id = (slots[slot + 1] as number) - 1;
      if (id < 0) {
        this.#fill(slot, hash, octets);
        break;
      }
      if (slots[slot] !== hash || slots[slot + 3] !== octets) continue;
      const mine = slots[slot + 2] as number;
      for (let i = 0; i < past - 1; i++) if (arena[mine + i] !== words[from + i]) continue next;
      if (past > 0 && arena[mine + past - 1] !== ((words[from + past - 1] as number) & last)) continue;
      return id;
    }
    const start = this.#used;
    const id = this.#added(octets);
    const room = this.#arena.words;
    for (let i = 0; i < past - 1; i++) room[start + i] = words[from + i] as number;
    if (past > 0) room[start + past - 1] = (words[from + past - 1] as number) & last;
    return id;
  }

  /** For the key that is added next. */
  #fill(slot: number, hash: number, octets: number): void {
    const slots = this.#slots;
    slots[slot] = hash;
    slots[slot + 1] = this.size + 1;
    slots[slot + 2] = this.#used;
    slots[slot + 3] = octets;
  }

  /**
   * The numbers of many keys into `ids`: those at `wanted[0…count - 1]` of a dictionary whose entry i lies from `starts[i]` to
   * `starts[i + 1]`. One step after the other for all of them, not all steps for one: what a step waits for from memory then comes
   * for many at once, which is most of the time where the table is larger than the processor's cache.
   */
  internMany(
    { octets, starts }: { readonly octets: Uint8Array; readonly starts: Uint32Array },
    wanted: Uint32Array,
    count: number,
    ids: Uint32Array,
  ): void {
    while (this.size + count > this.#starts.length) this.#grow();
    const view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength);
    const hashes = new Int32Array(count);
    for (let i = 0; i < count; i++) {
      const key = wanted[i] as number;
      hashes[i] = hashView(view, starts[key] as number, starts[key + 1] as number, this.#seed);
    }
    const slots = this.#slots;
    const mask = slots.length - 1;
    for (let i = 0; i < count; i++) {
      const hash = hashes[i] as number;
      let slot = (hash << 2) & mask;
      for (let probe = 1; probe < PROBES && slots[slot] !== hash && slots[slot + 1] !== 0; probe++)
        slot = (slot + SLOT) & mask;
      const number = slots[slot + 1] as number;
      ids[i] = slots[slot] === hash && number !== 0 ? number - 1 : UNKNOWN;
    }
    // New keys, and other keys of the same hash, are looked for one by one.
    for (let i = 0; i < count; i++) {
      const key = wanted[i] as number;
      const [from, end] = [starts[key] as number, starts[key + 1] as number];
      const id = ids[i] as number;
      if (id === UNKNOWN || !this.#equalsView(id, view, from, end)) ids[i] = this.intern(octets, from, end);
    }
  }

  #equalsView(id: number, view: DataView, from: number, end: number): boolean {
    if (this.#lengths[id] !== end - from) return false;
    const { words, bytes } = this.#arena;
    let mine = this.#starts[id] as number;
    let at = from;
    for (const last = end - 3; at < last; at += 4, mine++)
      if (words[mine] !== view.getInt32(at, true)) return false;
    for (let octet = mine * 4; at < end; at++, octet++) if (bytes[octet] !== view.getUint8(at)) return false;
    return true;
  }

  /** Whether this is key `id`. */
  equalsWords(id: number, words: Int32Array, from: number, octets: number): boolean {
    if (this.#lengths[id] !== octets) return false;
    const arena = this.#arena.words;
    let mine = this.#starts[id] as number;
    for (let at = from, end = from + ((octets + 3) >> 2); at < end; at++, mine++) {
      if (arena[mine] !== words[at]) return false;
    }
    return true;
  }

  /** A key that is not looked for: it may be there twice. */
  add(bytes: Uint8Array, from: number, end: number): number {
    const start = this.#used;
    const id = this.#added(end - from);
    const { bytes: arena, words } = this.#arena;
    if (this.#used > start) words[this.#used - 1] = 0;
    for (let at = start * 4, octet = from; octet < end; at++, octet++) arena[at] = bytes[octet] as number;
    return id;
  }

  /** Room for one key more, which is to be written at what was `#used` before. */
  #added(octets: number): number {
    if (this.size === this.#starts.length) this.#grow();
    const id = this.size++;
    const start = this.#used;
    this.#used = start + ((octets + 3) >> 2);
    if (this.#used > this.#arena.words.length) {
      const wider = wordBuffer(powerAbove(this.#used * 4), this.#room);
      wider.words.set(this.#arena.words);
      this.#arena = wider;
    }
    this.#starts[id] = start;
    this.#lengths[id] = octets;
    this.octets += octets;
    return id;
  }

  at(id: number): Uint8Array {
    const start = (this.#starts[id] as number) * 4;
    return this.#arena.bytes.slice(start, start + (this.#lengths[id] as number));
  }

  /** Octets of each key. */
  lengths(): Uint32Array {
    return this.#lengths.subarray(0, this.size);
  }

  /** All keys, one right behind the other. @param joined where they go: `octets` of room */
  joined(joined: Uint8Array = new Uint8Array(this.octets)): Uint8Array {
    const arena = this.#arena.bytes;
    let at = 0;
    for (let id = 0; id < this.size; id++) {
      const start = (this.#starts[id] as number) * 4;
      const end = start + (this.#lengths[id] as number);
      for (let from = start; from < end; from++) joined[at++] = arena[from] as number;
    }
    return joined.subarray(0, at);
  }

  clear(): void {
    this.size = 0;
    this.octets = 0;
    this.#used = 0;
    this.#slots.fill(0);
  }

  #equals(id: number, bytes: Uint8Array, from: number, end: number): boolean {
    if (this.#lengths[id] !== end - from) return false;
    const arena = this.#arena.bytes;
    let mine = (this.#starts[id] as number) * 4;
    for (let at = from; at < end; at++, mine++) if (arena[mine] !== bytes[at]) return false;
    return true;
  }

  #grow(): void {
    const keys = this.#starts.length * 2;
    this.#starts = widened(this.#starts, keys, this.#room);
    this.#lengths = widened(this.#lengths, keys, this.#room);
    const before = this.#slots;
    const slots = words32(this.#room, powerAbove(keys * 2) * SLOT);
    const mask = slots.length - 1;
    for (let from = 0; from < before.length; from += SLOT) {
      if (before[from + 1] === 0) continue;
      let slot = ((before[from] as number) << 2) & mask;
      for (let probe = 0; probe < PROBES && slots[slot + 1] !== 0; probe++) slot = (slot + SLOT) & mask;
      if (slots[slot + 1] !== 0) continue;
      for (let i = 0; i < SLOT; i++) slots[slot + i] = before[from + i] as number;
    }
    this.#slots = slots;
  }
}

function widened(values: Uint32Array, length: number, room: Room): Uint32Array {
  const wider = numbers32(room, length);
  wider.set(values);
  return wider;
}

function powerAbove(n: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(n, 16)));
}
