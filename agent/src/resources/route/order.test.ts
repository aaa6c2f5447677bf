import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Change } from "../../core/kind.ts";
import { formatIp6, maskIp6 } from "../../wire/netlink/ip-text.ts";
import type { RouteObject } from "./model.ts";
import { byPrefix, prefixOrder } from "./order.ts";

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
  fc.assert(
    fc.property(fc.array(fc.tuple(address, fc.integer({ min: 0, max: 128 }))), (prefixes) => {
      const changes = prefixes.map(([bytes, length]) => {
        maskIp6(bytes, 0, length);
        return create(`${formatIp6(bytes, 0)}/${length}`, 1);
      });
      const bits = prefixes.map(([bytes]) => Buffer.from(bytes).readUInt32BE());
      const wanted = bits.map((_, i) => i).sort((a, b) => (bits[a] ?? 0) - (bits[b] ?? 0) || a - b);
      assert.deepEqual([...prefixOrder(changes)], wanted);
    }),
  );
});

test("routes through a gateway go first and stay in their order", () => {
  const changes = [
    create("::/0", 1),
    create("2001:db8:2::/48"),
    create("2001:db8::/48", 1),
    create("2001:db8:1::/48"),
  ];
  assert.deepEqual([...prefixOrder(changes)], [1, 3, 0, 2]);
});

test("each outcome is that of its own change, whatever order was applied", async () => {
  const changes = Array.from({ length: 3000 }, (_, i) =>
    create(`${((i * 7919) % 3001).toString(16)}::/16`, 1),
  );
  let applied: readonly string[] = [];
  const outcomes = await byPrefix(changes, async (sorted) => {
    applied = sorted.map(({ key }) => key);
    return sorted.map(({ key }) => ({ key, ok: true }));
  });
  assert.notDeepEqual(
    applied,
    changes.map(({ key }) => key),
  );
  assert.deepEqual(
    outcomes.map(({ key }) => key),
    changes.map(({ key }) => key),
  );
});
