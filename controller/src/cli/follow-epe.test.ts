import assert from "node:assert/strict";
import { test } from "node:test";
import { progressLine } from "./follow-epe.ts";

const PROGRESS = {
  ...{ cycles: 20, cycleS: 30, planned: 2480, done: 620, complete: false, leftMs: 480_000 },
  routesOf: [],
  nodes: [
    { node: "xe-sfc", cycles: 6 },
    { node: "blue-sfc", cycles: 5 },
  ],
};

test("a line of progress says how many cells of how many, the cycle of the slowest, and the time left", () => {
  assert.equal(
    progressLine(PROGRESS),
    "measuring [###---------] 620 of 2,480 cells, cycle 5 of 20, about 8 min left",
  );
  assert.match(progressLine({ ...PROGRESS, leftMs: 7_200 }), /about 8 s left$/);
  assert.match(progressLine({ ...PROGRESS, leftMs: 8_000_000 }), /about 2 h left$/);
});

test("while a node has told nothing its name is said instead of a time", () => {
  const nodes = ["a", "b", "c", "d", "e"].map((node) => ({ node, cycles: 0 }));
  const line = progressLine({ ...PROGRESS, leftMs: null, planned: 0, done: 0, nodes });
  const routes = progressLine({ ...PROGRESS, leftMs: 0, routesOf: ["xe-sfc"] });
  assert.match(routes, /waiting for routes of xe-sfc$/);
  assert.match(line, /0 of 0 cells, cycle 0 of 20, waiting for a, b and 3 more$/);
});
