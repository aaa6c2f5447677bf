import assert from "node:assert/strict";
import { test } from "node:test";
import { type AddressRoutes, bgpChoice } from "./bgp-choice.ts";
import type { RouteFact } from "./evidence/view.ts";

const headend = {
  node: "blue-1",
  vantages: [],
  exitCosts: new Map([
    ["xe", 10],
    ["ye", 20],
  ]),
};

function route(peer: string, prefix: string, length: number): RouteFact {
  return {
    ...{ peer, prefix, length },
    ...{ originAs: 64510, path: "", origin: 0, med: 0, filtered: false, best: false },
  };
}

function routesOf(byVia: ReadonlyMap<string, readonly RouteFact[]>): AddressRoutes {
  return { vias: [...byVia.keys()], told: [...byVia.values()] };
}

test("packets follow the longest prefix, however long its AS path and however far its exit", () => {
  const specific = route("ye/beta", "3fff:510::/48", 5);
  const byVia = new Map([
    ["xe", [route("xe/wide", "3fff:510::/32", 3), route("xe/alpha", "::/0", 1)]],
    ["ye", [route("ye/beta", "3fff:510::/48", 5)]],
  ]);
  assert.deepEqual(
    bgpChoice(headend, routesOf(byVia), () => true),
    specific,
  );
  assert.equal(bgpChoice(headend, routesOf(byVia), (peer) => peer !== "ye/beta")?.peer, "xe/wide");
});

test("of one prefix the shorter AS path counts, and then the nearer exit", () => {
  const byVia = new Map([
    ["xe", [route("xe/wide", "3fff:510::/32", 3)]],
    ["ye", [route("ye/beta", "3fff:510::/32", 2)]],
  ]);
  assert.equal(bgpChoice(headend, routesOf(byVia), () => true)?.peer, "ye/beta");
  const equal = new Map([...byVia, ["xe", [route("xe/wide", "3fff:510::/32", 2)]] as const]);
  assert.equal(bgpChoice(headend, routesOf(equal), () => true)?.peer, "xe/wide");
});
