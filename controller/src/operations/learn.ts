import { canonicalAddress } from "@vsix/shared/net/address.ts";
import { fabricDirectory } from "@vsix/shared/paths/fabric-directory.ts";
import { learnExpected } from "@vsix/shared/paths/learn.ts";
import type { Trace } from "@vsix/shared/paths/trace.ts";
import { isOwn, NO_ORDERS, type TraceOrders, traceSources } from "../core/compile-traces.ts";
import type { InForce } from "../desired/in-force.ts";
import { ControllerError, messageOf } from "../errors.ts";
import { type Context, requireInForce } from "./context.ts";

export interface LearnRequest {
  readonly who: string;
  /** Empty: every Edge with an agent. */
  readonly sources: readonly string[];
  /** Empty: the fabric's measure targets. */
  readonly targets: readonly { readonly name: string; readonly address: string }[];
  readonly flows: number;
  /** Traces of each pair, so that paths that are balanced are seen. */
  readonly traces: number;
  readonly waitMs: number;
  /** With the routers' addresses, for use where there is no fabric. */
  readonly standalone: boolean;
}

export interface Learned {
  /** YAML that `path apply` takes. */
  readonly text: string;
  readonly traces: number;
  /** Pairs of which nothing came in time; they are not in the text. */
  readonly missing: readonly { readonly source: string; readonly target: string }[];
}

const LEARN_INTERVAL_MS = 3_000;
/** Pairs of one lesson: one node's orders are bounded, and so is what its answer may hold. */
const MAX_PAIRS = 2_000;

/**
 * Has nodes trace for a moment, and writes down what they saw as a first file of expected paths. Nothing of it is stored. Throws
 * ControllerError `no-fabric`, `unknown-node`, `bad-lesson`, `learning-now`.
 */
export async function learnPaths(context: Context, request: LearnRequest): Promise<Learned> {
  const inForce = requireInForce(context.desired.inForce);
  const orders = ordersOf(inForce, request);
  const pairs = [...orders].flatMap(([source, own]) => own.map(({ name }) => ({ source, target: name })));
  if (context.desired.tracesInPassing)
    throw new ControllerError("learning-now", "somebody is learning paths already; wait until that is done");
  const seen = new Map<string, Trace[]>(pairs.map(({ source, target }) => [`${source} ${target}`, []]));
  const done = new AbortController();
  const unlisten = context.evidence.traces.onTrace(({ trace }) => {
    const of = seen.get(`${trace.source} ${trace.target}`);
    if (of === undefined || of.length >= request.traces) return;
    of.push(trace);
    if ([...seen.values()].every(({ length }) => length >= request.traces)) done.abort();
  });
  try {
    await publishPassing(context, request.who, "path-learn", orders);
    await context.clock.sleep(request.waitMs, AbortSignal.any([done.signal, context.signal]));
  } finally {
    unlisten();
    await publishPassing(context, request.who, "path-learned", NO_ORDERS).catch((error: unknown) => {
      // A change that has to be confirmed is under way, say. What was learned is no less true.
      context.log.warn(
        { reason: messageOf(error) },
        "nodes go on tracing for a lesson until the next change",
      );
    });
  }
  const traces = [...seen.values()].flat();
  const text = learnExpected(traces, fabricDirectory(inForce.fabric), {
    at: context.clock.wallMs(),
    standalone: request.standalone,
  });
  const missing = pairs.filter(({ source, target }) => seen.get(`${source} ${target}`)?.length === 0);
  return { text, traces: traces.length, missing };
}

async function publishPassing(
  { desired }: Context,
  who: string,
  what: string,
  orders: TraceOrders,
): Promise<void> {
  desired.tracePassing(orders);
  await desired.commit({ who, what }, async (_tx, current) => {
    const { revision, fabric, intent } = requireInForce(current);
    return { revision, fabric, intent, detail: { nodes: [...orders.keys()] } };
  });
}

function ordersOf({ fabric }: InForce, { sources, targets, flows }: LearnRequest): TraceOrders {
  const able = traceSources(fabric);
  for (const source of sources)
    if (!able.has(source))
      throw new ControllerError(
        "unknown-node",
        `${source} is no node that can trace; there are: ${[...able].join(", ")}`,
      );
  const chosen = targets.length > 0 ? targets : fabric.measure.targets;
  if (chosen.length === 0)
    throw new ControllerError(
      "bad-lesson",
      "the fabric has no measure targets; name targets, as in --target wide=2001:db8::1",
    );
  const nodes = fabric.nodes.filter(({ name, role, software }) =>
    sources.length > 0 ? sources.includes(name) : role === "edge" && software === "vsix",
  );
  const orders = new Map(
    nodes.map((node) => [
      node.name,
      chosen
        .map(({ name, address }) => ({ name, address: canonicalAddress(address) ?? address }))
        .filter(({ address }) => !isOwn(fabric, node, address))
        .map((target) => ({ ...target, protocol: "icmp6" as const, flows, intervalMs: LEARN_INTERVAL_MS })),
    ]),
  );
  const pairs = [...orders.values()].reduce((sum, own) => sum + own.length, 0);
  if (pairs === 0) throw new ControllerError("bad-lesson", "nobody is left to trace anything");
  if (pairs > MAX_PAIRS)
    throw new ControllerError(
      "bad-lesson",
      `${pairs} pairs at once; at most ${MAX_PAIRS}: name fewer sources`,
    );
  return orders;
}
