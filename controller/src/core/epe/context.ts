import type { EpeNumbers } from "@vsix/shared/fabric/epe-model.ts";
import { witnesses } from "./compare.ts";
import { type DestinationState, destinationState } from "./destination-state.ts";
import type { PlannedDestination } from "./destinations.ts";
import type { CycleView, EpeEvidence } from "./evidence/view.ts";
import { type FigureTable, look, newTable } from "./figures.ts";
import { type LossPrior, priorOf } from "./loss-prior.ts";
import { type EpeMemory, type RowMemory, rowKey } from "./memory.ts";
import type { PeerState } from "./peer-states.ts";
import type { EpePolicy, Headend, TrafficClass } from "./policy.ts";
import { type CycleOrder, orderOf, type Reading, readingOf } from "./reading.ts";
import { type CoveringRoutes, Routes } from "./routes.ts";

/** What one decision is made from. */
export interface DecideInput {
  readonly policy: EpePolicy;
  readonly destinations: readonly PlannedDestination[];
  readonly evidence: EpeEvidence;
  readonly memory: EpeMemory;
  /** On the controller's clock that never jumps. */
  readonly nowMs: number;
}

/** One node's measurements as this decision reads them. */
export interface Vantage {
  readonly node: string;
  readonly view: CycleView;
  readonly order: CycleOrder;
  readonly reading: Reading;
  /** Policy position to column. */
  readonly columns: readonly (number | undefined)[];
  /** Destination by destination, in each policy peer by policy peer. */
  readonly table: FigureTable;
  /** By destination; filled as they are asked for. */
  readonly sights: (Sight | undefined)[];
}

/** One destination from one vantage. */
export interface Sight {
  readonly table: FigureTable;
  /** Place in it of the first policy peer; the others follow. */
  readonly first: number;
  /** False where the node was never asked to measure it. */
  readonly planned: boolean;
  readonly state: DestinationState;
}

/** Newest cycle older than so many cycles: the node does not measure just now. */
const SILENT_CYCLES = 3;

/** Answers to questions that several rows ask, each worked out once. */
export class Context {
  readonly input: DecideInput;
  readonly states: readonly PeerState[];
  /** Peer name to its position in the policy. */
  readonly positions: ReadonlyMap<string, number>;
  /** Cycles without which nothing is said of a peer. */
  readonly witnesses: number;
  /** Classes with a hard limit. */
  readonly limited: ReadonlySet<TrafficClass>;
  readonly #vantages = new Map<string, Vantage | undefined>();
  readonly #routes: Routes;
  readonly #priors = new Map<string, { readonly prior: LossPrior | undefined }>();

  constructor(input: DecideInput, states: readonly PeerState[]) {
    this.input = input;
    this.states = states;
    this.witnesses = witnesses(input.policy.numbers);
    this.limited = new Set(
      input.policy.classes.filter(({ objective: { limits } }) =>
        Object.values(limits).some((limit) => limit !== undefined),
      ),
    );
    this.positions = new Map(input.policy.peers.map(({ name }, at) => [name, at]));
    const usable = states.some(({ gone }) => gone !== undefined)
      ? (peer: string) => states[this.positions.get(peer) ?? -1]?.gone === undefined
      : undefined;
    this.#routes = new Routes(input, this.positions, usable);
  }

