import { randomBytes } from "node:crypto";
import type { EgressLookups } from "@vsix/shared/contract/part-egress.ts";
import type { EgressRoutes } from "@vsix/shared/contract/up-egress.ts";
import type { Logger } from "pino";
import type { LinkFacts } from "../core/compile/links.ts";
import { PeerLeads } from "../core/egress/peer-leads.ts";
import type { AgentDocument } from "../documents/document.ts";
import type { BgpEngine, SessionState } from "../resources/bgp/engine.ts";
import { type EgressPeerView, EgressRoutesSensor } from "../sensors/egress-routes.ts";

export interface EgressPeersOptions {
  readonly node: string;
  /** This node was forwarding before the agent started. */
  readonly adopted: boolean;
  readonly engine: Pick<BgpEngine, "routesTowards" | "choices">;
  readonly publish: (message: EgressRoutes) => void;
  /** Octets by port since the device was made; undefined while they have not been read. */
  readonly octetsOf: (port: string) => { readonly rxOctets: number; readonly txOctets: number } | undefined;
  /** A SID has to lead elsewhere now. */
  readonly onChange: () => void;
  readonly log: Logger;
  /** Monotonic, milliseconds. */
  readonly now: () => number;
}

type Neighbour = AgentDocument["bgp"]["neighbours"][number];

/** The egress peers of an External Edge: where their SIDs may lead, and what they announce. Idle on every other node. */
export class EgressPeers implements AsyncDisposable {
  readonly #options: EgressPeersOptions;
  readonly #leads: PeerLeads;
  #document: AgentDocument | undefined;
  #sessions: readonly SessionState[] = [];
  #timer: NodeJS.Timeout | undefined;
  /** Which start of the agent tells, and how often it has. */
  readonly #instance = randomBytes(8).toString("hex");
  #told = 0;
  #asked: EgressLookups | undefined;
  #sensor: EgressRoutesSensor | undefined;
  /** What is being ended, so that nobody goes before it has. */
  #ending: Promise<void> = Promise.resolve();

  constructor(options: EgressPeersOptions) {
    this.#options = options;
    this.#leads = new PeerLeads(options.adopted);
  }

  configure(document: AgentDocument): void {
    this.#document = document;
    const names = this.#upstreams().map(({ name }) => name);
    const { egress } = document.probes ?? {};
    this.#leads.configure(names, egress?.holdMs ?? 0, this.#options.now());
    if (JSON.stringify(this.#asked) === JSON.stringify(egress?.lookups)) return;
    this.#asked = egress?.lookups;
    const before = this.#sensor;
    this.#ending = this.#ending.then(() => before?.[Symbol.asyncDispose]());
    this.#sensor = egress?.lookups === undefined ? undefined : this.#begin(egress.lookups);
  }

  sessionsSeen(sessions: readonly SessionState[]): void {
    const { now, onChange } = this.#options;
    this.#sessions = sessions;
    const seen = sessions.map(({ neighbour, state }) => ({
      neighbour,
      established: state === "established",
    }));
    if (!this.#leads.seen(seen, now())) return;
    this.#wakeAtHold();
    this.#sensor?.hurry();
    onChange();
  }

  /** The same links, and why SIDs that lead out by them are plain lookups although the link is well. */
  withLeads(links: LinkFacts): LinkFacts {
    const held = this.#upstreams().flatMap(({ name, interface: port }) => {
      const reason = this.#leads.reason(name, this.#options.now());
      const fact = links.get(port);
      return reason === undefined || fact === undefined ? [] : [[port, { ...fact, lookup: reason }] as const];
    });
    return held.length === 0 ? links : new Map([...links, ...held]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearTimeout(this.#timer);
    await this.#ending;
    await this.#sensor?.[Symbol.asyncDispose]();
  }

  #upstreams(): readonly Neighbour[] {
    const { fabric, bgp } = this.#document ?? {};
    if (fabric?.node.role !== "external-edge") return [];
    return bgp?.neighbours.filter(({ kind }) => kind === "upstream") ?? [];
  }

  #wakeAtHold(): void {
    clearTimeout(this.#timer);
    const { now, onChange } = this.#options;
    const inMs = this.#leads.nextMs(now());
    if (inMs === undefined) return;
    this.#timer = setTimeout(() => {
      this.#wakeAtHold();
      this.#sensor?.hurry();
      onChange();
    }, inMs + 1);
  }

  #begin(lookups: EgressLookups): EgressRoutesSensor {
    const { node, engine, publish, log } = this.#options;
    const instance = this.#instance;
    const [peers, nextSequence] = [() => this.#views(), () => ++this.#told];
    return new EgressRoutesSensor({ node, instance, nextSequence, engine, lookups, publish, log, peers });
  }

  #views(): readonly EgressPeerView[] {
    const { node, now, octetsOf } = this.#options;
    return this.#upstreams().map(({ name, address, interface: port }) => {
      const session = this.#sessions.find(({ neighbour }) => neighbour === name);
      const hasSid = this.#document?.fabric.sids.some((sid) => "interface" in sid && sid.interface === port);
      const leads = this.#leads.reason(name, now()) === undefined;
      return {
        name: `${node}/${name}`,
        state: session?.state ?? "unknown",
        forMs: Math.round(this.#leads.forMs(name, now())),
        received: session?.received ?? 0,
        sid: hasSid !== true ? "none" : leads ? "peer" : "lookup",
        ...octetsOf(port),
        address,
        established: session?.state === "established",
      };
    });
  }
}
