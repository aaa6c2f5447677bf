import assert from "node:assert/strict";
import { test } from "node:test";
import { NO_COUNTS, withLeases } from "./access-message.ts";

test("what is known of a lease stands with what was counted in the same tunnel, and by itself where nothing was", () => {
  const counts = { ...NO_COUNTS, tunnels: new Map([["vxt-1", { rxOctets: 7 }]]) };
  const told = withLeases(
    counts,
    new Map([
      ["vxt-1", 5],
      ["vxt-2", 6],
    ]),
  );
  assert.deepEqual(
    [...told.tunnels],
    [
      ["vxt-1", { rxOctets: 7, leaseUntilMs: 5 }],
      ["vxt-2", { leaseUntilMs: 6 }],
    ],
  );
  assert.equal(withLeases(counts, new Map()), counts);
});
