/** For so long one estimate is used before the next takes its place. */
const PERIOD_US = 5_000_000;
/** A wall clock that moved by more than this against the monotonic one was set, not slewed. */
const STEP_US = 5_000;

/**
 * Turns the kernel's receive timestamps, which are wall clock (SO_TIMESTAMPNS), into the monotonic clock by which echoes are
 * sent. A packet is read some time after it was stamped, the sooner the closer: so the greatest difference seen of late is
 * the offset between the clocks, but for the shortest delay of waking up (tens of microseconds, the same for every plane).
 */
export class ReceiveClock {
  #current = Number.NEGATIVE_INFINITY;
  #before = Number.NEGATIVE_INFINITY;
  #sinceUs = Number.NEGATIVE_INFINITY;
  #wallOffsetUs: number | undefined;

  /**
   * When a packet came, monotonic microseconds, never after `nowUs`. `wallUs` is the wall clock now, as coarse as a
   * millisecond: it only tells that the clock was set.
   */
  arrival(timestampNs: bigint, nowUs: number, wallUs: number): number {
    const offset = wallUs - nowUs;
    if (this.#wallOffsetUs === undefined || Math.abs(offset - this.#wallOffsetUs) > STEP_US) {
      this.#current = this.#before = Number.NEGATIVE_INFINITY;
      this.#sinceUs = nowUs;
    } else if (nowUs - this.#sinceUs > PERIOD_US) {
      this.#before = this.#current;
      this.#current = Number.NEGATIVE_INFINITY;
      this.#sinceUs = nowUs;
    }
    this.#wallOffsetUs = offset;
    const stampUs = Number(timestampNs / 1000n);
    this.#current = Math.max(this.#current, stampUs - nowUs);
    return Math.min(nowUs, stampUs - Math.max(this.#current, this.#before));
  }
}
