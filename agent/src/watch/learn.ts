import { EMPTY_DIRECTORY } from "@vsix/shared/paths/directory.ts";
import type { ExpectedPaths } from "@vsix/shared/paths/expected.ts";
import { learnExpected } from "@vsix/shared/paths/learn.ts";
import type { Trace } from "@vsix/shared/paths/trace.ts";
import type { TraceOrder } from "../sensors/trace.ts";
import { type LookOptions, lookAtAll } from "./looks.ts";

/** Looks at each path, so that what is balanced by packet is seen. */
const LOOKS = 3;

export interface Lesson {
  /** A first file of expected paths, YAML. */
  readonly text: string;
  /** Flows that did not reach their target: what was learned of those is worth little. */
  readonly missed: number;
}

/** Looks at paths a few times, and writes down what was seen. `known`: a file whose names of routers are used, if there is one. */
export async function learnHere(
  orders: readonly TraceOrder[],
  known: ExpectedPaths | undefined,
  options: Omit<LookOptions, "onTrace">,
): Promise<Lesson> {
  const traces: Trace[] = [];
  for (let i = 0; i < LOOKS; i++)
    await lookAtAll(orders, { ...options, onTrace: (trace) => void traces.push(trace) });
  // In the order they were asked for, whichever answered first.
  const places = new Map(orders.map(({ target }, i) => [target, i]));
  traces.sort((a, b) => (places.get(a.target) ?? 0) - (places.get(b.target) ?? 0));
  const missed = traces.flatMap(({ flows }) => flows).filter(({ end }) => end.kind !== "reached").length;
  const directory = known?.directory ?? EMPTY_DIRECTORY;
  return { text: learnExpected(traces, directory, { at: options.wallMs(), standalone: true }), missed };
}
