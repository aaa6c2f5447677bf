import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { shareOf, shareOut, sharesFor } from "./shares.ts";

const tunnels = (count: number) =>
  Array.from({ length: count }, (_, n) => ({ interface: `vxt-u${n}`, number: n + 1, prefixes: [] }));
const told = { link: "::1", server: "::1", preferredS: 60, validS: 120, resolvers: [] };

test("each tunnel is with exactly one server, and stays there or goes to one new one when their number doubles", () => {
  const shares = shareOut({ ...told, tunnels: tunnels(5000) }, 16);
  assert.equal(shares.length, 16);
  assert.equal(new Set(shares.flatMap((one) => one.tunnels.map(({ number }) => number))).size, 5000);
  assert.ok(shares.every((one) => one.tunnels.length < 512));
  fc.assert(
    fc.property(fc.string(), fc.integer({ min: 0, max: 3 }), (name, power) => {
      const [few, many] = [shareOf(name, 2 ** power), shareOf(name, 2 ** (power + 1))];
      assert.ok(many === few || many === few + 2 ** power);
    }),
  );
});

test("a few tunnels more or less change the number of servers only once", () => {
  assert.deepEqual(
    [0, 1, 512, 513, 2048, 2049, 100_000].map((count) => sharesFor(count, 1)),
    [1, 1, 1, 2, 4, 8, 16],
  );
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 10_000 }), fc.integer({ min: 0, max: 20 }), (count, before) => {
      const shares = sharesFor(count, before);
      assert.ok([1, 2, 4, 8, 16].includes(shares));
      assert.equal(sharesFor(count, shares), shares);
      for (const near of [Math.max(0, count - 60), count + 60]) {
        const next = sharesFor(near, shares);
        assert.equal(sharesFor(count, next) === shares || sharesFor(count, next) === next, true);
      }
    }),
  );
});
