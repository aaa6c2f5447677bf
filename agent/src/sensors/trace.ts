import { setTimeout as sleep } from "node:timers/promises";
import type { Trace, TraceProtocol } from "@vsix/shared/paths/trace.ts";
import { TRACE_DEFAULTS, type TraceTask, traceTask } from "../core/trace/task.ts";
import { TraceError, type Tracer } from "./tracer.ts";

/** A path to look at again and again. */
export interface TraceOrder extends Partial<Omit<TraceTask, "maxMtu">> {
  readonly target: string;
  readonly targetAddress: string;
  readonly protocol: TraceProtocol;
  /** The path MTU is measured with every so manieth trace; absent: never. */
  readonly mtuEvery?: number;
}

export interface TraceSensorOptions {
  /** Its rate is the budget of all orders together. */
  readonly tracer: Pick<Tracer, "trace" | "sourceFor">;
  readonly orders: readonly TraceOrder[];
  /** From the start of one trace of an order to that of the next. */
  readonly intervalMs: number;
  /** Of every trace that was made, or that could not be (all its flows `failed`); not of one that was broken off. */
  readonly onTrace: (trace: Trace) => void;
  /** A fault of this program, which ends that order. */
  readonly onFault: (order: TraceOrder, error: unknown) => void;
  /** Name of this node. */
  readonly source: string;
  /** Monotonic, milliseconds. */
  readonly nowMs: () => number;
  readonly wallMs: () => number;
}

/**
 * Makes traces to a list of targets, each once in an interval and all spread over it. A trace that takes longer than the
 * interval is not made twice at once: the turns that it missed are left out. Ends with {@link Symbol.asyncDispose}.
 */
export class TraceSensor implements AsyncDisposable {
  readonly #options: TraceSensorOptions;
  readonly #stop = new AbortController();
  readonly #loops: readonly Promise<void>[];

  constructor(options: TraceSensorOptions) {
    this.#options = options;
    const { orders, intervalMs } = options;
    this.#loops = orders.map((order, i) => this.#watch(order, (i * intervalMs) / orders.length));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#loops);
  }

  async #watch(order: TraceOrder, afterMs: number): Promise<void> {
    const { signal } = this.#stop;
    const { nowMs, intervalMs, onTrace, onFault } = this.#options;
    const firstMs = nowMs() + afterMs;
    try {
      for (let nth = 0, dueMs = firstMs; ; nth++) {
        await sleep(Math.max(0, dueMs - nowMs()), undefined, { signal });
        const trace = await this.#once(order, nth);
        if (signal.aborted) return;
        onTrace(trace);
        dueMs = firstMs + intervalMs * (1 + Math.floor((nowMs() - firstMs) / intervalMs));
      }
    } catch (error) {
      if (!signal.aborted) onFault(order, error);
    }
  }

  async #once(order: TraceOrder, nth: number): Promise<Trace> {
    const { tracer } = this.#options;
    const { mtuEvery, ...wanted } = order;
    const measure = mtuEvery !== undefined && nth % mtuEvery === 0;
    const startedAt = this.#options.wallMs();
    try {
      const sourceAddress = order.sourceAddress ?? (await tracer.sourceFor(order.targetAddress));
      const more = measure ? { maxMtu: TRACE_DEFAULTS.maxMtu } : {};
      return await tracer.trace(traceTask({ ...wanted, sourceAddress, ...more }), this.#stop.signal);
    } catch (error) {
      if (!(error instanceof TraceError) || error.code !== "trace-no-route") throw error;
      return this.#notMade(order, startedAt, error.message);
    }
  }

  /** Without a route there is nothing to send, and that is worth telling as well. */
  #notMade(order: TraceOrder, startedAt: number, reason: string): Trace {
    const { target, targetAddress, protocol } = order;
    return {
      version: 1,
      source: this.#options.source,
      sourceAddress: order.sourceAddress ?? "::",
      target,
      targetAddress,
      protocol,
      startedAt,
      endedAt: this.#options.wallMs(),
      flows: [{ flow: 0, flowLabel: 0, hops: [], end: { kind: "failed", reason } }],
    };
  }
}
