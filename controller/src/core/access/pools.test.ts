import assert from "node:assert/strict";
import { test } from "node:test";
import { judgePool, type Pool, type PoolWish, poolsFor } from "./pools.ts";
import { nextPrefixState, PREFIX_ACTIONS, PREFIX_STATES } from "./prefixes.ts";
import { describeExhaustion, utilisationOf } from "./utilisation.ts";

const WISH: PoolWish = {
  name: "home",
  prefix: "2001:db8:100::/40",
  purpose: "tunnel",
  strategy: "first",
  quarantineS: 60,
  note: "",
};

function pool(change: Partial<PoolWish> = {}): Pool {
  const verdict = judgePool({ ...WISH, ...change }, []);
  assert.ok(verdict.ok);
  return verdict.pool;
}

test("a pool that cannot be says why", () => {
  const refused = (change: Partial<PoolWish>, reason: RegExp): void => {
    const verdict = judgePool({ ...WISH, ...change }, [pool({ name: "other", prefix: "2001:db8:200::/40" })]);
    assert.ok(!verdict.ok && reason.test(verdict.reason), JSON.stringify(verdict));
  };
  refused({ prefix: "2001:db8:100::1/40" }, /no bit beyond its length/);
  refused({ prefix: "2000::/8" }, /at least a \/16/);
  refused({ length: 39 }, /no \/39 lies inside/);
  refused({ length: 65 }, /no network/);
  refused({ purpose: "vpn-address", length: 64 }, /gives out \/128s/);
  refused({ prefix: "2001:db8:200:1::/64", length: 64 }, /overlaps pool other/);
});

test("a purpose has its length, and a site's own pools are asked before those of every site", () => {
  assert.equal(pool().length, 60);
  assert.equal(pool({ purpose: "vpn-address" }).length, 128);
  const pools = [
    pool({ name: "everywhere" }),
    pool({ name: "kote", site: "kote" }),
    pool({ name: "note", site: "note" }),
    { ...pool({ name: "shut", site: "kote" }), state: "closed" as const },
  ];
  const names = (site: string | null): readonly string[] =>
    poolsFor(pools, "tunnel", site).map(({ name }) => name);
  assert.deepEqual(names("kote"), ["kote", "everywhere"]);
  assert.deepEqual(names(null), ["everywhere"]);
  assert.deepEqual(poolsFor(pools, "srv6", "kote"), []);
});

test("an active prefix is never free at once, and every state has a way out", () => {
  for (const action of PREFIX_ACTIONS) assert.notEqual(nextPrefixState("active", action), "free");
  for (const state of PREFIX_STATES)
    assert.ok(PREFIX_ACTIONS.some((action) => nextPrefixState(state, action) !== undefined));
});

test("a full pool is told by its name, how full it is, until when, and what helps", () => {
  const small = pool({ prefix: "2001:db8:0:100::/56" });
  const full = utilisationOf(small, [
    { state: "active", length: 60, count: 13 },
    { state: "quarantine", length: 60, count: 3 },
  ]);
  assert.equal(full.share, 1);
  assert.equal(full.capacity, 16);
  const told = describeExhaustion(small, 60, full, "2026-01-01T00:00:00.000Z");
  assert.match(
    told,
    /^pool home has no free \/60: 2001:db8:0:100::\/56 is 100.0 % taken: 13 active, 3 in quarantine; /,
  );
  assert.match(
    told,
    /leaves quarantine at 2026-01-01.*vsixctl pool create NAME --prefix PREFIX --purpose tunnel/,
  );
  const holes = utilisationOf(small, [{ state: "active", length: 60, count: 8 }]);
  assert.match(
    describeExhaustion(small, 57, holes, undefined),
    /50.0 % taken: 8 active in no piece large enough/,
  );
});
