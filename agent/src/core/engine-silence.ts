/** A session that has come back, or that has survived, needs this long to show that it stays and to tell its routes. */
const SETTLE_MS = 2_000;

/**
 * What to make of an engine that did not answer for a while and goes on. Its hold timers have run out meanwhile: it
 * withdraws what its neighbours told it, although the network has not changed, and brings the sessions back seconds
 * later. Until then its withdrawals are noted and not followed, as RFC 4724 keeps routes over a restart.
 */
export class EngineSilence {
  #silent = false;
  #answeredMs: number | undefined;
  readonly #withheld = new Set<string>();

  /** True from the engine's falling silent until `release` has given back what was withheld. */
  get lasts(): boolean {
    return this.#silent;
  }

  begin(): void {
    this.#silent = true;
    this.#answeredMs = undefined;
  }

  /** True: noted, do not follow it. */
  withhold(prefix: string): boolean {
    if (this.#silent) this.#withheld.add(prefix);
    return this.#silent;
  }

  /** There is a path again. */
  reach(prefix: string): void {
    this.#withheld.delete(prefix);
  }

  /**
   * To be called at each answer of the engine. Gives the prefixes to withdraw once every expected session has stood for a
   * moment since the first answer, or `patienceMs` have passed; undefined before, and while there is no silence.
   */
  release(
    establishedSinceMs: readonly (number | null)[],
    nowMs: number,
    patienceMs: number,
  ): readonly string[] | undefined {
    if (!this.#silent) return undefined;
    this.#answeredMs ??= nowMs;
    const answeredMs = this.#answeredMs;
    const stands = (since: number | null): boolean =>
      since !== null && nowMs - Math.max(since, answeredMs) >= SETTLE_MS;
    if (!establishedSinceMs.every(stands) && nowMs - answeredMs < patienceMs) return undefined;
    this.#silent = false;
    const gone = [...this.#withheld];
    this.#withheld.clear();
    return gone;
  }
}
