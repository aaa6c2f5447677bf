/** Octets that must never be seen by people: keys. Whatever prints, logs or serialises one shows that it is one, and nothing of it. */
export class Secret {
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = Uint8Array.from(bytes);
  }

  /** The octets themselves, for whoever hands them to the kernel. Not to be kept. */
  reveal(): Uint8Array {
    return this.#bytes;
  }

  /** In a time that depends on the length alone. */
  equals(other: Secret): boolean {
    const [a, b] = [this.#bytes, other.#bytes];
    let difference = a.length ^ b.length;
    for (let i = 0; i < a.length; i++) difference |= (a[i] ?? 0) ^ (b[i] ?? 0);
    return difference === 0;
  }

  toString(): string {
    return "(secret)";
  }

  toJSON(): string {
    return "(secret)";
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return "(secret)";
  }
}

/** Both absent, or both there and the same. */
export function sameSecret(a: Secret | undefined, b: Secret | undefined): boolean {
  return a === undefined || b === undefined ? a === b : a.equals(b);
}
