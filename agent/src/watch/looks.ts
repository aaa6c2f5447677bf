import type { Trace } from "@vsix/shared/paths/trace.ts";
import { type TraceOrder, traceOnce } from "../sensors/trace.ts";
import type { Tracer } from "../sensors/tracer.ts";

/** Traces at once: of thousands no more is gained, and each holds what it has heard. */
const AT_ONCE = 16;

export interface LookOptions {
  readonly tracer: Tracer;
  readonly source: string;
  readonly wallMs: () => number;
  readonly signal: AbortSignal;
  readonly onTrace: (trace: Trace) => void;
}

/** One trace for each order, a few at a time. Throws TraceError, the signal's reason. */
export async function lookAtAll(orders: readonly TraceOrder[], options: LookOptions): Promise<void> {
  const { tracer, source, wallMs, signal, onTrace } = options;
  const rest = [...orders];
  const worker = async (): Promise<void> => {
    for (let order = rest.shift(); order !== undefined; order = rest.shift())
      onTrace(await traceOnce(tracer, order, { source, wallMs, signal, measureMtu: false }));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}
