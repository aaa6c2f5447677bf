import type { Egress, EgressCell, EgressRoutes } from "@vsix/shared/contract/up-egress.ts";
import { DEFAULT_EPE } from "@vsix/shared/fabric/epe-defaults.ts";
import type { EpeNumbers, EpeObjective } from "@vsix/shared/fabric/epe-model.ts";
import { formatAddress } from "@vsix/shared/net/address.ts";
import { addressAt, formatPrefix, parsePrefix, subnet } from "@vsix/shared/net/prefix.ts";
import { decide } from "./decide.ts";
import type { Decision, EpeOutcome } from "./decision.ts";
import type { PlannedDestination } from "./destinations.ts";
import { EgressEvidence } from "./evidence/store.ts";
import { type EpeMemory, newMemory } from "./memory.ts";
import type { EpePolicy, TrafficClass } from "./policy.ts";

/** A small network for the tests of this folder: one plane router, two External Edges, some peers at each. */

export const CYCLE_MS = 30_000;
export const HEADEND = "blue-1";
const OBJECTIVE: EpeObjective = { weights: DEFAULT_EPE.weights, limits: {} };

/** What one cell of a cycle shows; absent: five answers of 10 ms. */
export interface Cell {
  readonly rttMs?: number;
  readonly lost?: number;
  readonly full?: EgressCell["full"];
  readonly hopLimit?: number;
  readonly stray?: number;
  readonly unsent?: boolean;
}

/** What one route shows; `none`: the peer announces none. */
export type Route =
  | "none"
  | { readonly asPath?: readonly number[]; readonly filtered?: boolean; readonly best?: boolean };

export interface SettingOptions {
  readonly peers?: readonly {
    readonly name: string;
    readonly cost?: number;
    readonly capacityMbps?: number;
  }[];
  readonly destinations?: number;
  readonly numbers?: Partial<EpeNumbers>;
  readonly classes?: readonly Partial<TrafficClass>[];
  readonly policy?: Partial<EpePolicy>;
  /** Destinations instead of the first /48s. */
  readonly prefixes?: readonly string[];
}

export const PEERS = [{ name: "xe-1/near" }, { name: "xe-1/far" }, { name: "xe-2/other" }] as const;

export class Setting {
  readonly policy: EpePolicy;
  readonly destinations: readonly PlannedDestination[];
  readonly store: EgressEvidence;
  readonly alive: Set<string>;
  readonly demand = new Map<string, number>();
  memory: EpeMemory;
  nowMs = 10_000_000;
  cycle = 0;
  /** What cells and routes show, by destination and peer. */
  cell: (destination: number, peer: string, cycle: number) => Cell = () => ({});
  route: (destination: number, peer: string) => Route = () => ({});
  /** Sessions: up since when, and how loaded; by peer. */
  up: (peer: string) => {
    readonly established?: boolean;
    readonly forMs?: number;
    readonly sid?: "peer" | "lookup";
  } = () => ({});
  loadMbps: (peer: string) => number | undefined = () => undefined;
  readonly #octets = new Map<string, number>();

  constructor(options: SettingOptions = {}) {
    const peers = (options.peers ?? PEERS).map((peer) => ({
      cost: 0,
      detourAt: 0.9,
      restoreAt: 0.7,
      ...peer,
      via: peer.name.split("/")[0] ?? "",
    }));
    const given = options.classes ?? [{}];
    this.policy = {
      mode: "enforce",
      cycleMs: CYCLE_MS,
      timeoutMs: 1000,
      fullSize: 1500,
      numbers: { ...DEFAULT_EPE.decide, ...options.numbers },
      peers,
      headends: [
        {
          node: HEADEND,
          vantages: [HEADEND],
          exitCosts: new Map([
            ["xe-1", 10],
            ["xe-2", 20],
          ]),
        },
      ],
      classes: given.map((one) => ({
        name: "default",
        match: {},
        destinations: undefined,
        objective: OBJECTIVE,
        ranks: peers.map(() => 1),
        ...one,
      })),
      unannounced: "never",
      neverAs: new Set(),
      ...options.policy,
    };
    const block = parsePrefix("3fff::/20");
    if (block === undefined) throw new Error("no block");
    const prefixes =
      options.prefixes?.flatMap((text) => parsePrefix(text) ?? []) ??
      Array.from({ length: options.destinations ?? 1 }, (_, at) => subnet(block, 48, at));
    this.destinations = prefixes.map((parsed, at) => ({
      prefix: formatPrefix(parsed),
      // Nested prefixes have hosts of their own.
      address: formatAddress(addressAt(parsed, at + 1)),
      protocol: "icmp6",
      parsed,
    }));
    this.alive = new Set([HEADEND, "xe-1", "xe-2"]);
    this.store = new EgressEvidence({
      addresses: this.destinations.map(({ address }) => address),
      peers: new Map(peers.map(({ name, via }) => [name, via])),
      vantages: [HEADEND],
      slots: this.policy.numbers.lossCycles + 2,
    });
    this.memory = newMemory(this.policy.mode);
  }

