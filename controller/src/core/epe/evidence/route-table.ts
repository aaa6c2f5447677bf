import type { EgressRoute, EgressRoutes } from "@vsix/shared/contract/up-egress.ts";
import { countOn, type OctetReadings, rateOf } from "./octet-rate.ts";
import type { PeerFact, RouteFact } from "./view.ts";

/** AS numbers of a path that are kept as text. */
const KEPT_HOPS = 16;
/** So many messages in a row that say to be older than the last are believed: the node's clock was set back, or the last was the old one. */
const STEPPED_BACK = 3;
/** Runs of an agent that are remembered as over. */
const RUNS = 8;
const ORIGINS = { igp: 0, egp: 1, incomplete: 2 } as const;

/** Routes towards one address. */
interface Kept {
  readonly address: string;
  heardMs: number;
  /** The same list for as long as they do not change: whoever has worked something out from it sees that by looking. */
  routes: readonly RouteFact[];
}

interface PeerState extends Omit<PeerFact, "load"> {
  /** Octets outwards, oldest first. */
  readonly octets: OctetReadings;
}

/** What one External Edge last said of its egress peers and of their routes towards the destinations of the plan. */
export class RouteTable {
  readonly #peers = new Map<string, PeerState>();
  readonly #routes = new Map<string, Kept>();
  /** The same by place in the plan, as they were asked for. */
  #likely: (Kept | undefined)[] = [];
  #lastAt = Number.NEGATIVE_INFINITY;
  #run: { readonly instance: string; readonly sequence: number } | undefined;
  #over: readonly string[] = [];
  #older = 0;

  /** @param wanted peers of this External Edge @param planned addresses of the plan; nothing else is kept */
  take(
    message: EgressRoutes,
    receivedMs: number,
    wanted: ReadonlySet<string>,
    planned: ReadonlySet<string>,
  ): "taken" | "late" | "previous-run" | "impossible" {
    const at = Date.parse(message.at);
    if (Number.isNaN(at)) return "impossible";
    const old = this.#old(message, at);
    if (old !== undefined && ++this.#older < STEPPED_BACK) return old;
    this.#older = 0;
    this.#lastAt = at;
    this.#goOn(message);
    for (const peer of message.peers) {
      if (!wanted.has(peer.name)) continue;
      this.#peers.set(peer.name, {
        heardMs: receivedMs,
        established: peer.state.toLowerCase() === "established",
        sinceMs: receivedMs - peer.forMs,
        sid: peer.sid,
        octets: countOn(this.#peers.get(peer.name)?.octets ?? [], receivedMs, peer.txOctets),
      });
    }
    // The plan's own texts, so that nobody who compares them has to read them.
    const own = new Map([...wanted].map((name) => [name, name]));
    const names = message.peers.map(({ name }) => own.get(name));
    for (const { address, routes } of message.rows) {
      if (!planned.has(address)) continue;
      const kept = routes.flatMap((route) => {
        const peer = names[route.peer];
        return peer === undefined ? [] : [factOf(peer, route)];
      });
      const before = this.#routes.get(address);
      if (before === undefined) this.#routes.set(address, { address, heardMs: receivedMs, routes: kept });
      else {
        before.heardMs = receivedMs;
        if (!alike(before.routes, kept)) before.routes = kept;
      }
    }
    return "taken";
  }

  /** By the agent's own count; by its wall clock only where it does not count. */
  #old({ instance, sequence }: EgressRoutes, at: number): "late" | "previous-run" | undefined {
    if (instance === undefined || sequence === undefined) return at < this.#lastAt ? "late" : undefined;
    if (instance === this.#run?.instance) return sequence < this.#run.sequence ? "late" : undefined;
    return this.#over.includes(instance) ? "previous-run" : undefined;
  }

  #goOn({ instance, sequence }: EgressRoutes): void {
    const before = this.#run?.instance;
    if (before !== undefined && before !== instance) this.#over = [...this.#over, before].slice(-RUNS);
    this.#over = this.#over.filter((over) => over !== instance);
    this.#run = instance === undefined || sequence === undefined ? undefined : { instance, sequence };
  }

  /** Forgets what is not in the plan any more. */
  keepOnly(planned: ReadonlySet<string>): void {
    for (const address of this.#routes.keys()) if (!planned.has(address)) this.#routes.delete(address);
    this.#likely = [];
  }

  peer(name: string): PeerFact | undefined {
    const state = this.#peers.get(name);
    if (state === undefined) return undefined;
    const { octets, ...rest } = state;
    return { ...rest, load: rateOf(octets) };
  }

  /** @param likely place in the plan, where it is known: most of the time there is nothing to look up */
  routes(address: string, sinceMs: number, likely?: number): readonly RouteFact[] | undefined {
    let known = likely === undefined ? undefined : this.#likely[likely];
    if (known?.address !== address) {
      known = this.#routes.get(address);
      if (likely !== undefined) this.#likely[likely] = known;
    }
    return known === undefined || known.heardMs < sinceMs ? undefined : known.routes;
  }
}

function alike(some: readonly RouteFact[], others: readonly RouteFact[]): boolean {
  return (
    some.length === others.length &&
    some.every((a, at) => {
      const b = others[at];
      return (
        b !== undefined &&
        a.peer === b.peer &&
        a.prefix === b.prefix &&
        a.length === b.length &&
        a.originAs === b.originAs &&
        a.path === b.path &&
        a.origin === b.origin &&
        a.med === b.med &&
        a.filtered === b.filtered &&
        a.best === b.best
      );
    })
  );
}

function factOf(peer: string, route: EgressRoute): RouteFact {
  const { asPath } = route;
  return {
    peer,
    prefix: route.prefix,
    length: asPath.length,
    originAs: asPath.at(-1),
    path: asPath.slice(0, KEPT_HOPS).join(" ") + (asPath.length > KEPT_HOPS ? " …" : ""),
    origin: ORIGINS[route.origin],
    med: route.med ?? 0,
    filtered: route.filtered ?? false,
    best: route.best ?? false,
  };
}
