import { setTimeout as sleep } from "node:timers/promises";
import type { Trace, TraceProtocol } from "@vsix/shared/paths/trace.ts";
import { TRACE_DEFAULTS, type TraceTask, traceTask } from "../core/trace/task.ts";
import { TraceError, type Tracer } from "./tracer.ts";

/** A path to look at again and again. */
export interface TraceOrder extends Partial<Omit<TraceTask, "maxMtu">> {
  readonly target: string;
  readonly targetAddress: string;
  readonly protocol: TraceProtocol;
  /** From the start of one trace to that of the next. */
  readonly intervalMs: number;
  /** The path MTU is measured with every so manieth trace; absent: never. */
  readonly mtuEvery?: number;
}

export interface TraceSensorOptions {
  /** Its rate is the budget of all orders together. */
  readonly tracer: Pick<Tracer, "trace" | "sourceFor">;
  readonly orders: readonly TraceOrder[];
  /** Of every trace that was made, or that could not be (all its flows `failed`); not of one that was broken off. */
  readonly onTrace: (trace: Trace, tookMs: number) => void;
  /** A fault of this program, which ends that order. */
  readonly onFault: (order: TraceOrder, error: unknown) => void;
  /** Name of this node. */
  readonly source: string;
  /** Monotonic, milliseconds. */
  readonly nowMs: () => number;
  readonly wallMs: () => number;
}

/** What changes a path comes with others of its kind, and takes a moment to reach the kernel. */
const HURRY_AFTER_MS = 500;
/** Routes that never settle are no reason to trace without a pause. */
const HURRY_EVERY_MS = 5_000;

/**
 * Makes traces to a list of targets, each once in its interval and all spread over it. A trace that takes longer than the
 * interval is not made twice at once: the turns that it missed are left out. One that shows another path than the one
 * before is made again at once, so that whoever wants to see a change twice does not wait for it. Ends with
 * {@link Symbol.asyncDispose}.
 */
export class TraceSensor implements AsyncDisposable {
  readonly #options: TraceSensorOptions;
  readonly #stop = new AbortController();
  readonly #loops: readonly Promise<void>[];
  /** Given up and made anew at each hurry. */
  #rest = new AbortController();
  #hurry: NodeJS.Timeout | undefined;
  #hurriedMs = Number.NEGATIVE_INFINITY;

  constructor(options: TraceSensorOptions) {
    this.#options = options;
    const { orders } = options;
    this.#loops = orders.map((order, i) => this.#watch(order, (i * order.intervalMs) / orders.length));
  }

  /** Something changed that paths may follow: look at every target soon, whenever its turn is. */
  hurry(): void {
    const { nowMs } = this.#options;
    const waitMs = Math.max(HURRY_AFTER_MS, this.#hurriedMs + HURRY_EVERY_MS - nowMs());
    this.#hurry ??= setTimeout(() => {
      this.#hurry = undefined;
      this.#hurriedMs = nowMs();
      this.#rest.abort();
      this.#rest = new AbortController();
    }, waitMs);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearTimeout(this.#hurry);
    this.#stop.abort();
    await Promise.all(this.#loops);
  }

  async #watch(order: TraceOrder, afterMs: number): Promise<void> {
    const { signal } = this.#stop;
    const { nowMs, onTrace, onFault } = this.#options;
    const { intervalMs } = order;
    const firstMs = nowMs() + afterMs;
    let [before, again]: [string | undefined, boolean] = [undefined, false];
    try {
      for (let nth = 0, dueMs = firstMs; ; nth++) {
        if (!again) await this.#restUntil(dueMs);
        if (signal.aborted) return;
        const startMs = nowMs();
        const trace = await this.#once(order, nth);
        if (signal.aborted) return;
        onTrace(trace, nowMs() - startMs);
        const path = pathText(trace);
        again = !again && before !== undefined && before !== path;
        before = path;
        dueMs = firstMs + intervalMs * (1 + Math.floor((nowMs() - firstMs) / intervalMs));
      }
    } catch (error) {
      if (!signal.aborted) onFault(order, error);
    }
  }

  /** Until then, a hurry or the end. */
  async #restUntil(dueMs: number): Promise<void> {
    const signal = AbortSignal.any([this.#stop.signal, this.#rest.signal]);
    try {
      await sleep(Math.max(0, dueMs - this.#options.nowMs()), undefined, { signal });
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  async #once(order: TraceOrder, nth: number): Promise<Trace> {
    const { tracer, source, wallMs } = this.#options;
    const measureMtu = order.mtuEvery !== undefined && nth % order.mtuEvery === 0;
    return traceOnce(tracer, order, { source, wallMs, measureMtu, signal: this.#stop.signal });
  }
}

/** One trace as an order has it; where there is no route, one that failed. Throws TraceError, the signal's reason. */
export async function traceOnce(
  tracer: Pick<Tracer, "trace" | "sourceFor">,
  order: TraceOrder,
  how: Pick<TraceSensorOptions, "source" | "wallMs"> & {
    readonly measureMtu: boolean;
    readonly signal: AbortSignal;
  },
): Promise<Trace> {
  const { source, wallMs, measureMtu, signal } = how;
  const { mtuEvery: _often, intervalMs: _turns, ...wanted } = order;
  const startedAt = wallMs();
  try {
    const sourceAddress = order.sourceAddress ?? (await tracer.sourceFor(order.targetAddress));
    const more = measureMtu ? { maxMtu: TRACE_DEFAULTS.maxMtu } : {};
    return await tracer.trace(traceTask({ ...wanted, sourceAddress, ...more }), signal);
  } catch (error) {
    if (!(error instanceof TraceError) || error.code !== "trace-no-route") throw error;
    return notMade(order, { source, startedAt, endedAt: wallMs(), reason: error.message });
  }
}

/** Without a route there is nothing to send, and that is worth telling as well: a trace whose one flow failed. */
function notMade(
  { target, targetAddress, protocol, sourceAddress = "::" }: TraceOrder,
  how: {
    readonly source: string;
    readonly startedAt: number;
    readonly endedAt: number;
    readonly reason: string;
  },
): Trace {
  const { source, startedAt, endedAt, reason } = how;
  return {
    version: 1,
    source,
    sourceAddress,
    target,
    targetAddress,
    protocol,
    startedAt,
    endedAt,
    flows: [{ flow: 0, flowLabel: 0, hops: [], end: { kind: "failed", reason } }],
  };
}

/**
 * Who answered where and how each flow ended, for comparing. A hop that is silent now and then, or that two routers share, may
 * look like a change: that costs a trace more, and no more than one in an interval.
 */
function pathText({ flows }: Trace): string {
  return JSON.stringify(
    flows.map(({ hops, end }) => [
      hops.map(({ answers }) => [...new Set(answers.map(({ address }) => address))].sort()),
      end,
    ]),
  );
}
