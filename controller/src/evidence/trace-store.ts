import type { TraceOrder } from "@vsix/shared/contract/part-traces.ts";
import type { TraceReport } from "@vsix/shared/contract/up-trace.ts";
import type { Trace } from "@vsix/shared/paths/trace.ts";
import type { TraceOrders } from "../core/compile-traces.ts";

/** A trace and when it came, on the controller's monotonic clock. */
export interface StoredTrace {
  /** Its times are of the controller's wall clock: that of its node may be wrong. */
  readonly trace: Trace;
  readonly atMs: number;
}

export interface TraceStoreLimits {
  /** Traces of one source and target. */
  readonly keep: number;
  /** Answers of all traces of one node, a hop and a flow counting like one. A node pushes out nothing but its own. */
  readonly maxCost: number;
}

export const TRACE_LIMITS: TraceStoreLimits = { keep: 3, maxCost: 100_000 };

/** Answers of a trace for each flow that was ordered: our agents send 3 probes to each of 30 hops at most. */
const ANSWERS_PER_FLOW = 96;
/** Traces of one path that may come at once, after a time without any. */
const BURST = 5;
/** A path that changes is traced again at once, whatever its interval: so soon, milliseconds, at least on average. */
const SOON_MS = 2_000;

/** Why a trace was not taken. `not-ordered` is nobody's fault: its order may just have been taken back. */
export type TraceRefusal = "not-ordered" | "too-many-answers" | "too-often";

interface NodeTraces {
  /** By target, oldest first. */
  readonly traces: Map<string, StoredTrace[]>;
  cost: number;
}

/** What one node was told to trace to one target, and how many more traces of it are taken now. */
interface Ordered {
  readonly address: string;
  readonly flows: number;
  /** Milliseconds until one more is taken. */
  readonly everyMs: number;
  credit: number;
  atMs: number;
}

/** The last traces that nodes made by order. In memory; after a restart it takes one interval until there are new ones. */
export class TraceStore {
  readonly #limits: TraceStoreLimits;
  readonly #nodes = new Map<string, NodeTraces>();
  readonly #listeners = new Set<(stored: StoredTrace) => void>();
  /** By node and target. */
  #ordered: ReadonlyMap<string, ReadonlyMap<string, Ordered>> = new Map();

  constructor(limits: TraceStoreLimits = TRACE_LIMITS) {
    this.#limits = limits;
  }

  /** What nodes are to trace from now on. Everything else is forgotten, and not taken any more. */
  setOrders(orders: TraceOrders): void {
    this.#ordered = new Map(
      [...orders].map(([node, own]) => [node, new Map(own.map((order) => [order.name, orderedAs(order)]))]),
    );
    for (const [node, known] of this.#nodes) {
      for (const [target, traces] of known.traces) {
        if (traces.every(({ trace }) => this.#orderOf(trace) !== undefined)) continue;
        known.cost -= traces.reduce((sum, { trace }) => sum + costOf(trace), 0);
        known.traces.delete(target);
      }
      if (known.traces.size === 0) this.#nodes.delete(node);
    }
  }

  /**
   * Takes a checked message that came at `atMs` (monotonic) and `wallMs`, if it is what was ordered: judging and keeping a trace
   * costs by its size, and a node may say what it likes.
   */
  add({ trace, tookMs }: TraceReport, atMs: number, wallMs: number): TraceRefusal | undefined {
    const ordered = this.#orderOf(trace);
    if (ordered === undefined) return "not-ordered";
    if (!isWithin(trace, ordered)) return "too-many-answers";
    if (!isInTime(ordered, atMs)) return "too-often";
    const stored: StoredTrace = {
      trace: { ...trace, startedAt: Math.round(wallMs - tookMs), endedAt: Math.round(wallMs) },
      atMs,
    };
    const known = this.#nodes.get(trace.source) ?? { traces: new Map(), cost: 0 };
    this.#nodes.set(trace.source, known);
    const same = known.traces.get(trace.target) ?? [];
    // Whoever was heard last is the last to be pushed out.
    known.traces.delete(trace.target);
    known.traces.set(trace.target, same);
    same.push(stored);
    known.cost += costOf(trace);
    while (same.length > this.#limits.keep) drop(known, same);
    for (const [target, traces] of known.traces) {
      while (known.cost > this.#limits.maxCost && traces.length > 0 && traces[0] !== stored)
        drop(known, traces);
      if (traces.length === 0) known.traces.delete(target);
    }
    for (const listener of [...this.#listeners]) listener(stored);
    return undefined;
  }

  /** Oldest first; none of a path that nobody traces. */
  traces(source: string, target: string): readonly StoredTrace[] {
    return this.#nodes.get(source)?.traces.get(target) ?? [];
  }

  /** The newest of every path, or of those from `source` or to `target`. */
  newest(from: { readonly source?: string; readonly target?: string } = {}): readonly StoredTrace[] {
    const { source, target } = from;
    return [...this.#nodes]
      .filter(([node]) => source === undefined || node === source)
      .flatMap(([, { traces }]) => [...traces].filter(([name]) => target === undefined || name === target))
      .flatMap(([, traces]) => traces.slice(-1))
      .toSorted((a, b) => order(a.trace.source, b.trace.source) || order(a.trace.target, b.trace.target));
  }

  /** Calls back with each trace as it comes, until the returned function is called. The listener must not throw. */
  onTrace(listener: (stored: StoredTrace) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #orderOf({ source, target, targetAddress }: Trace): Ordered | undefined {
    const ordered = this.#ordered.get(source)?.get(target);
    return ordered?.address === targetAddress ? ordered : undefined;
  }
}

function orderedAs({ address, flows, intervalMs }: TraceOrder): Ordered {
  return { address, flows, everyMs: Math.min(intervalMs / 2, SOON_MS), credit: BURST, atMs: 0 };
}

function isWithin({ flows }: Trace, ordered: Ordered): boolean {
  let answers = 0;
  for (const { hops } of flows) for (const hop of hops) answers += hop.answers.length;
  return flows.length <= ordered.flows && answers <= ordered.flows * ANSWERS_PER_FLOW;
}

/** Whether one more is taken now; it is counted then. */
function isInTime(ordered: Ordered, atMs: number): boolean {
  const earned = Math.max(0, atMs - ordered.atMs) / ordered.everyMs;
  ordered.credit = Math.min(BURST, ordered.credit + earned);
  ordered.atMs = atMs;
  if (ordered.credit < 1) return false;
  ordered.credit -= 1;
  return true;
}

function drop(known: NodeTraces, traces: StoredTrace[]): void {
  const gone = traces.shift();
  if (gone !== undefined) known.cost -= costOf(gone.trace);
}

function costOf({ flows }: Trace): number {
  let cost = 1 + flows.length;
  for (const { hops } of flows) for (const { answers } of hops) cost += 1 + answers.length;
  return cost;
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
