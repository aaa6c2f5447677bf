import type { AddressRoutes } from "./bgp-choice.ts";
import { witnesses } from "./compare.ts";
import { type DestinationState, destinationState } from "./destination-state.ts";
import type { PlannedDestination } from "./destinations.ts";
import type { CycleView, EpeEvidence, RouteFact } from "./evidence/view.ts";
import { type CycleOrder, type FigureTable, look, newTable, orderOf } from "./figures.ts";
import { boutsOf } from "./loss.ts";
import { type EpeMemory, type RowMemory, rowKey } from "./memory.ts";
import type { PeerState } from "./peer-states.ts";
import type { EpePolicy, Headend, TrafficClass } from "./policy.ts";

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

/** Routes that cover one address. */
export interface CoveringRoutes extends AddressRoutes {
  /** By policy position; undefined: it announces none; null: not known. */
  readonly byPeer: readonly (RouteFact | undefined | null)[];
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
  readonly #usable: ((peer: string) => boolean) | undefined;
  readonly #routes: (CoveringRoutes | undefined)[] = [];
  readonly #vias: readonly string[];
  /** By policy position its place in them. */
  readonly #viaOf: readonly number[];
  readonly #usual = new Map<string, { readonly bouts: number | undefined }>();

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
    if (states.some(({ gone }) => gone !== undefined))
      this.#usable = (peer) => states[this.positions.get(peer) ?? -1]?.gone === undefined;
    const vias = [...new Set(input.policy.peers.map(({ via }) => via))];
    this.#vias = vias;
    this.#viaOf = input.policy.peers.map(({ via }) => vias.indexOf(via));
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
      const { view, order, columns, table } = vantage;
      const row = view.rowOf(this.input.destinations[at]?.address ?? "", at);
      const { cycles } = this.input.policy.numbers;
      const first = at * columns.length;
      if (row !== undefined)
        for (let peer = 0; peer < columns.length; peer++) {
          const column = columns[peer];
          if (column !== undefined)
            look(table, first + peer, view, order, row * view.peers.length + column, cycles);
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

  /** Bouts of loss a cycle of most ways that a node measures; undefined where there are too few to say what is usual. */
  usualBouts(vantage: Vantage): number | undefined {
    let usual = this.#usual.get(vantage.node);
    if (usual === undefined) {
      usual = { bouts: usualBouts(vantage, this.input.destinations, this.input.policy.numbers) };
      this.#usual.set(vantage.node, usual);
    }
    return usual.bouts;
  }

  /** @param destination its place among all */
  routes(destination: number): CoveringRoutes {
    let routes = this.#routes[destination];
    if (routes === undefined) {
      const { evidence, destinations } = this.input;
      const { address } = destinations[destination] ?? { address: "" };
      const told: (readonly RouteFact[] | undefined)[] = [];
      for (const via of this.#vias) told.push(evidence.routes(via, address));
      const byPeer = new Array<RouteFact | undefined | null>(this.#viaOf.length);
      for (let at = 0; at < byPeer.length; at++)
        byPeer[at] = told[this.#viaOf[at] ?? -1] === undefined ? null : undefined;
      for (const routes of told) {
        if (routes === undefined) continue;
        for (const route of routes) {
          const at = this.positions.get(route.peer);
          if (at !== undefined) byPeer[at] = route;
        }
      }
      routes = { vias: this.#vias, told, byPeer };
      this.#routes[destination] = routes;
    }
    return routes;
  }

  /** False for a peer that surely takes nothing now; undefined where there is none such. */
  get usable(): ((peer: string) => boolean) | undefined {
    return this.#usable;
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
      this.#vantages.set(
        node,
        view === undefined || times.length === 0
          ? undefined
          : {
              ...{ node, view, order: orderOf(times), columns },
              table: newTable(length * columns.length),
              sights: new Array<Sight | undefined>(length),
            },
      );
    }
    return this.#vantages.get(node);
  }
}

/** Ways looked at to know what is usual, and without which nothing is. */
const MOST_WAYS = 2000;
const LEAST_WAYS = 100;
/** Of them the worst part is what is to be found. */
const USUAL_SHARE = 0.9;

function usualBouts(
  { view, order, columns }: Vantage,
  destinations: readonly PlannedDestination[],
  { lossCycles }: { readonly lossCycles: number },
): number | undefined {
  const used = columns.filter((column) => column !== undefined);
  const judged = Math.min(order.slots.length, lossCycles);
  const step = Math.max(1, Math.ceil((destinations.length * used.length) / MOST_WAYS));
  const bouts: number[] = [];
  for (let at = 0; at < destinations.length; at += step) {
    const row = view.rowOf(destinations[at]?.address ?? "");
    if (row === undefined) continue;
    for (const column of used) {
      const seen = boutsOf(view, order, judged, (row * view.peers.length + column) * view.slots);
      // Who answers nothing is no way.
      if (seen.lost < seen.sent) bouts.push(seen.bouts);
    }
  }
  if (bouts.length < LEAST_WAYS) return undefined;
  bouts.sort((a, b) => a - b);
  const usual = bouts.slice(0, Math.ceil(bouts.length * USUAL_SHARE));
  return usual.reduce((sum, one) => sum + one, 0) / usual.length / Math.max(1, judged);
}
