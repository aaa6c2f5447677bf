/**
 * A token bucket: in no stretch of time are more than `burst` + rate x time taken. Times are monotonic microseconds; one
 * that goes backwards gives nothing.
 */
export class Pace {
  readonly #perUs: number;
  readonly #burst: number;
  #tokens: number;
  #atUs: number | undefined;

  constructor(perS: number, burst: number) {
    this.#perUs = perS / 1e6;
    this.#burst = Math.max(1, burst);
    this.#tokens = this.#burst;
  }

  /** Whether one may go now. */
  ready(nowUs: number): boolean {
    this.#fill(nowUs);
    return this.#tokens >= 1;
  }

  /** To be called for each that went. */
  take(nowUs: number): void {
    this.#fill(nowUs);
    this.#tokens -= 1;
  }

  /** When the next may go; `nowUs` when that is now. */
  readyAtUs(nowUs: number): number {
    this.#fill(nowUs);
    return this.#tokens >= 1 ? nowUs : nowUs + Math.ceil((1 - this.#tokens) / this.#perUs);
  }

  #fill(nowUs: number): void {
    const passed = Math.max(0, nowUs - (this.#atUs ?? nowUs));
    this.#atUs = Math.max(nowUs, this.#atUs ?? nowUs);
    this.#tokens = Math.min(this.#burst, this.#tokens + passed * this.#perUs);
  }
}
