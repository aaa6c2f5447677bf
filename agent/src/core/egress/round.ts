import type { Evidence } from "../trace/identify.ts";
import { ASKED_AS_WANTED, type BackOff, judgeCycle, probesAt } from "./back-off.ts";
import type { EgressBudget } from "./budget.ts";
import { EgressLedger } from "./ledger.ts";
import type { EgressMatcher } from "./matcher.ts";
import type { EgressPlan } from "./plan.ts";
import { encodeEgressProbe } from "./probe.ts";
import { EgressSchedule } from "./schedule.ts";

/** Where answers come to: this node's loopback. */
export interface EgressSource {
  readonly text: string;
  readonly octets: Uint8Array;
}

/** A packet to send, and what it is. */
export interface EgressProbe {
  readonly peer: number;
  readonly cell: number;
  readonly probe: number;
  readonly packet: Uint8Array;
}

export interface EgressTotals {
  readonly sent: number;
  readonly answered: number;
  /** Not sent, for the kernel would not, or the peer could not be reached from here. */
  readonly refused: number;
  readonly foreign: number;
}

export interface RoundOptions {
  readonly plan: EgressPlan;
  readonly matcher: EgressMatcher;
  readonly source: EgressSource;
  readonly budget: EgressBudget;
  /** Of destinations that are asked less than wanted, by address. */
  readonly backOffs: ReadonlyMap<string, BackOff>;
  readonly cycle: number;
  readonly startUs: number;
  /** Random, one for each probe. */
  readonly tokens: Uint32Array;
}

/** One cycle, without clock or socket: what leaves when, and what has become of it. Times are monotonic microseconds. */
export class EgressRound {
  readonly plan: EgressPlan;
  readonly cycle: number;
  readonly startUs: number;
  readonly ledger: EgressLedger;
  readonly #options: RoundOptions;
  readonly #schedule: EgressSchedule;
  #endUs: number;
  #sent = 0;
  #answered = 0;
  #refused = 0;

  constructor(options: RoundOptions) {
    const { plan, matcher, source, budget, backOffs, cycle, startUs, tokens } = options;
    this.#options = options;
    this.plan = plan;
    this.cycle = cycle;
    this.startUs = startUs;
    this.ledger = new EgressLedger(plan, matcher, source.text, tokens);
    this.#endUs = startUs + plan.windowUs + plan.timeoutUs;
    this.#schedule = new EgressSchedule({
      plan,
      budget,
      cycle,
      startUs,
      probesOf: ({ address }) => probesAt(backOffs.get(address) ?? ASKED_AS_WANTED, plan.probes),
    });
  }

  get totals(): EgressTotals {
    const { foreign } = this.ledger;
    return { sent: this.#sent, answered: this.#answered, refused: this.#refused, foreign };
  }

  /** Packets a second, about. */
  get perS(): number {
    const { cells, probes, windowUs, ratePerS } = this.plan;
    return Math.min(ratePerS, (cells * (probes + 1) * 1e6) / windowUs);
  }

  /** The next packet that is due. It must be told of by {@link sent} or {@link refused}. */
  next(nowUs: number): EgressProbe | undefined {
    for (;;) {
      const job = this.#schedule.next(nowUs);
      if (job === undefined) return undefined;
      const probe = this.ledger.nextProbe(job.cell, job.full);
      if (probe === undefined) continue;
      const token = this.ledger.tokenOf(job.cell, probe);
      const wanted = { ...job, probe, token };
      const packet = encodeEgressProbe(this.plan, this.#options.source.octets, wanted);
      if (packet === undefined) continue;
      // Its number is taken now, for the next of this cell may be made before this one has left.
      this.ledger.left(job.cell, probe, nowUs);
      return { peer: job.peer, cell: job.cell, probe, packet };
    }
  }

  sent({ cell, probe }: EgressProbe, atUs: number): void {
    this.#sent++;
    this.ledger.left(cell, probe, atUs);
  }

  /** It did not leave. @param mtu where it is larger than the device takes: of the inner packet, 0 is not known. */
  refused({ cell, probe }: EgressProbe, mtu?: number): void {
    this.#refused++;
    if (mtu !== undefined && probe === this.plan.probes) this.ledger.tooBigHere(cell, mtu);
    else this.ledger.unsent(cell, probe);
  }

  answered(evidence: Evidence, atUs: number, hopLimit = 0): void {
    if (this.ledger.answered(evidence, atUs, hopLimit)) this.#answered++;
  }

  /** Nothing more leaves; what has left is waited for. */
  stop(nowUs: number): void {
    this.#schedule.end();
    this.#endUs = Math.min(this.#endUs, Math.max(nowUs, this.startUs) + this.plan.timeoutUs);
  }

  /** When a packet is due; undefined when none is any more. */
  nextUs(nowUs: number): number | undefined {
    return this.#schedule.nextUs(nowUs);
  }

  /** When every probe is answered or lost. */
  get endUs(): number {
    return this.#endUs;
  }

  /** Who is to be asked less, or no longer, from the next cycle on. */
  judge(): ReadonlyMap<string, BackOff> {
    const next = new Map<string, BackOff>();
    for (const { address, peers, firstCell } of this.plan.destinations) {
      const before = this.#options.backOffs.get(address) ?? ASKED_AS_WANTED;
      const after = judgeCycle(
        before,
        peers.map((_, i) => this.ledger.count(firstCell + i)),
      );
      if (after.level > 0 || after.immune > 0 || after.wait > ASKED_AS_WANTED.wait) next.set(address, after);
    }
    return next;
  }
}
