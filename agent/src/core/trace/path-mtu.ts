/** Every IPv6 link carries so much, RFC 8200 section 5. */
const IP6_MINIMUM = 1280;
/** A size is taken for too big when so many packets of it get no answer. */
const TRIES = 3;

/**
 * Search for the largest packet that reaches the target (RFC 8899 in spirit: what a "too big" says is tried, never
 * believed). Packets are sent whole, one at a time. Times are monotonic microseconds.
 */
export class PathMtuSearch {
  /** Reached the target. */
  #passes: number;
  /** Not known to be too big. */
  #most: number;
  #size: number;
  #tries = 0;
  #sentUs: number | undefined;
  readonly #timeoutUs: number;

  /**
   * @param passes octets that have reached the target already.
   * @param most octets of the largest packet tried.
   */
  constructor(passes: number, most: number, timeoutMs: number) {
    this.#passes = passes;
    this.#most = Math.max(passes, most);
    this.#size = this.#most;
    this.#timeoutUs = timeoutMs * 1000;
  }

  /** Octets of the packet to send now. */
  due(nowUs: number): number | undefined {
    this.#expire(nowUs);
    return this.#sentUs === undefined && this.mtu() === undefined ? this.#size : undefined;
  }

  sent(nowUs: number): void {
    this.#tries++;
    this.#sentUs = nowUs;
  }

  /** The packet that was due did not leave: larger than the device takes. */
  tooBigHere(): void {
    this.#fails(this.#size - 1);
  }

  /** A packet of that size reached the target. */
  reached(size: number): void {
    if (size <= this.#passes) return;
    this.#passes = size;
    if (size >= this.#size) this.#next(Math.ceil((this.#passes + this.#most) / 2));
  }

  /** A router says that a packet of that size is too big for a link that takes `mtu`. */
  tooBig(size: number, mtu: number): void {
    if (size !== this.#size || this.#sentUs === undefined) return;
    // RFC 8200 section 5: less than 1280 is not to be obeyed; as much as was sent makes no sense.
    const said = mtu >= IP6_MINIMUM && mtu < size && mtu > this.#passes;
    this.#fails(said ? mtu : size - 1, said ? mtu : undefined);
  }

  /** When to look again; undefined when the search is over. */
  nextUs(nowUs: number): number | undefined {
    if (this.mtu() !== undefined) return undefined;
    return this.#sentUs === undefined ? nowUs : Math.max(nowUs, this.#sentUs + this.#timeoutUs);
  }

  /** The result; undefined as long as the search goes on. */
  mtu(): number | undefined {
    return this.#passes >= this.#most ? this.#passes : undefined;
  }

  #expire(nowUs: number): void {
    if (this.#sentUs === undefined || nowUs < this.#sentUs + this.#timeoutUs) return;
    this.#sentUs = undefined;
    if (this.#tries >= TRIES) this.#fails(this.#size - 1);
  }

  #fails(most: number, next?: number): void {
    this.#most = Math.max(this.#passes, most);
    const half = Math.ceil((this.#passes + this.#most) / 2);
    // Where nothing says what fits, most likely the least that must does.
    const likely = this.#passes < IP6_MINIMUM && this.#most > IP6_MINIMUM ? IP6_MINIMUM : half;
    this.#next(next ?? likely);
  }

  #next(size: number): void {
    this.#size = size;
    this.#tries = 0;
    this.#sentUs = undefined;
  }
}
