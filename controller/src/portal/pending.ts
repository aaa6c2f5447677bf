import { newSecret, secretHash } from "./secrets.ts";

export interface Bounds {
  /** How long one waits, milliseconds. */
  readonly patienceMs: number;
  /** More than are ever under way; the oldest go first. */
  readonly most: number;
}

/**
 * What browsers have begun and not finished yet, in memory: by the hash of a cookie that the browser has which began it. Each is used
 * once, whatever comes of it; who brings the answer to what another browser began has no cookie for it. Times are monotonic.
 */
export class Pending<T> {
  readonly #bounds: Bounds;
  readonly #waiting = new Map<string, { readonly value: T; readonly endsMs: number }>();

  constructor(bounds: Bounds) {
    this.#bounds = bounds;
  }

  /** Returns the secret of the cookie. */
  put(value: T, nowMs: number): string {
    const { patienceMs, most } = this.#bounds;
    // All wait equally long, so they are in the order of their ends.
    for (const [key, { endsMs }] of this.#waiting) {
      if (endsMs > nowMs && this.#waiting.size < most) break;
      this.#waiting.delete(key);
    }
    const secret = newSecret();
    this.#waiting.set(secretHash(secret), { value, endsMs: nowMs + patienceMs });
    return secret;
  }

  /** It is under way no more. */
  take(secret: string | undefined, nowMs: number): T | undefined {
    const key = secretHash(secret ?? "");
    const found = this.#waiting.get(key);
    this.#waiting.delete(key);
    return found === undefined || found.endsMs <= nowMs ? undefined : found.value;
  }
}
