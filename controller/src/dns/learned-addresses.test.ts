import assert from "node:assert/strict";
import { test } from "node:test";
import { LearnedAddresses } from "./learned-addresses.ts";

const HOUR_MS = 3_600_000;

test("addresses of one /48 are one destination, asked at the one that answers were full of", () => {
  const learned = new LearnedAddresses();
  learned.add(
    [
      ["2001:db8:80::1", 5],
      ["2001:db8:80:1::2", 9],
      ["2001:db8:81::1", 7],
    ],
    0,
  );
  assert.deepEqual(learned.top(0), [
    { prefix: "2001:db8:80::/48", address: "2001:db8:80:1::2", weight: 14 },
    { prefix: "2001:db8:81::/48", address: "2001:db8:81::1", weight: 7 },
  ]);
});

test("what is no longer asked for goes, and what is asked for now comes first", () => {
  const learned = new LearnedAddresses();
  learned.add([["2001:db8:1::1", 100]], 0);
  learned.add([["2001:db8:2::1", 60]], 6 * HOUR_MS);
  assert.deepEqual(
    learned.top(6 * HOUR_MS).map(({ prefix, weight }) => [prefix, weight]),
    [
      ["2001:db8:2::/48", 60],
      ["2001:db8:1::/48", 50],
    ],
  );
  assert.equal(learned.top(100 * HOUR_MS).length, 0);
});

test("destinations stay the same list for ten minutes: each change is a commit", () => {
  const learned = new LearnedAddresses();
  assert.deepEqual(learned.destinations(0), []);
  learned.add([["2001:db8:1::1", 3]], 1_000);
  const first = learned.destinations(2_000);
  assert.deepEqual(first, [{ prefix: "2001:db8:1::/48", address: "2001:db8:1::1", protocol: "icmp6" }]);
  learned.add([["2001:db8:2::1", 9]], 3_000);
  assert.equal(learned.destinations(4_000), first);
  assert.deepEqual(
    learned.destinations(602_001).map(({ prefix }) => prefix),
    ["2001:db8:2::/48", "2001:db8:1::/48"],
  );
});

test("a flood of addresses takes a bounded memory, and the heaviest stay", () => {
  const learned = new LearnedAddresses();
  learned.add([["2001:db8:ffff::1", 1_000]], 0);
  for (let i = 0; i < 60; i++)
    learned.add(
      Array.from(
        { length: 1_000 },
        (_, j) => [`2001:${(i + 1).toString(16)}:${j.toString(16)}::1`, 1] as const,
      ),
      0,
    );
  assert.ok(learned.size <= 20_000);
  assert.equal(learned.top(0)[0]?.prefix, "2001:db8:ffff::/48");
  assert.ok(learned.top(0).length <= 2_000);
  learned.add(
    [
      ["no address", 5],
      ["192.0.2.1", 5],
    ],
    0,
  );
});
