import assert from "node:assert/strict";
import { test } from "node:test";
import { dampened, type Liveness, observeEcho, UNKNOWN_LIFE } from "./liveness.ts";

const settings = { misses: 3, hits: 2 };
const run = (echoes: string): string =>
  [...echoes].reduce<Liveness>((state, echo) => observeEcho(state, echo === "1", settings), UNKNOWN_LIFE)
    .life;

test("a neighbour that has never answered is not declared dead", () => {
  assert.equal(run("000000"), "unknown");
});

test("so many misses in a row make it dead, single losses do not", () => {
  assert.equal(run("1001001"), "alive");
  assert.equal(run("1000"), "dead");
});

test("it is alive again after several answers in a row", () => {
  assert.equal(run("10001"), "dead");
  assert.equal(run("10001011"), "alive");
});

test("a neighbour that dies again and again must answer longer each time, within bounds", () => {
  const hits = [0, 1, 2, 3, 5, 6, 100].map((deaths) => dampened(settings, deaths).hits);
  assert.deepEqual(hits, [2, 2, 4, 8, 32, 32, 32]);
});
