/** Words of an entry: the address, filled up with zeros, and its octets. */
const ENTRY = 5;

/** Some addresses, looked for as they stand in the key of a query. There are few of them: they are compared one after another. */
export class ResolverSet {
  readonly #entries: Int32Array;

  constructor(addresses: readonly Uint8Array[]) {
    this.#entries = new Int32Array(addresses.length * ENTRY);
    const bytes = new Uint8Array(this.#entries.buffer);
    for (const [i, address] of addresses.entries()) {
      bytes.set(address, i * ENTRY * 4);
      this.#entries[i * ENTRY + ENTRY - 1] = address.length;
    }
  }

  get isEmpty(): boolean {
    return this.#entries.length === 0;
  }

  /** @param words an address of `octets`, 4 or 16, from word 0, and zeros to word 3 */
  has(words: Int32Array, octets: number): boolean {
    const entries = this.#entries;
    for (let at = 0; at < entries.length; at += ENTRY) {
      if (
        entries[at + 3] === words[3] &&
        entries[at] === words[0] &&
        entries[at + 1] === words[1] &&
        entries[at + 2] === words[2] &&
        entries[at + 4] === octets
      )
        return true;
    }
    return false;
  }
}