  egress(cycle = this.cycle): Egress {
    return {
      version: 1,
      node: HEADEND,
      instance: "a",
      cycle,
      shard: 0,
      shards: 1,
      startMs: 0,
      ageMs: CYCLE_MS,
      peers: this.policy.peers.map(({ name }) => name),
      rows: this.destinations.map(({ address }, at) => ({
        address,
        cells: this.policy.peers.flatMap(({ name }, peer) => {
          const cell = this.cell(at, name, cycle);
          return cell.unsent === true ? [] : [cellOf(cell, peer, at * 7 + peer * 3 + cycle)];
        }),
      })),
    };
  }

  routes(via: string): EgressRoutes {
    const peers = this.policy.peers.filter((peer) => peer.via === via);
    return {
      version: 1,
      node: via,
      at: new Date(1_700_000_000_000 + this.nowMs).toISOString(),
      shard: 0,
      shards: 1,
      peers: peers.map(({ name }) => {
        const {
          established = true,
          forMs = 3_600_000,
          sid = established ? "peer" : "lookup",
        } = this.up(name);
        const octets = this.#octets.get(name);
        return {
          name,
          state: established ? "ESTABLISHED" : "ACTIVE",
          forMs,
          received: 1,
          sid,
          ...(octets === undefined ? {} : { txOctets: octets }),
        };
      }),
      rows: this.destinations.map(({ prefix, address }, at) => ({
        address,
        routes: peers.flatMap(({ name }, peer) => {
          const route = this.route(at, name);
          if (route === "none") return [];
          const { asPath = [64500, 64600], ...rest } = route;
          return [
            {
              peer,
              prefix,
              asPath: [...asPath],
              origin: "igp" as const,
              nextHop: "fe80::1",
              communities: [],
              ...rest,
            },
          ];
        }),
      })),
    };
  }

  /** Lets so many cycles pass, evidence arriving, nothing decided. */
  measure(cycles: number): void {
    for (let at = 0; at < cycles; at++) {
      this.nowMs += CYCLE_MS;
      this.cycle++;
      for (const { name } of this.policy.peers) {
        const mbps = this.loadMbps(name);
        if (mbps !== undefined)
          this.#octets.set(name, (this.#octets.get(name) ?? 1e12) + (mbps * CYCLE_MS * 1000) / 8);
      }
      this.store.takeCycle(this.egress(), this.nowMs);
      for (const via of ["xe-1", "xe-2"]) this.store.takeRoutes(this.routes(via), this.nowMs);
    }
  }

  decide(): EpeOutcome {
    const evidence = this.store.view(this.alive, this.nowMs, this.demand);
    const outcome = decide({
      policy: this.policy,
      destinations: this.destinations,
      evidence,
      memory: this.memory,
      nowMs: this.nowMs,
    });
    this.memory = outcome.memory;
    return outcome;
  }

  /** So many cycles, decided after each; the outcomes. */
  run(cycles: number): EpeOutcome[] {
    return Array.from({ length: cycles }, () => {
      this.measure(1);
      return this.decide();
    });
  }

  /** As `run`; the last decision about one destination. */
  after(cycles: number, destination = 0): Decision {
    const prefix = this.destinations[destination]?.prefix;
    const found = this.run(cycles)
      .at(-1)
      ?.decisions.find((one) => one.prefix === prefix);
    if (found === undefined) throw new Error(`no decision about ${prefix}`);
    return found;
  }
}

/** Five probes; a little apart, the same for the same cell, so that no two cycles are equal. */
function cellOf(
  { rttMs = 10, lost = 0, full = "arrived", hopLimit, stray }: Cell,
  peer: number,
  salt: number,
): EgressCell {
  const rttsUs = Array.from({ length: 5 }, (_, at) =>
    at < lost ? -1 : Math.round(rttMs * 1000 + ((salt * 7919 + at * 104_729) % 200)),
  );
  return {
    peer,
    sent: 5,
    lost,
    unsent: 0,
    rttsUs,
    full,
    ...(hopLimit === undefined ? {} : { hopLimit }),
    ...(stray === undefined ? {} : { stray }),
  };
}