  /** Of those that may measure for a headend the first that does; else the first that ever did. */
  vantageOf({ vantages }: Headend): Vantage | undefined {
    const known = vantages.flatMap((node) => this.#vantage(node) ?? []);
    const { nowMs, policy } = this.input;
    const fresh = known.find(
      ({ order }) => nowMs - (order.beganMs[0] ?? Number.NEGATIVE_INFINITY) <= SILENT_CYCLES * policy.cycleMs,
    );
    return fresh ?? known[0];
  }

  /** @param at place of the destination among all */
  sight(vantage: Vantage, at: number): Sight {
    let sight = vantage.sights[at];
    if (sight === undefined) {
      const { view, order, reading, columns, table } = vantage;
      const row = view.rowOf(this.input.destinations[at]?.address ?? "", at);
      const first = at * columns.length;
      if (row !== undefined)
        for (let peer = 0; peer < columns.length; peer++) {
          const column = columns[peer];
          if (column !== undefined) look(table, first + peer, reading, row * view.peers.length + column);
        }
      const state = destinationState(order.slots.length, table, first, columns.length);
      sight = { table, first, planned: row !== undefined, state };
      vantage.sights[at] = sight;
    }
    return sight;
  }

  /** By prefix what is remembered of a headend's rows of a class. One of them is looked up by what exists already: no key is made. */
  remembered({ node }: Headend, { name }: TrafficClass): ReadonlyMap<string, RowMemory> {
    const head = rowKey(node, name, "");
    const found = new Map<string, RowMemory>();
    for (const [key, row] of this.input.memory.rows)
      if (key.startsWith(head)) found.set(key.slice(head.length), row);
    return found;
  }

  /** Since when neither link of two is, or was, full. */
  calmMs(from: number, to: number): number {
    const until = (at: number): number => this.states[at]?.fullUntilMs ?? Number.NEGATIVE_INFINITY;
    return Math.max(until(from), until(to));
  }

  /** How often ways lose that a node measures; undefined where there are too few to say. */
  lossPrior(vantage: Vantage): LossPrior | undefined {
    let known = this.#priors.get(vantage.node);
    if (known === undefined) {
      known = { prior: lossPriorOf(vantage, this.input.destinations, this.input.policy.numbers) };
      this.#priors.set(vantage.node, known);
    }
    return known.prior;
  }

  /** @param at place of the destination among all */
  routes(at: number): CoveringRoutes {
    return this.#routes.covering(at);
  }

  /** What BGP chooses for a headend; undefined: not known, or none. */
  bgp(headend: Headend, at: number): number | undefined {
    return this.#routes.bgp(headend, at);
  }

  #vantage(node: string): Vantage | undefined {
    if (!this.#vantages.has(node)) {
      const view = this.input.evidence.cycles(node);
      const times = view?.cycles ?? [];
      const columns = this.input.policy.peers.map(({ name }) => {
        const column = view?.peers.indexOf(name) ?? -1;
        return column < 0 ? undefined : column;
      });
      const { length } = this.input.destinations;
      const order = orderOf(times);
      const reading = view && readingOf(view, order, this.input.policy.numbers.cycles);
      this.#vantages.set(
        node,
        view === undefined || reading === undefined || times.length === 0
          ? undefined
          : {
              ...{ node, view, order, columns },
              reading,
              table: newTable(length * columns.length, reading),
              sights: new Array<Sight | undefined>(length),
            },
      );
    }
    return this.#vantages.get(node);
  }
}

/** Ways looked at to know how often ways lose, and without which nothing is said of that. */
const MOST_WAYS = 2000;
const LEAST_WAYS = 100;
/** Windows in which losses are looked for: all cycles that losses are judged by, all that round trips are, and so small a part of those. */
const SHORT_PART = 2.4;

function lossPriorOf(
  { view, order, columns }: Vantage,
  destinations: readonly PlannedDestination[],
  { cycles, lossCycles }: EpeNumbers,
): LossPrior | undefined {
  const used = columns.filter((column) => column !== undefined);
  const step = Math.max(1, Math.ceil((destinations.length * used.length) / MOST_WAYS));
  const bases: number[] = [];
  for (let at = 0; at < destinations.length; at += step) {
    const row = view.rowOf(destinations[at]?.address ?? "", at);
    if (row === undefined) continue;
    for (const column of used) bases.push((row * view.peers.length + column) * view.slots);
  }
  if (bases.length < LEAST_WAYS) return undefined;
  return priorOf(view, order, bases, [lossCycles, cycles, Math.ceil(cycles / SHORT_PART)]);
}
