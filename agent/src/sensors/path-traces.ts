import type { TracesPart } from "@vsix/shared/contract/part-traces.ts";
import type { TraceReport } from "@vsix/shared/contract/up-trace.ts";
import type { Trace } from "@vsix/shared/paths/trace.ts";
import type { Logger } from "pino";
import { type TraceOrder, TraceSensor } from "./trace.ts";
import { TraceError, Tracer } from "./tracer.ts";

export interface PathTracesOptions {
  readonly node: string;
  readonly log: Logger;
  readonly publish: (message: TraceReport) => void;
  /** In [0, 1). */
  readonly random: () => number;
}

/** Octets of what the contract takes (up-trace.ts). */
const MAX_REASON = 512;

interface Running {
  readonly part: string;
  readonly sensor: TraceSensor;
  readonly tracer: Tracer;
}

/**
 * Makes the traces that the document orders. Without orders there is nothing: no socket, no timer. Other orders begin anew with
 * other sockets, which is cheap: orders change when somebody writes a file.
 */
export class PathTraces implements AsyncDisposable {
  readonly #options: PathTracesOptions;
  #running: Running | undefined;
  /** What is being ended, so that nobody goes before it has. */
  #ending: Promise<void> = Promise.resolve();
  #fault: string | undefined;

  constructor(options: PathTracesOptions) {
    this.#options = options;
  }

  /** Why nothing is traced although it is wanted. */
  get fault(): string | undefined {
    return this.#fault;
  }

  /** Takes other orders; the same ones leave everything as it is. `source`: where traces come from. */
  configure(part: TracesPart | undefined, source: string): void {
    const text = part === undefined || part.orders.length === 0 ? "" : JSON.stringify([part, source]);
    if ((this.#running?.part ?? "") === text && this.#fault === undefined) return;
    this.#end();
    this.#fault = undefined;
    if (part === undefined || text === "") return;
    this.#running = this.#begin(part, source, text);
  }

  /** Routes or links of this node have changed: look soon. */
  hurry(): void {
    this.#running?.sensor.hurry();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end();
    await this.#ending;
  }

  #begin(part: TracesPart, sourceAddress: string, text: string): Running | undefined {
    const { node, log, random } = this.#options;
    const orders = part.orders.map(
      ({ name, address, ...order }): TraceOrder => ({
        target: name,
        targetAddress: address,
        sourceAddress,
        ...order,
      }),
    );
    let tracer: Tracer;
    try {
      tracer = Tracer.open({
        source: node,
        ratePerS: part.maxPacketsPerS,
        nowUs: () => performance.now() * 1000,
        wallMs: Date.now,
        random,
      });
    } catch (error) {
      if (!(error instanceof TraceError)) throw error;
      this.#fault = error.message;
      log.error({ reason: error.message }, "nothing can be traced");
      return undefined;
    }
    log.info({ orders: orders.length }, "paths are traced");
    const sensor = new TraceSensor({
      tracer,
      orders,
      source: node,
      onTrace: (trace, tookMs) => this.#tell(trace, tookMs),
      onFault: ({ target }, error) => log.error({ target, err: error }, "no more traces to this target"),
      nowMs: () => performance.now(),
      wallMs: Date.now,
    });
    return { part: text, sensor, tracer };
  }

  #end(): void {
    const running = this.#running;
    this.#running = undefined;
    if (running === undefined) return;
    const { log } = this.#options;
    const before = this.#ending;
    this.#ending = (async () => {
      await before;
      await running.sensor[Symbol.asyncDispose]();
      await running.tracer[Symbol.asyncDispose]();
    })().catch((error: unknown) => log.error({ err: error }, "traces did not end well"));
  }

  #tell(trace: Trace, tookMs: number): void {
    const { node, publish } = this.#options;
    publish({ version: 1, node, tookMs: Math.round(tookMs), trace: toContract(trace) });
  }
}

/** A trace as the contract has it: bounded. */
function toContract(trace: Trace): TraceReport["trace"] {
  return {
    ...trace,
    flows: trace.flows.map((flow) => ({
      ...flow,
      hops: flow.hops.map((hop) => ({ ...hop, answers: [...hop.answers] })),
      end:
        flow.end.kind === "failed" ? { ...flow.end, reason: flow.end.reason.slice(0, MAX_REASON) } : flow.end,
    })),
  };
}
