import type { Egress, EgressRoutes } from "@vsix/shared/contract/up-egress.ts";
import { VsixError } from "@vsix/shared/errors/vsix-error.ts";
import { CELL_BYTES, CELL_SUM_BYTES, CycleWindow, type Taken } from "./cycle-window.ts";
import { RouteTable } from "./route-table.ts";
import type { EpeEvidence } from "./view.ts";

/** What is measured, by whom, and for how long it is kept. */
export interface EvidencePlan {
  /** Addresses of the destinations, each once. */
  readonly addresses: readonly string[];
  /** Egress peer name to its External Edge. */
  readonly peers: ReadonlyMap<string, string>;
  /** Nodes that measure. */
  readonly vantages: readonly string[];
  /** Cycles kept; no fewer than are judged. */
  readonly slots: number;
}

/** Beyond this a plan is refused: nodes, destinations, peers and cycles multiply. */
export const MAX_EVIDENCE_BYTES = 512 * 1024 * 1024;
/** Routes that were not told for so long are not known. */
const ROUTES_AGE_MS = 300_000;

/**
 * Evidence of egress peers, from messages of the contract. Holds no more than its plan says, whatever arrives; nothing in it
 * depends on the order of arrival, on a node's clock, or on what came twice.
 */
export class EgressEvidence {
  #plan: EvidencePlan;
  #planned: ReadonlySet<string>;
  #windows: ReadonlyMap<string, CycleWindow>;
  #tables: ReadonlyMap<string, RouteTable>;
  /** By what became of them; for the operator. */
  readonly counts = new Map<Taken | "stranger", number>();

  /** @throws VsixError `epe-too-large` */
  constructor(plan: EvidencePlan) {
    this.#plan = { ...plan, addresses: [], vantages: [] };
    this.#planned = new Set();
    this.#windows = new Map();
    this.#tables = new Map();
    this.replan(plan);
  }

  /**
   * Another plan; what is known of destinations that stay is kept.
   * @throws VsixError `epe-too-large`; then the plan before goes on
   */
  replan(plan: EvidencePlan): void {
    const bytes = bytesOf(plan);
    if (bytes > MAX_EVIDENCE_BYTES) throw tooLarge(plan, bytes);
    const peers = [...plan.peers.keys()];
    this.#windows = new Map(
      plan.vantages.map((node) => {
        const window = new CycleWindow(plan.addresses, peers, plan.slots);
        const before = this.#windows.get(node);
        if (before !== undefined) window.adopt(before);
        return [node, window];
      }),
    );
    this.#tables = new Map(
      [...new Set(plan.peers.values())].map((via) => [via, this.#tables.get(via) ?? new RouteTable()]),
    );
    this.#plan = plan;
    this.#planned = new Set(plan.addresses);
    for (const table of this.#tables.values()) table.keepOnly(this.#planned);
  }

  /** @param receivedMs on the clock that never jumps */
  takeCycle(message: Egress, receivedMs: number): Taken | "stranger" {
    return this.#count(this.#windows.get(message.node)?.take(message, receivedMs) ?? "stranger");
  }

  takeRoutes(message: EgressRoutes, receivedMs: number): Taken | "stranger" {
    const { peers } = this.#plan;
    const wanted = new Set([...peers].flatMap(([name, via]) => (via === message.node ? [name] : [])));
    const table = this.#tables.get(message.node);
    return this.#count(table?.take(message, receivedMs, wanted, this.#planned) ?? "stranger");
  }

  /** For one decision; nothing may be taken in until it is made. */
  view(alive: ReadonlySet<string>, nowMs: number, demand: EpeEvidence["demand"] = new Map()): EpeEvidence {
    const { peers } = this.#plan;
    return {
      alive,
      demand,
      cycles: (node) => this.#windows.get(node),
      peer: (name) => this.#tables.get(peers.get(name) ?? "")?.peer(name),
      routes: (via, address, likely) => this.#tables.get(via)?.routes(address, nowMs - ROUTES_AGE_MS, likely),
    };
  }

  #count(what: Taken | "stranger"): Taken | "stranger" {
    this.counts.set(what, (this.counts.get(what) ?? 0) + 1);
    return what;
  }
}

function bytesOf({ addresses, peers, vantages, slots }: EvidencePlan): number {
  return addresses.length * peers.size * vantages.length * (slots * CELL_BYTES + CELL_SUM_BYTES);
}

function tooLarge(
  { addresses, peers, vantages, slots }: EvidencePlan,
  bytes: number,
): VsixError<"epe-too-large"> {
  const fits = Math.floor(
    MAX_EVIDENCE_BYTES / ((slots * CELL_BYTES + CELL_SUM_BYTES) * Math.max(1, peers.size * vantages.length)),
  );
  const what = `${addresses.length} destinations by ${peers.size} peers from ${vantages.length} nodes over ${slots} cycles`;
  return new VsixError(
    "epe-too-large",
    `${what} would take ${Math.round(bytes / 1024 / 1024)} MiB, more than ${MAX_EVIDENCE_BYTES / 1024 / 1024}; at most ${fits} destinations fit, or fewer nodes measure (epe.measure.from), or fewer cycles are judged (epe.decide.lossCycles)`,
  );
}
