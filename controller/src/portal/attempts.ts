import { createHmac, randomBytes } from "node:crypto";

/** Rows of counters, and counters of a row. */
const ROWS = 2;
const COLUMNS = 65_536;

/**
 * Counts attempts by whatever text: names that exist or not, addresses. Memory is bounded without forgetting anybody: each text has a
 * counter in each of two rows by a keyed hash, shared with others; the lower one is its count (a count-min sketch). Nobody can choose
 * whom he shares them with, and a flood makes counts too high, never too low. An attempt counts when it begins: a thousand at once
 * are a thousand.
 */
export class Attempts {
  readonly #most: number;
  readonly #windowMs: number;
  readonly #key = randomBytes(16);
  readonly #counts = new Uint16Array(ROWS * COLUMNS);
  #endsMs = Number.NEGATIVE_INFINITY;

  constructor(most: number, windowMs: number) {
    this.#most = most;
    this.#windowMs = windowMs;
  }

  /** Counts one more; false where it is one too many. `nowMs` is monotonic. */
  take(text: string, nowMs: number): boolean {
    this.#turn(nowMs);
    const places = this.#places(text);
    if (places.every((at) => this.#count(at) >= this.#most)) return false;
    for (const at of places) this.#counts[at] = Math.min(this.#count(at) + 1, 65_535);
    return true;
  }

  /** One that was counted was no attack after all. */
  giveBack(text: string, nowMs: number): void {
    this.#turn(nowMs);
    for (const at of this.#places(text)) this.#counts[at] = Math.max(this.#count(at) - 1, 0);
  }

  /** Seconds until counts begin anew. */
  waitS(nowMs: number): number {
    return Math.max(1, Math.ceil((this.#endsMs - nowMs) / 1000));
  }

  #turn(nowMs: number): void {
    if (nowMs < this.#endsMs) return;
    this.#endsMs = nowMs + this.#windowMs;
    this.#counts.fill(0);
  }

  #count(at: number): number {
    return this.#counts[at] ?? 0;
  }

  #places(text: string): readonly number[] {
    const digest = createHmac("sha256", this.#key).update(text).digest();
    return Array.from({ length: ROWS }, (_, row) => row * COLUMNS + digest.readUInt16BE(row * 2));
  }
}
