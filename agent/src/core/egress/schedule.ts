import type { EgressBudget } from "./budget.ts";
import { DueHeap } from "./due-heap.ts";
import type { EgressPlan, EgressPlanDestination } from "./plan.ts";

/** A packet that is to leave now. */
export interface EgressJob {
  /** Position in the plan. */
  readonly destination: number;
  /** Position in the plan. */
  readonly peer: number;
  readonly cell: number;
  readonly full: boolean;
}

export interface ScheduleOptions {
  readonly plan: EgressPlan;
  readonly budget: EgressBudget;
  /** Counts up with cycles: who comes first changes with it, so that nobody always comes too late. */
  readonly cycle: number;
  readonly startUs: number;
  /** Ordinary probes of a destination by each of its peers in this cycle. */
  readonly probesOf: (destination: EgressPlanDestination) => number;
}

interface Line {
  /** Positions in the plan's peers and cells, in the order in which they are asked. */
  readonly peers: readonly number[];
  readonly cells: readonly number[];
  readonly full: boolean;
  readonly total: number;
  readonly stepUs: number;
  done: number;
}

/** Where a destination's budget is too small for a cycle, the probe of full size comes with one cycle in so many. */
const FULL_SELDOM = 8;
/** Of the window, at its end, and at most so long: nothing is planned for then, so that who was held up still has time. */
const SPARE_SHARE = 0.05;
const MAX_SPARE_US = 1e6;
/** An irrational share, so that who begins moves over all places. */
const GOLDEN = 0.618034;

/**
 * When which probe of a cycle leaves. A destination is asked by its peers in turn, evenly over the whole window: so its peers are
 * compared over the same time, and none of them right behind another. Probes of full size come first: whoever looks up a
 * neighbour does it for them. Times are monotonic microseconds; a late caller makes up for what it missed within the budget.
 */
export class EgressSchedule {
  readonly #options: ScheduleOptions;
  readonly #lines: readonly Line[];
  readonly #heap: DueHeap;
  readonly #endUs: number;
  #ended = false;

  constructor(options: ScheduleOptions) {
    this.#options = options;
    const { plan, startUs, cycle } = options;
    this.#endUs = startUs + plan.windowUs;
    const count = plan.destinations.length;
    this.#lines = plan.destinations.map((destination, i) => this.#line(destination, i));
    this.#heap = new DueHeap(count);
    const first = Math.floor(cycle * GOLDEN * count);
    this.#lines.forEach((line, i) => {
      const spreadUs = Math.min(line.stepUs, plan.windowUs) * (((i + first) % count) / count);
      if (line.total > 0) this.#heap.push(i, startUs + spreadUs);
    });
  }

  /** The next probe, when it is due and within the budget, which it is then taken from. To be asked until there is none. */
  next(nowUs: number): EgressJob | undefined {
    const { budget, plan } = this.#options;
    while (!this.#ended && this.#heap.firstUs <= nowUs && this.#heap.firstUs < this.#endUs) {
      if (nowUs >= this.#endUs || budget.nodeReadyUs(nowUs) > nowUs) return undefined;
      const destination = this.#heap.first;
      const dueUs = this.#heap.firstUs;
      const line = this.#lines[destination];
      const address = plan.destinations[destination]?.address;
      this.#heap.pop();
      if (line === undefined || address === undefined) continue;
      const readyUs = budget.destinationReadyUs(address, nowUs);
      if (readyUs > nowUs) {
        this.#heap.push(destination, readyUs);
        continue;
      }
      budget.take(address, nowUs);
      return this.#take(destination, line, dueUs);
    }
    return undefined;
  }

  /** When to ask again; undefined when nothing more leaves in this cycle. */
  nextUs(nowUs: number): number | undefined {
    const dueUs = this.#heap.firstUs;
    if (this.#ended || dueUs >= this.#endUs || nowUs >= this.#endUs) return undefined;
    return Math.max(dueUs, this.#options.budget.nodeReadyUs(nowUs));
  }

  /** Nothing more leaves. */
  end(): void {
    this.#ended = true;
  }

  #take(destination: number, line: Line, dueUs: number): EgressJob {
    const at = line.done % line.peers.length;
    const full = line.full && line.done < line.peers.length;
    line.done++;
    if (line.done < line.total) this.#heap.push(destination, dueUs + line.stepUs);
    return { destination, peer: line.peers[at] ?? 0, cell: line.cells[at] ?? 0, full };
  }

  #line(destination: EgressPlanDestination, index: number): Line {
    const { plan, cycle, probesOf } = this.#options;
    const usable = destination.peers
      .map((peer, i) => ({ peer, cell: destination.firstCell + i }))
      .filter(({ peer }) => plan.peers[peer]?.way !== undefined);
    const turn = usable.length === 0 ? 0 : cycle % usable.length;
    const ways = [...usable.slice(turn), ...usable.slice(0, turn)];
    const least = 1e6 / plan.destinationRatePerS;
    const plannedUs = plan.windowUs - Math.min(MAX_SPARE_US, plan.windowUs * SPARE_SHARE);
    const rounds = probesOf(destination);
    const fits = Math.floor(plan.windowUs / least);
    const full =
      plan.fullSize > 0 && (fits >= ways.length * (rounds + 1) || (cycle + index) % FULL_SELDOM === 0);
    const total = ways.length * (rounds + (full ? 1 : 0));
    return {
      peers: ways.map(({ peer }) => peer),
      cells: ways.map(({ cell }) => cell),
      full,
      total,
      stepUs: Math.max(plannedUs / Math.max(1, total), least),
      done: 0,
    };
  }
}
