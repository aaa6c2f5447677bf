/** A value and since when, on the controller's monotonic clock. */
export interface Dated<T> {
  readonly value: T;
  readonly atMs: number;
}

export interface HistoryOptions<T> {
  readonly keepMs: number;
  /** What one value costs to keep, and all together at most; the oldest go first. */
  readonly costOf: (value: T) => number;
  readonly maxCost: number;
  readonly same: (a: T, b: T) => boolean;
}

/** What a value was, and when it changed: so that "before" can be compared with "now". Bounded in time and in memory. */
export class History<T> {
  readonly #options: HistoryOptions<T>;
  readonly #entries: Dated<T>[] = [];
  #cost = 0;
  #heardAtMs: number | undefined;

  constructor(options: HistoryOptions<T>) {
    this.#options = options;
  }

  /** When it was last told, changed or not. */
  get heardAtMs(): number | undefined {
    return this.#heardAtMs;
  }

  /** `atMs` never goes back. */
  add(value: T, atMs: number): void {
    const { same, costOf, keepMs, maxCost } = this.#options;
    this.#heardAtMs = atMs;
    const last = this.#entries.at(-1);
    if (last === undefined || !same(last.value, value)) {
      this.#entries.push({ value, atMs });
      this.#cost += costOf(value);
    }
    // The newest of the old ones is what was so at the beginning of the time that is kept.
    while ((this.#entries[1]?.atMs ?? Number.POSITIVE_INFINITY) <= atMs - keepMs) this.#drop();
    while (this.#cost > maxCost && this.#entries.length > 1) this.#drop();
  }

  /** What was so at that time; undefined before anything was told. */
  at(atMs: number): Dated<T> | undefined {
    return this.#entries.findLast((entry) => entry.atMs <= atMs);
  }

  /** Everything that was so at some time from `fromMs` to `toMs`, oldest first. */
  between(fromMs: number, toMs: number): readonly Dated<T>[] {
    return this.#entries.filter(
      (entry, i) => entry.atMs <= toMs && (this.#entries[i + 1]?.atMs ?? Number.POSITIVE_INFINITY) > fromMs,
    );
  }

  #drop(): void {
    const [oldest] = this.#entries.splice(0, 1);
    if (oldest !== undefined) this.#cost -= this.#options.costOf(oldest.value);
  }
}
