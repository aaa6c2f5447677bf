import type { Counters, Observation, Report } from "@vsix/shared/contract/up.ts";
import type { Fabric } from "@vsix/shared/fabric/model.ts";
import type { UpMessage } from "../fleet/ingest.ts";
import { History } from "./history.ts";
import { TraceStore } from "./trace-store.ts";
import { WindowStore } from "./window-store.ts";

/** BGP sessions of a node: by neighbour, what counts for a verdict. */
export type Sessions = ReadonlyMap<
  string,
  Pick<Report["sessions"][number], "state" | "received" | "accepted">
>;
/** Errors of a node's ports, by interface, since the devices were made. */
export type PortErrors = ReadonlyMap<string, NonNullable<Counters["links"]>[number]>;
/** Where an External Edge sees an Edge; null where nothing came back. */
export type EdgePlanes = Pick<Observation["edges"][number], "inbound" | "outbound">;

const KEEP_MS = 600_000;
/** Entries of all sessions or ports of a node, over its whole history. */
const MAX_ENTRIES = 50_000;
/** Changes of one Edge's planes as one External Edge sees it. */
const MAX_MOVES = 200;

interface NodeEvidence {
  readonly sessions: History<Sessions>;
  readonly errors: History<PortErrors>;
  readonly planes: Map<string, History<EdgePlanes>>;
}

/**
 * What the nodes of the fabric said in the last ten minutes, so that a verdict can compare before with after. In memory, on
 * the controller's own clock: after its restart there is no before, and whoever judges has to wait.
 */
export class Evidence {
  readonly quality = new WindowStore();
  readonly traces = new TraceStore();
  readonly #nodes = new Map<string, NodeEvidence>();
  #known: ReadonlySet<string> = new Set();
  #edges: ReadonlySet<string> = new Set();

  /** Forgets nodes that are in no fabric any more; takes no word from others. */
  setFabric(fabric: Fabric): void {
    this.#known = new Set(fabric.nodes.map(({ name }) => name));
    this.#edges = new Set(fabric.nodes.filter(({ role }) => role === "edge").map(({ name }) => name));
    this.quality.keepOnly(this.#known);
    for (const name of this.#nodes.keys()) if (!this.#known.has(name)) this.#nodes.delete(name);
  }

  /** Takes a checked message. Of measurements a replayed one says nothing: nobody knows when it was made. */
  accept(message: UpMessage, arrival: { readonly atMs: number; readonly replayed: boolean }): void {
    const { atMs } = arrival;
    const { node } = message.value;
    if (!this.#known.has(node)) return;
    if (message.kind === "quality") {
      if (!arrival.replayed) this.quality.add(message.value, atMs);
    } else if (message.kind === "report") {
      const sessions = message.value.sessions.map(
        ({ neighbour, state, received, accepted }) => [neighbour, { state, received, accepted }] as const,
      );
      this.#of(node).sessions.add(new Map(sessions), atMs);
    } else if (message.kind === "counters") {
      const { links } = message.value;
      if (links !== undefined)
        this.#of(node).errors.add(new Map(links.map((link) => [link.interface, link])), atMs);
    } else if (message.kind === "observation") {
      for (const { edge, target, inbound, outbound } of message.value.edges)
        if (target === undefined && this.#edges.has(edge))
          this.#planes(node, edge).add({ inbound, outbound }, atMs);
    }
  }

  /** Undefined of a node that has said nothing. */
  sessions(node: string): History<Sessions> | undefined {
    return this.#nodes.get(node)?.sessions;
  }

  errors(node: string): History<PortErrors> | undefined {
    return this.#nodes.get(node)?.errors;
  }

  /** Where `observer`, an External Edge, saw an Edge. */
  planes(observer: string, edge: string): History<EdgePlanes> | undefined {
    return this.#nodes.get(observer)?.planes.get(edge);
  }

  #of(node: string): NodeEvidence {
    let found = this.#nodes.get(node);
    if (found === undefined) {
      found = { sessions: historyOfMaps(), errors: historyOfMaps(), planes: new Map() };
      this.#nodes.set(node, found);
    }
    return found;
  }

  #planes(node: string, edge: string): History<EdgePlanes> {
    const { planes } = this.#of(node);
    let found = planes.get(edge);
    if (found === undefined) {
      found = new History({
        keepMs: KEEP_MS,
        maxCost: MAX_MOVES,
        costOf: () => 1,
        same: (a, b) => a.inbound === b.inbound && a.outbound === b.outbound,
      });
      planes.set(edge, found);
    }
    return found;
  }
}

function historyOfMaps<V extends object>(): History<ReadonlyMap<string, V>> {
  return new History({
    keepMs: KEEP_MS,
    maxCost: MAX_ENTRIES,
    costOf: (map) => 1 + map.size,
    same: (a, b) =>
      a.size === b.size &&
      [...a].every(([key, value]) => JSON.stringify(b.get(key)) === JSON.stringify(value)),
  });
}
