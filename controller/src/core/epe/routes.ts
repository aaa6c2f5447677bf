import { type AddressRoutes, bgpChoice } from "./bgp-choice.ts";
import type { PlannedDestination } from "./destinations.ts";
import type { EpeEvidence, RouteFact } from "./evidence/view.ts";
import type { EpePolicy, Headend, PolicyPeer } from "./policy.ts";

/** Routes that cover one address. */
export interface CoveringRoutes extends AddressRoutes {
  /** By policy position; undefined: it announces none; null: not known. */
  readonly byPeer: readonly (RouteFact | undefined | null)[];
}

/** What was worked out of the routes towards a plan's destinations. */
interface Known {
  readonly peers: readonly PolicyPeer[];
  /** By destination. */
  readonly routes: (CoveringRoutes | undefined)[];
  /** By destination the position of the peer that BGP chooses while all of them are usable, or one of the two below. */
  readonly choices: Map<Headend, Int32Array>;
}

const NOBODY = -1;
const NOT_ASKED = -2;

/**
 * What earlier decisions about the same destinations found. It is believed only where the lists of routes are the very same ones
 * (EpeEvidence.routes), so it is never anything but what would be found again.
 */
const knownOf = new WeakMap<readonly PlannedDestination[], Known>();

/** Routes as one decision reads them, each destination's looked up once. */
export class Routes {
  readonly #evidence: EpeEvidence;
  readonly #destinations: readonly PlannedDestination[];
  readonly #positions: ReadonlyMap<string, number>;
  readonly #usable: ((peer: string) => boolean) | undefined;
  readonly #known: Known;
  /** 1: looked up in this decision. */
  readonly #looked: Uint8Array;
  readonly #vias: readonly string[];
  /** By place in them the policy positions of its peers. */
  readonly #peersOf: readonly (readonly number[])[];
  /** What each External Edge tells of the destination at hand. */
  readonly #told: (readonly RouteFact[] | undefined)[];

  /** @param usable false for a peer that surely takes nothing now; undefined where there is none such */
  constructor(
    given: {
      readonly policy: EpePolicy;
      readonly evidence: EpeEvidence;
      readonly destinations: readonly PlannedDestination[];
    },
    positions: ReadonlyMap<string, number>,
    usable: ((peer: string) => boolean) | undefined,
  ) {
    const { evidence, destinations } = given;
    const { peers } = given.policy;
    this.#evidence = evidence;
    this.#destinations = destinations;
    this.#positions = positions;
    this.#usable = usable;
    let known = knownOf.get(destinations);
    if (known?.peers !== peers) {
      known = {
        peers,
        routes: new Array<CoveringRoutes | undefined>(destinations.length),
        choices: new Map(),
      };
      knownOf.set(destinations, known);
    }
    this.#known = known;
    this.#looked = new Uint8Array(destinations.length);
    this.#vias = [...new Set(peers.map(({ via }) => via))];
    this.#peersOf = this.#vias.map((via) => peers.flatMap((peer, at) => (peer.via === via ? [at] : [])));
    this.#told = new Array<readonly RouteFact[] | undefined>(this.#vias.length);
  }

  /** @param at place of the destination among all */
  covering(at: number): CoveringRoutes {
    const before = this.#known.routes[at];
    if (before !== undefined && this.#looked[at] === 1) return before;
    this.#looked[at] = 1;
    const { address } = this.#destinations[at] ?? { address: "" };
    let same = before !== undefined;
    for (let via = 0; via < this.#told.length; via++) {
      const own = this.#evidence.routes(this.#vias[via] ?? "", address, at);
      this.#told[via] = own;
      same &&= before?.told[via] === own;
    }
    if (before !== undefined && same) return before;
    const routes = this.#place();
    this.#known.routes[at] = routes;
    for (const choices of this.#known.choices.values()) choices[at] = NOT_ASKED;
    return routes;
  }

  /** Policy position of the peer that BGP chooses (bgp-choice.ts); undefined: not known, or none. */
  bgp(headend: Headend, at: number): number | undefined {
    const routes = this.covering(at);
    if (this.#usable !== undefined) return this.#choice(headend, routes);
    let choices = this.#known.choices.get(headend);
    if (choices === undefined) {
      choices = new Int32Array(this.#destinations.length).fill(NOT_ASKED);
      this.#known.choices.set(headend, choices);
    }
    if (choices[at] === NOT_ASKED) choices[at] = this.#choice(headend, routes) ?? NOBODY;
    const chosen = choices[at] ?? NOBODY;
    return chosen === NOBODY ? undefined : chosen;
  }

  #choice(headend: Headend, routes: CoveringRoutes): number | undefined {
    const chosen = bgpChoice(headend, routes, this.#usable);
    return chosen === undefined ? undefined : this.#positions.get(chosen.peer);
  }

  /** Mostly every peer of an External Edge announces a route, and they stand in the policy's order. */
  #place(): CoveringRoutes {
    const { peers } = this.#known;
    const byPeer = new Array<RouteFact | undefined | null>(peers.length);
    for (const [via, own] of this.#told.entries()) {
      const positions = this.#peersOf[via] ?? [];
      for (const peer of positions) byPeer[peer] = own === undefined ? null : undefined;
      for (const [place, route] of (own ?? []).entries()) {
        const likely = positions[place] ?? -1;
        const at = peers[likely]?.name === route.peer ? likely : this.#positions.get(route.peer);
        if (at !== undefined) byPeer[at] = route;
      }
    }
    return { vias: this.#vias, told: [...this.#told], byPeer };
  }
}
