import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Change } from "../../core/kind.ts";
import type { TunnelObject } from "./model.ts";
import { orderMoves } from "./moves.ts";

const LOCAL = "2001:db8::1";
const tunnel = (name: number, end: number): TunnelObject => ({
  name: `vxt-${name}`,
  local: LOCAL,
  remote: `3fff::${end}`,
  mtu: 1460,
  hopLimit: 64,
  up: true,
});

test("whatever tunnels exchange, no step finds its ends taken, and all come to where they belong", () => {
  const permutation = fc
    .integer({ min: 1, max: 40 })
    .chain((n) =>
      fc.tuple(
        fc.shuffledSubarray([...Array(n).keys()], { minLength: n, maxLength: n }),
        fc.shuffledSubarray([...Array(n).keys()], { minLength: n, maxLength: n }),
      ),
    );
  fc.assert(
    fc.property(permutation, ([ends, order]) => {
      const changes = order.map((i): Change<TunnelObject> => {
        const [observed, desired] = [tunnel(i, i), tunnel(i, ends[i] ?? 0)];
        return { op: "replace", key: desired.name, observed, desired };
      });
      const { parked, ordered } = orderMoves(changes);
      assert.equal(ordered.length, changes.length);
      const now = new Map(order.map((i) => [`vxt-${i}`, tunnel(i, i).remote]));
      for (const change of [...parked, ...ordered]) {
        if (change.op === "delete") continue;
        const { name, remote } = change.desired;
        const taken = [...now].some(([other, end]) => other !== name && end === remote);
        assert.ok(!taken, `${name} to ${remote}`);
        now.set(name, remote);
      }
      for (const i of order) assert.equal(now.get(`vxt-${i}`), tunnel(i, ends[i] ?? 0).remote);
    }),
  );
});
