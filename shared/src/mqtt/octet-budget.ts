/** How much somebody may send: so much a second on average, and so much at once after a pause. */
export interface BudgetLimits {
  readonly octetsPerS: number;
  readonly burstOctets: number;
  /** A packet counts like so many octets, for reading one costs whatever its length. */
  readonly octetsPerPacket: number;
}

/** Counts what somebody sends, over all his connections. Who has sent too much is not read for a while; nothing of it is lost. */
export class OctetBudget {
  readonly #limits: BudgetLimits;
  #credit: number;
  #atMs: number;

  /** Times are monotonic milliseconds. */
  constructor(limits: BudgetLimits, nowMs: number) {
    this.#limits = limits;
    this.#credit = limits.burstOctets;
    this.#atMs = nowMs;
  }

  /** So much came. Returns how long nothing more is to be read, milliseconds; 0: go on. */
  spend(octets: number, packets: number, nowMs: number): number {
    const { octetsPerS, burstOctets, octetsPerPacket } = this.#limits;
    const earned = (Math.max(0, nowMs - this.#atMs) * octetsPerS) / 1000;
    this.#atMs = nowMs;
    this.#credit = Math.min(burstOctets, this.#credit + earned) - octets - packets * octetsPerPacket;
    return this.#credit >= 0 ? 0 : Math.ceil((-this.#credit * 1000) / octetsPerS);
  }
}
