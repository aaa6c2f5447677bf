import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Change } from "../../core/kind.ts";
import { formatIp6, maskIp6 } from "../../wire/netlink/ip-text.ts";
import type { RouteObject } from "./model.ts";
import { prefixOrder } from "./order.ts";

const create = (prefix: string, nexthopId?: number): Change<RouteObject> => ({
  op: "create",
  key: prefix,
  desired: {
    table: 254,
    prefix,
    metric: 20,
    type: "unicast",
    ...(nexthopId === undefined ? { via: "fe80::1" } : { nexthopId }),
  },
});

test("routes through nexthop objects come by the first 32 bits of their prefix, equals in the order given", () => {
  const address = fc.uint8Array({ minLength: 16, maxLength: 16 });
  const prefix = fc.tuple(address, fc.integer({ min: 0, max: 128 }));
  fc.assert(
    fc.property(fc.array(prefix, { minLength: 1000, maxLength: 1100 }), (prefixes) => {
      const changes = prefixes.map(([bytes, length]) => {
        maskIp6(bytes, 0, length);
        return create(`${formatIp6(bytes, 0)}/${length}`, 1);
      });
      const bits = prefixes.map(([bytes]) => Buffer.from(bytes).readUInt32BE());
      const wanted = bits.map((_, i) => i).sort((a, b) => (bits[a] ?? 0) - (bits[b] ?? 0) || a - b);
      assert.deepEqual([...(prefixOrder(changes) ?? [])], wanted);
    }),
    { numRuns: 10 },
  );
});

test("routes through a gateway go first and stay in their order", () => {
  const changes = Array.from({ length: 2000 }, (_, i) =>
    create(`${(0x3000 - i).toString(16)}::/16`, i % 2 === 0 ? 1 : undefined),
  );
  const order = prefixOrder(changes) ?? [];
  assert.deepEqual(
    [...order.slice(0, 1000)],
    changes.flatMap((_, i) => (i % 2 === 0 ? [] : [i])),
  );
  assert.deepEqual([...order.slice(1000, 1003)], [1998, 1996, 1994]);
});

test("a few changes are made in the order given", () => {
  assert.equal(prefixOrder([create("2001:db8:1::/48", 1), create("2001:db8::/48", 1)]), undefined);
});
