import { type Digest, digestOf, EMPTY, minus, plus } from "./digest.ts";
import type { Kind } from "./kind.ts";

/** What a {@link TableDigest} needs of one key of a table, and keeps there. */
export interface Digested<T> {
  readonly key: string;
  readonly desired: T | undefined;
  readonly observed: T | undefined;
  /** It has changed since it was counted. */
  recount: boolean;
  /** As it was counted, 32 bits each; here and not in an object of their own, for there may be 50,000. */
  wantedHigh: number;
  wantedLow: number;
  seenHigh: number;
  seenLow: number;
}

/** Of what is there and of what should be, as far as both are known. */
export interface TableDigests {
  readonly observed: Digest;
  readonly desired: Digest;
}

/** Of an object that is not as desired for a reason that its digest does not show: a key is another one, an endpoint. */
const OTHERWISE: Digest = { high: 0x5bd1e995, low: 0x27d4eb2f };

/**
 * Digests of one table, kept by its changes: an object is counted anew only after something about it changed, and then only when
 * somebody asks. They are the same if and only if nothing is unsettled, but for accidents of 64 bits.
 */
export class TableDigest<T> {
  readonly #kind: Kind<T>;
  readonly #isSettled: (entry: Digested<T>) => boolean;
  #waiting: Digested<T>[] = [];
  #observed = EMPTY;
  #desired = EMPTY;

  constructor(kind: Kind<T>, isSettled: (entry: Digested<T>) => boolean) {
    this.#kind = kind;
    this.#isSettled = isSettled;
  }

  /** Something about it has changed, or will have when anybody asks next. */
  touch(entry: Digested<T>): void {
    if (entry.recount) return;
    entry.recount = true;
    this.#waiting.push(entry);
  }

  /** Counts at most so many; undefined while others wait. */
  count(limit: number): TableDigests | undefined {
    const rest = Math.max(0, this.#waiting.length - limit);
    for (let i = this.#waiting.length - 1; i >= rest; i--) {
      const entry = this.#waiting[i];
      if (entry !== undefined) this.#count(entry);
    }
    this.#waiting.length = rest;
    if (rest === 0) this.#waiting = []; // a full table's list is not kept
    return rest > 0 ? undefined : { observed: this.#observed, desired: this.#desired };
  }

  #count(entry: Digested<T>): void {
    entry.recount = false;
    const wanted = this.#digest(entry.desired);
    const seen = this.#seen(entry, wanted);
    this.#desired = plus(minus(this.#desired, { high: entry.wantedHigh, low: entry.wantedLow }), wanted);
    this.#observed = plus(minus(this.#observed, { high: entry.seenHigh, low: entry.seenLow }), seen);
    [entry.wantedHigh, entry.wantedLow] = [wanted.high, wanted.low];
    [entry.seenHigh, entry.seenLow] = [seen.high, seen.low];
  }

  #seen(entry: Digested<T>, wanted: Digest): Digest {
    if (this.#isSettled(entry)) return wanted;
    const seen = this.#digest(entry.observed);
    return seen.high === wanted.high && seen.low === wanted.low ? plus(seen, OTHERWISE) : seen;
  }

  #digest(object: T | undefined): Digest {
    if (object === undefined) return EMPTY;
    const { key, content } = this.#kind;
    return digestOf([key(object), content === undefined ? object : content(object)]);
  }
}
