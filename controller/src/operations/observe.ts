import type { Observation } from "@vsix/shared/contract/up.ts";
import type { Fabric } from "@vsix/shared/fabric/model.ts";
import type { Direction, FleetState } from "../fleet/state.ts";
import { toldIndex } from "../fleet/told-index.ts";
import type { Context } from "./context.ts";

export const DIRECTIONS: readonly Direction[] = ["inbound", "outbound"];

/** One direction of one Edge as one External Edge sees it. */
export interface Sighting {
  readonly edge: string;
  readonly externalEdge: string;
  readonly direction: Direction;
  readonly wanted: string;
  /** Plane seen when the command came, and last; null: nothing came back, or never observed. */
  readonly before: string | null;
  readonly now: string | null;
  /** From the command to the first observation that shows the wanted plane and stays; null: not seen. */
  readonly ms: number | null;
  /**
   * The same by the External Edge's own wall clock, which tells the moment of change rather than of its telling; null
   * where nothing changed. Worth as much as the clocks agree.
   */
  readonly nodeClockMs: number | null;
}

export interface ObservedMove {
  readonly observed: boolean;
  readonly sightings: readonly Sighting[];
  /** What was not seen, in words; empty when `observed`. */
  readonly missing: readonly string[];
}

/** A fabric never changes, and the status asks for each Edge. */
const observers = new WeakMap<Fabric, readonly string[]>();

/** External Edges that run our agent: everyone who can see. */
export function observersOf(fabric: Fabric): readonly string[] {
  const known = observers.get(fabric);
  if (known !== undefined) return known;
  const names = fabric.nodes
    .filter((node) => node.role === "external-edge" && node.software === "vsix")
    .map((node) => node.name);
  observers.set(fabric, names);
  return names;
}

const findEdge = toldIndex(
  ({ edges }: Observation) => edges,
  ({ edge }) => edge,
);

/** What an External Edge last said about an Edge. */
export function entryOf(
  fleet: FleetState,
  externalEdge: string,
  edge: string,
): Observation["edges"][number] | undefined {
  return findEdge(fleet.node(externalEdge).observation?.value, edge);
}

export interface WatchOptions {
  readonly externalEdges: readonly string[];
  /** Plane wanted, by Edge. */
  readonly wanted: ReadonlyMap<string, string>;
}

/** Follows the observations from the moment it is made; make it before the command is carried out. */
export class MoveWatch implements Disposable {
  readonly #context: Context;
  readonly #startMs: number;
  readonly #startWallMs: number;
  readonly #before = new Map<string, string | null>();
  /** When the wanted plane was first seen and has been since. */
  readonly #seenAtMs = new Map<string, number>();
  readonly #unlisten: () => void;
  #options: WatchOptions | undefined;
  #wake: () => void = () => undefined;

  constructor(context: Context, fabric: Fabric) {
    this.#context = context;
    this.#startMs = context.clock.monotonicMs();
    this.#startWallMs = context.clock.wallMs();
    for (const externalEdge of observersOf(fabric)) {
      for (const entry of context.fleet.node(externalEdge).observation?.value.edges ?? []) {
        for (const direction of DIRECTIONS) {
          this.#before.set(key(externalEdge, entry.edge, direction), entry[direction]);
        }
      }
    }
    this.#unlisten = context.fleet.listen((event) => {
      if (event.type === "observation") this.#look(event.node);
    });
  }

  /** Waits until every External Edge has seen every Edge on its wanted plane both ways, or the time is over. */
  async wait(options: WatchOptions, waitMs: number): Promise<ObservedMove> {
    this.#options = options;
    const deadlineMs = this.#startMs + waitMs;
    // Told between the command and now.
    for (const externalEdge of options.externalEdges) this.#look(externalEdge);
    while (!this.#done() && !this.#context.signal.aborted) {
      const leftMs = deadlineMs - this.#context.clock.monotonicMs();
      if (leftMs <= 0) break;
      const woken = new AbortController();
      this.#wake = () => woken.abort();
      await this.#context.clock.sleep(leftMs, AbortSignal.any([woken.signal, this.#context.signal]));
    }
    return this.#result(options);
  }

  [Symbol.dispose](): void {
    this.#unlisten();
  }

  #look(externalEdge: string): void {
    const { observation } = this.#context.fleet.node(externalEdge);
    // Only what was told after the command counts.
    if (observation === undefined || observation.replayed || observation.atMs < this.#startMs) return;
    if (this.#options === undefined) return;
    for (const entry of observation.value.edges) {
      const wanted = this.#options.wanted.get(entry.edge);
      if (wanted === undefined) continue;
      for (const direction of DIRECTIONS) {
        const id = key(externalEdge, entry.edge, direction);
        if (entry[direction] !== wanted) this.#seenAtMs.delete(id);
        else if (!this.#seenAtMs.has(id)) this.#seenAtMs.set(id, observation.atMs);
      }
    }
    if (this.#done()) this.#wake();
  }

  #done(): boolean {
    const options = this.#options;
    if (options === undefined) return false;
    return options.externalEdges.every((externalEdge) =>
      [...options.wanted.keys()].every((edge) =>
        DIRECTIONS.every((direction) => this.#seenAtMs.has(key(externalEdge, edge, direction))),
      ),
    );
  }

  #result(options: WatchOptions): ObservedMove {
    const sightings = [...options.wanted].flatMap(([edge, wanted]) =>
      options.externalEdges.flatMap((externalEdge) =>
        DIRECTIONS.map((direction) => this.#sighting(edge, externalEdge, direction, wanted)),
      ),
    );
    const missing = sightings.filter((one) => one.ms === null).map((one) => this.#explain(one));
    if (options.externalEdges.length === 0)
      missing.push("the fabric has no External Edge of ours to observe with");
    return { observed: missing.length === 0, sightings, missing };
  }

  #sighting(edge: string, externalEdge: string, direction: Direction, wanted: string): Sighting {
    const id = key(externalEdge, edge, direction);
    const entry = entryOf(this.#context.fleet, externalEdge, edge);
    const seenAtMs = this.#seenAtMs.get(id);
    const sinceMs = direction === "inbound" ? entry?.inboundSinceMs : entry?.outboundSinceMs;
    const changedMs = sinceMs === undefined ? undefined : sinceMs - this.#startWallMs;
    return {
      edge,
      externalEdge,
      direction,
      wanted,
      before: this.#before.get(id) ?? null,
      now: entry?.[direction] ?? null,
      ms: seenAtMs === undefined ? null : round(seenAtMs - this.#startMs),
      nodeClockMs:
        seenAtMs === undefined || changedMs === undefined || changedMs < 0 ? null : round(changedMs),
    };
  }

  #explain({ edge, externalEdge, direction, wanted, now }: Sighting): string {
    const { fleet, clock } = this.#context;
    const what = `${edge} ${direction} on ${wanted} was not seen by ${externalEdge}`;
    const nowMs = clock.monotonicMs();
    if (!fleet.isOnline(externalEdge, nowMs)) return `${what}: ${externalEdge} is offline`;
    const { observation } = fleet.node(externalEdge);
    if (observation === undefined) return `${what}: it has sent no observation`;
    if (observation.atMs < this.#startMs) return `${what}: it has sent no observation since the command`;
    return `${what}: ${now === null ? "nothing comes back" : `it is on ${now}`}`;
  }
}

function key(externalEdge: string, edge: string, direction: Direction): string {
  return `${externalEdge} ${edge} ${direction}`;
}

function round(ms: number): number {
  return Math.round(ms * 10) / 10;
}
