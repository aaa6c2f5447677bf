import type { Counters, Observation, Report } from "@vsix/shared/contract/up.ts";
import type { Machine } from "@vsix/shared/contract/up-machine.ts";
import type { UpMessage } from "./ingest.ts";
import { isOnline, type Presence, renew } from "./presence.ts";

/** A message and when it came, on the controller's monotonic clock. */
export interface Arrived<T> {
  readonly value: T;
  readonly atMs: number;
  readonly replayed: boolean;
}

/** Everything known of one node. */
export interface NodeView {
  readonly presence?: Presence;
  /** What the node wants its next manifest signed with; kept, for a signature with it is worth nothing to others. */
  readonly nonce?: string;
  readonly report?: Arrived<Report>;
  readonly observation?: Arrived<Observation>;
  readonly counters?: Arrived<Counters>;
  /** The one before, for rates. */
  readonly countersBefore?: Arrived<Counters>;
  readonly machine?: Arrived<Machine>;
  /** By how much its clock was ahead of ours when that came, milliseconds; undefined where it did not come just when it was sent. */
  readonly clockAheadMs?: number | undefined;
}

/** When a message came, and whether the broker had kept it from before. */
export interface Arrival {
  /** Monotonic. */
  readonly atMs: number;
  /** By the clock on the wall, to compare it with the node's. */
  readonly wallMs?: number;
  readonly replayed: boolean;
}

export type Direction = "inbound" | "outbound";

/** What changed in the fleet. */
export type FleetEvent =
  | { readonly type: "presence"; readonly node: string; readonly online: boolean }
  | {
      readonly type: "report";
      readonly node: string;
      readonly epoch: number;
      readonly generation: number;
      readonly converged: boolean;
    }
  /** Every report, changed or not. */
  | { readonly type: "heard"; readonly node: string }
  /** A node asks for a manifest signed now. */
  | { readonly type: "hello"; readonly node: string }
  | {
      readonly type: "plane";
      readonly edge: string;
      readonly observer: string;
      readonly direction: Direction;
      readonly from: string | null;
      readonly to: string | null;
    }
  /** Every observation, changed or not: what steering waits for. */
  | { readonly type: "observation"; readonly node: string };

/** Names that are in no fabric yet, and yet remembered: an agent may be up before its fabric is applied. */
const MAX_UNKNOWN = 256;

/** What the nodes say, in memory; lost at a restart and told again. */
export class FleetState {
  readonly #leaseMs: number;
  readonly #nodes = new Map<string, NodeView>();
  readonly #online = new Set<string>();
  readonly #listeners = new Set<(event: FleetEvent) => void>();
  #known: ReadonlySet<string> = new Set();

  constructor(leaseMs: number) {
    this.#leaseMs = leaseMs;
  }

  /** The nodes of the fabric in force; state of any number of these is kept. */
  setKnown(names: Iterable<string>): void {
    this.#known = new Set(names);
  }

  /** Takes a checked message. False when it is from an unknown node and too many of those are remembered. */
  accept(message: UpMessage, arrival: Arrival): boolean {
    const name = message.value.node;
    const before = this.#nodes.get(name) ?? {};
    if (!this.#nodes.has(name) && !this.#known.has(name) && this.#unknownCount() >= MAX_UNKNOWN) return false;
    const arrived = { atMs: arrival.atMs, replayed: arrival.replayed };
    if (message.kind === "alive") {
      this.#nodes.set(name, { ...before, presence: renew(before.presence, message.value, arrival) });
      this.#judge(name, arrival.atMs);
    } else if (message.kind === "report") {
      this.#nodes.set(name, { ...before, report: { value: message.value, ...arrived } });
      const { epoch, generation, converged } = message.value;
      const old = before.report?.value;
      if (old?.epoch !== epoch || old.generation !== generation || old.converged !== converged) {
        this.#emit({ type: "report", node: name, epoch, generation, converged });
      }
      this.#emit({ type: "heard", node: name });
    } else if (message.kind === "hello") {
      this.#nodes.set(name, { ...before, nonce: message.value.nonce });
      this.#emit({ type: "hello", node: name });
    } else if (message.kind === "observation") {
      this.#nodes.set(name, { ...before, observation: { value: message.value, ...arrived } });
      for (const event of planeChanges(before.observation?.value, message.value)) this.#emit(event);
      this.#emit({ type: "observation", node: name });
    } else if (message.kind === "counters") {
      const previous = before.counters === undefined ? {} : { countersBefore: before.counters };
      this.#nodes.set(name, { ...before, ...previous, counters: { value: message.value, ...arrived } });
    } else if (message.kind === "machine") {
      const { wallMs = Number.NaN, replayed } = arrival;
      const aheadMs = Date.parse(message.value.at) - wallMs;
      const clockAheadMs = replayed || Number.isNaN(aheadMs) ? undefined : aheadMs;
      this.#nodes.set(name, { ...before, machine: { value: message.value, ...arrived }, clockAheadMs });
    }
    return true;
  }

  node(name: string): NodeView {
    return this.#nodes.get(name) ?? {};
  }

  isOnline(name: string, nowMs: number): boolean {
    return isOnline(this.#nodes.get(name)?.presence, nowMs, this.#leaseMs);
  }

  /** Ends leases that have run out. To be called now and again. */
  expire(nowMs: number): void {
    for (const name of [...this.#online]) this.#judge(name, nowMs);
  }

  /** Calls back at each change, until the returned function is called. The listener must not throw. */
  listen(listener: (event: FleetEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #judge(name: string, nowMs: number): void {
    const online = this.isOnline(name, nowMs);
    if (online === this.#online.has(name)) return;
    if (online) this.#online.add(name);
    else this.#online.delete(name);
    this.#emit({ type: "presence", node: name, online });
  }

  #unknownCount(): number {
    let count = 0;
    for (const name of this.#nodes.keys()) if (!this.#known.has(name)) count++;
    return count;
  }

  #emit(event: FleetEvent): void {
    for (const listener of [...this.#listeners]) listener(event);
  }
}

function* planeChanges(before: Observation | undefined, after: Observation): Generator<FleetEvent> {
  const old = new Map(before?.edges.map((entry) => [`${entry.edge} ${entry.target ?? ""}`, entry]));
  for (const entry of after.edges) {
    const was = old.get(`${entry.edge} ${entry.target ?? ""}`);
    for (const direction of ["inbound", "outbound"] as const) {
      const from = was?.[direction] ?? null;
      const to = entry[direction];
      if (from !== to) {
        yield { type: "plane", edge: entry.edge, observer: after.node, direction, from, to };
      }
    }
  }
}
