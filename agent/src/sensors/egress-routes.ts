import { setTimeout as delay } from "node:timers/promises";
import type { EgressLookups } from "@vsix/shared/contract/part-egress.ts";
import type { EgressRoutes } from "@vsix/shared/contract/up-egress.ts";
import type { Logger } from "pino";
import { routeRows, shardRows, type ToldByPeer, type ToldRoute } from "../core/egress/route-rows.ts";
import { type BgpEngine, BgpEngineError } from "../resources/bgp/engine.ts";

type PeerView = EgressRoutes["peers"][number];

/** One egress peer as the agent sees it now. */
export interface EgressPeerView extends PeerView {
  /** Address of its BGP session. */
  readonly address: string;
  readonly established: boolean;
}

export interface EgressRoutesOptions {
  readonly node: string;
  /** Random at each start of the agent. */
  readonly instance: string;
  /** Number of the next telling of this instance. */
  readonly nextSequence: () => number;
  readonly engine: Pick<BgpEngine, "routesTowards" | "choices">;
  readonly lookups: EgressLookups;
  readonly peers: () => readonly EgressPeerView[];
  readonly publish: (message: EgressRoutes) => void;
  readonly log: Logger;
}

/** A change of sessions is told soon, and several of them together. */
const HURRY_MS = 500;
/** An engine under many updates answers late. */
const TIMEOUT_MS = 20_000;

/**
 * Tells how the egress peers of an External Edge are, and which routes they announce towards the addresses that the document
 * asks about: no table travels. A peer whose table cannot be asked now is told without routes, and asked again next time.
 */
export class EgressRoutesSensor implements AsyncDisposable {
  readonly #options: EgressRoutesOptions;
  readonly #abort = new AbortController();
  #wake = new AbortController();
  #hurried = false;
  readonly #loop: Promise<void>;

  constructor(options: EgressRoutesOptions) {
    this.#options = options;
    this.#loop = this.#run();
  }

  /** A session or a SID has changed. */
  hurry(): void {
    this.#hurried = true;
    this.#wake.abort();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#abort.abort();
    this.#wake.abort();
    await this.#loop;
  }

  async #run(): Promise<void> {
    const { signal } = this.#abort;
    while (!signal.aborted) {
      if (this.#hurried) await delay(HURRY_MS, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      this.#hurried = false;
      await this.#tell(signal);
      await this.#pause(this.#options.lookups.everyMs);
    }
  }

  async #tell(signal: AbortSignal): Promise<void> {
    const { node, instance, nextSequence, lookups, peers, publish } = this.#options;
    const all = peers();
    const told: ToldByPeer[] = [];
    // One after the other: gobgpd copies a peer's whole table for each question.
    for (const peer of all) {
      const routes = peer.established ? await this.#routesOf(peer, signal) : [];
      told.push({ address: peer.address, routes });
    }
    const choices = await this.#choices(signal);
    if (signal.aborted) return;
    const shards = shardRows(routeRows(lookups.addresses, told, choices));
    const at = new Date().toISOString();
    const sequence = nextSequence();
    for (const [shard, rows] of shards.entries())
      publish({
        version: 1,
        node,
        at,
        instance,
        sequence,
        shard,
        shards: shards.length,
        peers: all.map(({ address: _address, established: _established, ...view }) => view),
        rows: [...rows],
      });
  }

  async #routesOf(peer: EgressPeerView, signal: AbortSignal): Promise<readonly ToldRoute[]> {
    const { engine, lookups, log } = this.#options;
    try {
      const limited = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]);
      return await engine.routesTowards(peer.address, lookups.addresses, limited);
    } catch (error) {
      if (signal.aborted) return [];
      if (!(error instanceof BgpEngineError)) throw error;
      log.warn({ peer: peer.name, reason: error.message }, "routes of an egress peer not read");
      return [];
    }
  }

  /** Empty where the engine does not say: then BGP's choice is worked out by who reads it. */
  async #choices(signal: AbortSignal): Promise<ReadonlyMap<string, string>> {
    const { engine, lookups, log } = this.#options;
    try {
      return await engine.choices(
        lookups.addresses,
        AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
      );
    } catch (error) {
      if (signal.aborted) return new Map();
      if (!(error instanceof BgpEngineError)) throw error;
      log.warn({ reason: error.message }, "the engine does not say which routes it uses");
      return new Map();
    }
  }

  async #pause(ms: number): Promise<void> {
    this.#wake = new AbortController();
    if (this.#hurried || this.#abort.signal.aborted) return;
    await delay(ms, undefined, { signal: this.#wake.signal }).catch(() => undefined);
  }
}
