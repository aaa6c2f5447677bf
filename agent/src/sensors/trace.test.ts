import assert from "node:assert/strict";
import { test } from "node:test";
import type { Trace } from "@vsix/shared/paths/trace.ts";
import type { TraceTask } from "../core/trace/task.ts";
import { type TraceOrder, TraceSensor } from "./trace.ts";
import { TraceError } from "./tracer.ts";

const order = (target: string, more: Partial<TraceOrder> = {}): TraceOrder => ({
  target,
  targetAddress: `2001:db8::${target}`,
  protocol: "udp",
  intervalMs: 5,
  ...more,
});
const made = ({ target, targetAddress, sourceAddress, protocol, maxMtu }: TraceTask): Trace => ({
  version: 1,
  source: "here",
  sourceAddress,
  target,
  targetAddress,
  protocol,
  startedAt: 0,
  endedAt: 0,
  flows: [],
  ...(maxMtu === undefined ? {} : { pathMtu: maxMtu }),
});

/** Watches until `enough` says so; what came of it. */
async function watch(
  orders: readonly TraceOrder[],
  trace: (task: TraceTask, signal?: AbortSignal) => Promise<Trace>,
  enough: (traces: readonly Trace[], faults: readonly unknown[]) => boolean,
): Promise<{ readonly traces: readonly Trace[]; readonly faults: readonly unknown[] }> {
  const traces: Trace[] = [];
  const faults: unknown[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  const look = (): void => {
    if (enough(traces, faults)) resolve();
  };
  const sensor = new TraceSensor({
    tracer: {
      trace,
      sourceFor: async (target) => {
        if (target.endsWith("dead")) throw new TraceError("trace-no-route", "no route");
        return "2001:db8::1";
      },
    },
    orders,
    source: "here",
    onTrace: (one) => {
      traces.push(one);
      look();
    },
    onFault: (_, fault) => {
      faults.push(fault);
      look();
    },
    nowMs: () => performance.now(),
    wallMs: () => 7,
  });
  await promise;
  await sensor[Symbol.asyncDispose]();
  const count = traces.length;
  await new Promise((done) => setTimeout(done, 15));
  assert.equal(traces.length, count, "nothing comes after the end");
  return { traces, faults };
}

const of = (traces: readonly Trace[], target: string): Trace[] =>
  traces.filter((one) => one.target === target);

test("every target is traced again and again, the path MTU now and then", async () => {
  const { traces } = await watch(
    [order("a"), order("b", { mtuEvery: 3, sourceAddress: "2001:db8::5" })],
    async (task) => made(task),
    (all) => of(all, "a").length >= 4 && of(all, "b").length >= 4,
  );
  assert.deepEqual(
    of(traces, "b")
      .slice(0, 4)
      .map(({ pathMtu, sourceAddress }) => [pathMtu, sourceAddress]),
    [9216, undefined, undefined, 9216].map((mtu) => [mtu, "2001:db8::5"]),
  );
  assert.ok(
    of(traces, "a").every(
      ({ pathMtu, sourceAddress }) => pathMtu === undefined && sourceAddress === "2001:db8::1",
    ),
  );
});

test("a slow trace is not made twice at once and holds up no other", async () => {
  let running = 0;
  const { traces } = await watch(
    [order("a"), order("b")],
    async (task) => {
      if (task.target === "b") {
        assert.equal(++running, 1);
        await new Promise((done) => setTimeout(done, 30));
        running--;
      }
      return made(task);
    },
    (all) => of(all, "b").length >= 2,
  );
  assert.ok(of(traces, "a").length > 2);
});

test("a target without a route is told as a trace that failed, and asked for again", async () => {
  const { traces } = await watch(
    [order("dead")],
    () => assert.fail("nothing is to be sent"),
    (all) => all.length >= 2,
  );
  assert.deepEqual(traces[0]?.flows, [
    { flow: 0, flowLabel: 0, hops: [], end: { kind: "failed", reason: "no route" } },
  ]);
});

test("a fault is told and ends its order alone; the end breaks off what is running", async () => {
  let aborted = false;
  const fault = new Error("a mistake in the program");
  const { faults, traces } = await watch(
    [order("a"), order("b"), order("c")],
    async (task, signal) => {
      if (task.target === "a") throw fault;
      if (task.target === "c")
        await new Promise((_, reject) => {
          signal?.addEventListener("abort", () => {
            aborted = true;
            reject(signal.reason);
          });
        });
      return made(task);
    },
    (all) => of(all, "b").length >= 3,
  );
  assert.deepEqual(faults, [fault]);
  assert.equal(aborted, true);
  assert.equal(of(traces, "c").length, 0);
});
