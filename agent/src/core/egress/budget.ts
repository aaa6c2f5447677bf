import { Pace } from "../trace/pace.ts";

/** Of a second's packets, how many may leave at once. */
const BURST_SHARE = 0.1;

/**
 * How many packets may leave: of the node in any second, and to one destination. It outlives cycles and plans, so neither the
 * border of a cycle nor another document lets more through. Times are monotonic microseconds: the wall clock is not asked.
 */
export class EgressBudget {
  #ratePerS = 0;
  #pace: Pace | undefined;
  #spacingUs = 0;
  /** When the last packet to an address left. */
  readonly #lastUs = new Map<string, number>();

  /** Takes other limits; `addresses` are those that may be asked for from now on. */
  configure(
    ratePerS: number,
    destinationRatePerS: number,
    addresses: ReadonlySet<string>,
    nowUs: number,
  ): void {
    this.#spacingUs = 1e6 / destinationRatePerS;
    for (const [address, lastUs] of this.#lastUs)
      if (!addresses.has(address) && nowUs - lastUs >= this.#spacingUs) this.#lastUs.delete(address);
    if (ratePerS === this.#ratePerS) return;
    this.#ratePerS = ratePerS;
    // In any second at most (1 - share) x rate + share x rate.
    const burst = Math.max(1, Math.floor(ratePerS * BURST_SHARE));
    this.#pace = new Pace(ratePerS * (1 - BURST_SHARE), burst);
    // A budget begins empty: what left under another one is in this second as well.
    for (let i = 0; i < burst; i++) this.#pace.take(nowUs);
  }

  /** When a packet of this node may leave: `nowUs` when that is now. */
  nodeReadyUs(nowUs: number): number {
    return this.#pace?.readyAtUs(nowUs) ?? Number.POSITIVE_INFINITY;
  }

  /** When one to this address may. */
  destinationReadyUs(address: string, nowUs: number): number {
    const lastUs = this.#lastUs.get(address);
    return lastUs === undefined ? nowUs : Math.max(nowUs, lastUs + this.#spacingUs);
  }

  take(address: string, nowUs: number): void {
    this.#pace?.take(nowUs);
    this.#lastUs.set(address, nowUs);
  }
}
