import assert from "node:assert/strict";
import { test } from "node:test";
import { progressOf } from "./progress.ts";

const CYCLE_MS = 30_000;

/** A node that has told so many cycles of two destinations by two peers, but nothing of the last one. */
function view(cycles: number, nowMs: number) {
  const slots = 8;
  const told = new Uint16Array(2 * 2 * slots);
  for (let cell = 0; cell < 3; cell++) told.fill(5, cell * slots, cell * slots + cycles);
  const rows = new Map([
    ["3fff::1", 0],
    ["3fff::2", 1],
  ]);
  return {
    ...{ slots, told, peers: ["a", "b"], rowOf: (address: string) => rows.get(address) },
    cycles: Array.from({ length: cycles }, (_, at) => ({
      slot: cycles - 1 - at,
      beganMs: nowMs - (at + 1) * CYCLE_MS,
    })),
  };
}

const asked = (
  views: Parameters<typeof progressOf>[0]["views"],
  addresses = ["3fff::1", "3fff::2"],
  routesOf: readonly string[] = [],
) => progressOf({ routesOf, cycles: 6, cycleMs: CYCLE_MS, peers: 2, addresses, views, nowMs: 1_000_000 });

test("cells that were measured are counted against those that are wanted, over all nodes or of one destination", () => {
  const views = [
    ["x", view(4, 1_000_000)],
    ["y", view(2, 1_000_000)],
  ] as const;
  const { planned, done, complete } = asked(views);
  assert.deepEqual([planned, done, complete], [48, 3 * 4 + 3 * 2, false]);
  const one = asked(views, ["3fff::1"]);
  assert.deepEqual([one.planned, one.done], [24, 2 * 4 + 2 * 2]);
});

test("what is left is until the slowest node has told its last cycle, and nobody knows while one has told none", () => {
  assert.equal(asked([["x", view(4, 1_000_000)]]).leftMs, 2 * CYCLE_MS);
  assert.equal(
    asked([
      ["x", view(4, 1_000_000)],
      ["y", view(1, 1_000_000)],
    ]).leftMs,
    5 * CYCLE_MS,
  );
  assert.equal(
    asked([
      ["x", view(4, 1_000_000)],
      ["y", undefined],
    ]).leftMs,
    null,
  );
});

test("it is complete when every node has told enough, whatever some destination did not answer to", () => {
  const { complete, leftMs, done } = asked([["x", view(7, 1_000_000)]]);
  assert.deepEqual([complete, leftMs, done], [true, 0, 18]);
  const waiting = asked([["x", view(7, 1_000_000)]], ["3fff::1"], ["xe"]);
  assert.deepEqual(
    [waiting.complete, waiting.routesOf],
    [false, ["xe"]],
    "an External Edge has not told its routes",
  );
});
