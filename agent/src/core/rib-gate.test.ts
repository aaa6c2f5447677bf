import assert from "node:assert/strict";
import { test } from "node:test";
import { maySweep } from "./rib-gate.ts";

const facts = { endOfRib: true, feedUpMs: 0, establishedSinceMs: [0, 0], nowMs: 5_000 };

test("stale routes stay until the feed has said all", () => {
  assert.equal(maySweep({ ...facts, endOfRib: false }, 1_000), false);
  assert.equal(maySweep(facts, 60_000), true);
});

test("stale routes stay while a reachable neighbour is not back, or only just", () => {
  assert.equal(maySweep({ ...facts, establishedSinceMs: [0, null] }, 60_000), false);
  assert.equal(maySweep({ ...facts, establishedSinceMs: [0, 4_000] }, 60_000), false);
});

test("after the graceful restart time the new RIB counts, whoever is missing", () => {
  assert.equal(maySweep({ ...facts, establishedSinceMs: [null], nowMs: 60_000 }, 60_000), true);
});
