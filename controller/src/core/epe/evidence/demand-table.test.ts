import assert from "node:assert/strict";
import { test } from "node:test";
import { DemandTable } from "./demand-table.ts";

const told = (octets: number, prefix = "3fff:510::/32", node = "blue-1") => ({
  node,
  destinations: [{ prefix, octets }],
});
const KEY = "blue-1 default 3fff:510::/32";

function table(): DemandTable {
  const made = new DemandTable();
  made.replan(["blue-1"], ["3fff:510::/32", "3fff:511::/32"]);
  return made;
}

test("traffic is counted from octets over the time between readings; one reading, or two at once, are none", () => {
  const demand = table();
  demand.take(told(1_000_000), 0);
  assert.equal(demand.demand(0).size, 0);
  demand.take(told(6_000_000), 5_000);
  assert.equal(demand.demand(5_000).size, 0);
  demand.take(told(11_000_000), 10_000);
  assert.deepEqual([...demand.demand(10_000)], [[KEY, 8]]);
});

test("a counter that was made anew begins anew, and what is not told for a minute is not known", () => {
  const demand = table();
  demand.take(told(9_000_000), 0);
  demand.take(told(19_000_000), 10_000);
  demand.take(told(0), 15_000);
  assert.equal(demand.demand(15_000).size, 0);
  demand.take(told(1_000_000), 25_000);
  assert.equal(demand.demand(25_000).get(KEY), 0.8);
  assert.equal(demand.demand(85_001).size, 0);
});

test("a prefix without traffic carries nothing, one that is not told any more is not known", () => {
  const demand = table();
  for (const atMs of [0, 10_000]) demand.take(told(0), atMs);
  assert.equal(demand.demand(10_000).get(KEY), 0);
  demand.take({ node: "blue-1", destinations: [] }, 15_000);
  assert.equal(demand.demand(15_000).size, 0);
  demand.take(told(0), 20_000);
  demand.take({ node: "blue-1" }, 21_000);
  demand.take(told(0), 30_000);
  assert.equal(demand.demand(30_000).get(KEY), 0);
});

test("nothing is kept of strangers, of prefixes that nobody asked for, and of what is not asked for any more", () => {
  const demand = table();
  for (const [octets, atMs] of [
    [0, 0],
    [9_000_000, 10_000],
  ] as const) {
    demand.take(told(octets, "3fff:512::/32"), atMs);
    demand.take(told(octets, "3fff:510::/32", "blue-9"), atMs);
  }
  assert.equal(demand.demand(10_000).size, 0);
  for (const [octets, atMs] of [
    [0, 20_000],
    [9_000_000, 30_000],
  ] as const)
    demand.take(told(octets), atMs);
  demand.replan(["blue-1"], ["3fff:511::/32"]);
  assert.equal(demand.demand(30_000).size, 0);
});
