import assert from "node:assert/strict";
import { test } from "node:test";
import { Rib } from "./rib.ts";

const path = (prefix: string, nextHop = "2001:db8::1") => ({ prefix, nextHop });

test("routes outlive the session they came by until the next one has said all", () => {
  const rib = new Rib();
  rib.reach(path("2001:db8:1::/48"));
  rib.reach(path("2001:db8:2::/48"));
  assert.deepEqual(rib.sweep(), []);
  assert.equal(rib.complete, true);
  rib.lost();
  assert.deepEqual([rib.complete, rib.size, rib.staleCount], [false, 2, 2]);
  rib.reach(path("2001:db8:2::/48", "2001:db8::2"));
  assert.deepEqual(rib.sweep(), ["2001:db8:1::/48"]);
  assert.equal(rib.get("2001:db8:2::/48")?.nextHop, "2001:db8::2");
});

test("a withdrawal counts at once, stale or not", () => {
  const rib = new Rib();
  rib.reach(path("2001:db8:1::/48"));
  rib.lost();
  rib.withdraw("2001:db8:1::/48");
  assert.deepEqual([rib.size, rib.staleCount], [0, 0]);
});
