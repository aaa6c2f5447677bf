/** Numbers from 0 on, each with a time; the one with the least comes first. Ties go by number. */
export class DueHeap {
  readonly #times: Float64Array;
  readonly #heap: Int32Array;
  #size = 0;

  constructor(capacity: number) {
    this.#times = new Float64Array(capacity);
    this.#heap = new Int32Array(capacity);
  }

  get size(): number {
    return this.#size;
  }

  /** The first one, or -1. */
  get first(): number {
    return this.#size === 0 ? -1 : this.#at(0);
  }

  get firstUs(): number {
    return this.#size === 0 ? Number.POSITIVE_INFINITY : this.#time(this.#at(0));
  }

  /** Each number at most once. */
  push(number: number, atUs: number): void {
    this.#times[number] = atUs;
    let i = this.#size++;
    this.#heap[i] = number;
    while (i > 0) {
      const above = (i - 1) >> 1;
      if (!this.#before(this.#at(i), this.#at(above))) return;
      this.#swap(i, above);
      i = above;
    }
  }

  /** Takes the first one out. */
  pop(): void {
    if (this.#size === 0) return;
    this.#size--;
    this.#heap[0] = this.#at(this.#size);
    let i = 0;
    for (;;) {
      const left = 2 * i + 1;
      if (left >= this.#size) return;
      const right = left + 1;
      const least = right < this.#size && this.#before(this.#at(right), this.#at(left)) ? right : left;
      if (!this.#before(this.#at(least), this.#at(i))) return;
      this.#swap(i, least);
      i = least;
    }
  }

  #at(i: number): number {
    return this.#heap[i] ?? 0;
  }

  #time(number: number): number {
    return this.#times[number] ?? 0;
  }

  #before(a: number, b: number): boolean {
    const difference = this.#time(a) - this.#time(b);
    return difference < 0 || (difference === 0 && a < b);
  }

  #swap(i: number, j: number): void {
    const held = this.#at(i);
    this.#heap[i] = this.#at(j);
    this.#heap[j] = held;
  }
}
