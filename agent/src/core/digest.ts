/**
 * Digests of what a table holds, for people who compare two of them. 64 bits that tell accidents apart, not somebody who makes
 * two contents with one digest on purpose: nothing is decided by them.
 */
export interface Digest {
  /** 32 bits each, signed. */
  readonly high: number;
  readonly low: number;
}

/** Of nothing. */
export const EMPTY: Digest = { high: 0, low: 0 };

/** Of many, in whatever order: each counts as often as it is there. */
export function plus(a: Digest, b: Digest): Digest {
  return { high: (a.high + b.high) | 0, low: (a.low + b.low) | 0 };
}

export function minus(a: Digest, b: Digest): Digest {
  return { high: (a.high - b.high) | 0, low: (a.low - b.low) | 0 };
}

/** 16 hexadecimal digits. */
export function digestText({ high, low }: Digest): string {
  const half = (number: number): string => (number >>> 0).toString(16).padStart(8, "0");
  return half(high) + half(low);
}

/**
 * Of one value as JSON would write it, whatever the order of its fields; an absent field and one that is undefined are the same.
 * What has a `toJSON` counts as that says, so of a secret nothing but that it is one.
 */
export function digestOf(value: unknown): Digest {
  const hash = new Hash();
  hash.value(value);
  return hash.end();
}

/** Kinds of values, so that `1` and `"1"`, `[]` and `{}` differ. */
const [NULL, TRUE, FALSE, NUMBER, TEXT, LIST, FIELDS, END] = [1, 2, 3, 4, 5, 6, 7, 8] as const;

/** Two multiplicative hashes side by side, mixed at the end as MurmurHash3 does (fmix32). */
class Hash {
  #high = 0x2545f491;
  #low = 0x1b873593;

  value(value: unknown): void {
    if (value === null || value === undefined) this.#take(NULL);
    else if (typeof value === "boolean") this.#take(value ? TRUE : FALSE);
    else if (typeof value === "string") this.#text(TEXT, value);
    else if (typeof value !== "object") this.#text(NUMBER, String(value));
    else if (Array.isArray(value)) {
      this.#take(LIST);
      for (const one of value) this.value(one);
      this.#take(END);
    } else if ("toJSON" in value && typeof value.toJSON === "function") this.value(value.toJSON());
    else this.#fields(value);
  }

  end(): Digest {
    return { high: mixed(this.#high ^ (this.#low >>> 15)), low: mixed(this.#low ^ (this.#high >>> 13)) };
  }

  #fields(object: object): void {
    this.#take(FIELDS);
    for (const [name, value] of Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1))) {
      if (value === undefined) continue;
      this.#text(TEXT, name);
      this.value(value);
    }
    this.#take(END);
  }

  #text(kind: number, text: string): void {
    this.#take(kind);
    this.#take(text.length);
    for (let i = 0; i < text.length; i++) this.#take(text.charCodeAt(i));
  }

  #take(word: number): void {
    this.#high = Math.imul(this.#high ^ word, 0x9e3779b1);
    this.#low = Math.imul(this.#low ^ word, 0x5f356495);
  }
}

function mixed(word: number): number {
  let h = word;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
