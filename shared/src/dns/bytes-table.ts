import { hashBytes } from "./hash.ts";

/** Probes before a key is taken for new: hostile keys of equal hashes cost room in a dictionary, never time. */
const PROBES = 48;

/**
 * Octet strings numbered in the order of their first appearance. Open addressing over one growing arena; a seed that
 * nobody outside knows keeps chosen names from meeting in one place.
 */
export class BytesTable {
  size = 0;
  /** Octets of all keys one behind the other. */
  arena: Uint8Array;
  /** Where key i begins; one more entry says where the last ends. */
  starts: Uint32Array;
  readonly #seed: number;
  #hashes: Int32Array;
  #slots: Int32Array;

  constructor(seed: number, keys = 1024, octets = 32_768) {
    this.#seed = seed;
    this.arena = new Uint8Array(octets);
    this.starts = new Uint32Array(keys + 1);
    this.#hashes = new Int32Array(keys);
    this.#slots = new Int32Array(powerAbove(keys * 2));
  }

  get octets(): number {
    return this.starts[this.size] ?? 0;
  }

  /** The number of a key; it is new where `size` grew. */
  intern(bytes: Uint8Array, from: number, end: number): number {
    if (this.size === this.#hashes.length) this.#grow();
    const hash = hashBytes(bytes, from, end, this.#seed);
    const mask = this.#slots.length - 1;
    let slot = hash & mask;
    for (let probe = 0; probe < PROBES; probe++, slot = (slot + 1) & mask) {
      const id = (this.#slots[slot] as number) - 1;
      if (id < 0) {
        this.#slots[slot] = this.size + 1;
        return this.#append(bytes, from, end, hash);
      }
      if (this.#hashes[id] === hash && this.#equals(id, bytes, from, end)) return id;
    }
    return this.#append(bytes, from, end, hash);
  }

  /** A key that is not looked for: it may be there twice. */
  add(bytes: Uint8Array, from: number, end: number): number {
    if (this.size === this.#hashes.length) this.#grow();
    return this.#append(bytes, from, end, 0);
  }

  at(id: number): Uint8Array {
    return this.arena.slice(this.starts[id], this.starts[id + 1]);
  }

  clear(): void {
    this.size = 0;
    this.#slots.fill(0);
  }

  #equals(id: number, bytes: Uint8Array, from: number, end: number): boolean {
    let mine = this.starts[id] as number;
    if ((this.starts[id + 1] as number) - mine !== end - from) return false;
    const arena = this.arena;
    for (let at = from; at < end; at++, mine++) if (arena[mine] !== bytes[at]) return false;
    return true;
  }

  #append(bytes: Uint8Array, from: number, end: number, hash: number): number {
    const id = this.size;
    let at = this.starts[id] as number;
    const past = at + end - from;
    if (past > this.arena.length) {
      const wider = new Uint8Array(powerAbove(past));
      wider.set(this.arena);
      this.arena = wider;
    }
    const arena = this.arena;
    for (let octet = from; octet < end; octet++) arena[at++] = bytes[octet] as number;
    this.#hashes[id] = hash;
    this.starts[id + 1] = past;
    this.size = id + 1;
    return id;
  }

  #grow(): void {
    const keys = this.#hashes.length * 2;
    const starts = new Uint32Array(keys + 1);
    starts.set(this.starts);
    this.starts = starts;
    const hashes = new Int32Array(keys);
    hashes.set(this.#hashes);
    this.#hashes = hashes;
    this.#slots = new Int32Array(powerAbove(keys * 2));
    const mask = this.#slots.length - 1;
    for (let id = 0; id < this.size; id++) {
      let slot = (hashes[id] as number) & mask;
      for (let probe = 0; probe < PROBES && this.#slots[slot] !== 0; probe++) slot = (slot + 1) & mask;
      if (this.#slots[slot] === 0) this.#slots[slot] = id + 1;
    }
  }
}

function powerAbove(n: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(n, 16)));
}
