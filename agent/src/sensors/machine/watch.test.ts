import assert from "node:assert/strict";
import { test } from "node:test";
import type { Machine, MachineInventory } from "@vsix/shared/contract/up-machine.ts";
import { pino } from "pino";
import { MachineWatch, type MachineWatchOptions } from "./watch.ts";

const INVENTORY: MachineInventory = { board: "a board", versions: [{ name: "node", version: "24.0.0" }] };
const lines: string[] = [];

/** A watch whose minutes pass when the test says so. */
function underTest(change: Partial<MachineWatchOptions> = {}) {
  const told: Machine[] = [];
  let [pass, slept] = [() => {}, Promise.withResolvers<void>()];
  const asked = { clock: 0, inventory: 0 };
  const watch = new MachineWatch({
    node: "r1",
    figures: async () => ({ filesystems: [], uptimeS: told.length }),
    inventory: async () => {
      asked.inventory++;
      return INVENTORY;
    },
    isClockSynchronised: async () => ++asked.clock > 1,
    publish: (message) => told.push(message),
    log: pino({ level: "info" }, { write: (line: string) => lines.push(line) }),
    random: () => 0.99,
    wallMs: () => 0,
    sleep: (_ms, signal) => {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      signal.addEventListener("abort", () => reject(signal.reason));
      pass = resolve;
      slept.resolve();
      return promise;
    },
    ...change,
  });
  const minutes = async (count: number): Promise<void> => {
    for (let i = 0; i < count; i++) {
      slept = Promise.withResolvers();
      pass();
      await slept.promise;
    }
  };
  const begun = async (): Promise<void> => {
    watch.heard();
    watch.heard();
    await slept.promise;
    assert.deepEqual([told.length, asked.clock], [0, 0], "a router that has just begun is let be");
    await minutes(1);
  };
  return { watch, told, asked, minutes, begun };
}

test("nothing is looked at before somebody hears; then soon, every minute, and again for whoever comes new", async () => {
  const { watch, told, asked, minutes, begun } = underTest();
  assert.deepEqual([told.length, asked.clock], [0, 0]);
  await begun();
  assert.deepEqual(told[0], {
    ...{ version: 1, node: "r1", at: "1970-01-01T00:00:00.000Z", uptimeS: 0 },
    ...{ filesystems: [], clockSynchronised: false },
  });
  await minutes(1);
  assert.equal(told.length, 2);
  watch.heard();
  await minutes(1);
  assert.equal(told.length, 4);
  await watch[Symbol.asyncDispose]();
  watch.heard();
  assert.equal(told.length, 4);
});

test("programs are started for the clock every ten minutes, and once an hour for the inventory", async () => {
  const { watch, told, asked, minutes, begun } = underTest();
  await begun();
  assert.equal(asked.inventory, 0, "not when every router begins");
  await minutes(2);
  assert.deepEqual(told.at(-1)?.inventory, INVENTORY);
  await minutes(118);
  assert.deepEqual(asked, { clock: 13, inventory: 2 });
  assert.equal(told.at(-1)?.clockSynchronised, true);
  await watch[Symbol.asyncDispose]();
});

test("an inventory that cannot be taken is said once, and figures are told all the same", async () => {
  const inventory = () => Promise.reject(new Error("no such program"));
  const { watch, told, minutes, begun } = underTest({ inventory, random: () => 0 });
  await begun();
  await minutes(130);
  assert.equal(told.length, 131);
  assert.equal(lines.filter((line) => line.includes("no such program")).length, 1);
  await watch[Symbol.asyncDispose]();
});
