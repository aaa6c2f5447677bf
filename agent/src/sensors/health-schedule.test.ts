import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate } from "node:timers/promises";
import type { HealthPart } from "@vsix/shared/contract/part-health.ts";
import type { Health } from "@vsix/shared/contract/up-health.ts";
import { resolveHealth } from "@vsix/shared/fabric/resolve-health.ts";
import { pino } from "pino";
import { diagnose } from "../core/health/diagnose.ts";
import { HealthSchedule } from "./health-schedule.ts";

const PART = resolveHealth({ intervalS: 60 });
const NOWHERE = {
  port: undefined,
  addresses: [],
  route: undefined,
  ipv4: { addresses: [] },
  resolvers: [],
  advertisement: undefined,
};

/** Time that goes on when it is told. */
class Time {
  ms = 0;
  #sleepers: { readonly atMs: number; readonly wake: () => void }[] = [];

  readonly sleep = (ms: number, signal: AbortSignal): Promise<void> => {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    signal.addEventListener("abort", () => reject(signal.reason));
    if (signal.aborted) reject(signal.reason);
    this.#sleepers.push({ atMs: this.ms + ms, wake: resolve });
    return promise;
  };

  async pass(seconds: number): Promise<void> {
    for (let i = 0; i < seconds; i++) {
      this.ms += 1000;
      for (const { atMs, wake } of this.#sleepers) if (atMs <= this.ms) wake();
      this.#sleepers = this.#sleepers.filter(({ atMs }) => atMs > this.ms);
      await setImmediate();
    }
  }
}

function begin(look: (part: HealthPart, signal: AbortSignal) => Promise<void>) {
  const told: Health[] = [];
  const looked: HealthPart[] = [];
  const time = new Time();
  const schedule = new HealthSchedule({
    node: "edge-1",
    instance: "i",
    look: async (part, signal) => {
      looked.push(part);
      await look(part, signal);
      return { diagnosis: diagnose(part, NOWHERE, []), results: [], tookMs: 1 };
    },
    publish: (message) => told.push(message),
    log: pino({ enabled: false }),
    random: () => 0.5,
    wallMs: () => 7,
    nowMs: () => time.ms,
    sleep: time.sleep,
  });
  return { schedule, told, looked, pass: (seconds: number) => time.pass(seconds) };
}

test("a node looks once an interval, after a moment, and counts its runs; the same part again changes nothing", async () => {
  const { schedule, told, looked, pass } = begin(async () => undefined);
  schedule.configure(PART);
  await pass(7);
  assert.equal(looked.length, 0);
  await pass(2);
  assert.deepEqual(
    told.map(({ run, node, startedMs }) => [run, node, startedMs]),
    [[1, "edge-1", 7]],
  );
  schedule.configure({ ...PART });
  await pass(62);
  assert.equal(told.length, 2);
  assert.equal(schedule.last?.run, 2);
  await schedule[Symbol.asyncDispose]();
  await pass(200);
  assert.equal(looked.length, 2);
});

test("another part begins anew and breaks off the run under way, none ends it; a run that fails is tried again", async () => {
  let broken = 0;
  const { schedule, told, looked, pass } = begin(async (part, signal) => {
    if (part.intervalS === 60) {
      const { promise, reject } = Promise.withResolvers<never>();
      signal.addEventListener("abort", () => {
        broken++;
        reject(signal.reason);
      });
      await promise;
    }
    if (looked.length === 2) throw new Error("the kernel cannot be asked");
  });
  schedule.configure(PART);
  await pass(9);
  schedule.configure(resolveHealth({ intervalS: 30 }));
  schedule.configure(resolveHealth({ intervalS: 20 }));
  await pass(7);
  assert.deepEqual([broken, looked.map(({ intervalS }) => intervalS)], [1, [60, 20]]);
  assert.equal(told.length, 0);
  await pass(21);
  assert.equal(told.length, 1);
  schedule.configure(undefined);
  await pass(100);
  assert.deepEqual([told.length, schedule.last], [1, undefined]);
  await schedule[Symbol.asyncDispose]();
});
