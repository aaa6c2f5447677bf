import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { containsPrefix, formatPrefix, overlaps, type Prefix, parsePrefix } from "@vsix/shared/net/prefix.ts";
import fc from "fast-check";
import { systemClock } from "../clock.ts";
import type { PoolWish } from "../core/access/pools.ts";
import { poolOfRow } from "../store/access/reader.ts";
import { Store } from "../store/store.ts";
import {
  allocatePrefix,
  changePrefix,
  createPool,
  findPrefix,
  listPools,
  movePrefix,
  removePool,
  setPoolState,
} from "./addresses.ts";
import { allocateFor, freeExpired } from "./allocate.ts";

const NOBODY = { state: "active", account: null, project: null, application: null, note: "" } as const;
const POOL: PoolWish = {
  name: "home",
  prefix: "2001:db8:0:100::/56",
  purpose: "tunnel",
  strategy: "first",
  quarantineS: 60,
  note: "",
};

async function withStore(
  work: (bed: { store: Store; clock: typeof systemClock; pass: (ms: number) => void }) => Promise<void>,
): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), "vsix-access-"));
  try {
    let nowMs = Date.parse("2026-01-01T00:00:00Z");
    await using store = await Store.open(join(directory, "controller.db"));
    await work({
      store,
      clock: { ...systemClock, wallMs: () => nowMs },
      pass: (ms) => {
        nowMs += ms;
      },
    });
  } finally {
    await rm(directory, { recursive: true });
  }
}

/** What is free and what is not, together, must be the pool, each address once. */
async function assertWhole(store: Store, name: string): Promise<void> {
  const row = (await store.read.addresses.pools()).find((one) => one.name === name);
  assert.ok(row !== undefined);
  const pool = poolOfRow(row);
  const taken = (await store.read.addresses.prefixes({ pool: name, limit: 1_000_000 })).map(
    ({ prefix }) => prefix,
  );
  const parts = [...taken.map(parsed), ...(await store.read.addresses.freeBlocks(name))];
  parts.sort((a, b) => Buffer.compare(a.address, b.address) || a.length - b.length);
  const size = ({ length }: Prefix): bigint => 1n << BigInt(128 - length);
  assert.equal(
    parts.reduce((sum, part) => sum + size(part), 0n),
    size(pool.prefix),
  );
  for (const [at, part] of parts.entries()) {
    assert.ok(containsPrefix(pool.prefix, part));
    const next = parts[at + 1];
    assert.ok(next === undefined || !overlaps(part, next), `${formatPrefix(part)} twice`);
  }
}

function parsed(text: string): Prefix {
  const prefix = parsePrefix(text);
  assert.ok(prefix !== undefined, text);
  return prefix;
}

test("a pool gives out its lowest free prefix, says when it is full, and gives what came back after its quarantine", async () => {
  await withStore(async ({ store, clock, pass }) => {
    const context = { store, clock };
    await createPool(context, "op", POOL);
    const take = () => allocatePrefix(context, "op", { pool: "home", state: "active", note: "" });
    const given: string[] = [];
    for (let at = 0; at < 16; at++) given.push((await take()).prefix);
    assert.deepEqual(given.slice(0, 2), ["2001:db8:0:100::/60", "2001:db8:0:110::/60"]);
    assert.equal(new Set(given).size, 16);
    await assert.rejects(take(), {
      code: "pool-exhausted",
      message: /home has no free \/60.*100.0 % taken: 16 active/,
    });

    const back = given[5] ?? "";
    assert.equal((await changePrefix(context, "op", back, "release", "moved out")).state, "quarantine");
    await assert.rejects(take(), {
      code: "pool-exhausted",
      message: /1 in quarantine.*at 2026-01-01T00:01:00/,
    });
    pass(59_999);
    await assert.rejects(take(), { code: "pool-exhausted" });
    pass(1);
    assert.equal((await take()).prefix, back);
    await assertWhole(store, "home");

    const history = await store.read.addresses.events(10, { kind: "prefix", subjects: [back] });
    assert.deepEqual(
      history.map(({ what }) => what),
      ["active", "quarantine over", "quarantine", "active"],
    );
    assert.equal((await listPools(context))[0]?.utilisation.share, 1);
    await assert.rejects(removePool(context, "op", "home"), { code: "pool-in-use" });
  });
});

test("a reserved prefix is given to nobody, what is revoked stays away until it is released, and a closed pool gives nothing", async () => {
  await withStore(async ({ store, clock, pass }) => {
    const context = { store, clock };
    await createPool(context, "op", POOL);
    const wish = { pool: "home", state: "active", note: "" } as const;
    await allocatePrefix(context, "op", { ...wish, state: "reserved", prefix: "2001:db8:0:100::/60" });
    const { prefix } = await allocatePrefix(context, "op", wish);
    assert.equal(prefix, "2001:db8:0:110::/60");
    await assert.rejects(allocatePrefix(context, "op", { ...wish, prefix: "2001:db8:0:118::/61" }), {
      code: "prefix-taken",
      message: /2001:db8:0:110::\/60 \(active\) is in the way/,
    });
    await assert.rejects(allocatePrefix(context, "op", { ...wish, prefix: "2001:db8:0:100::/57" }), {
      code: "prefix-taken",
      message: /2001:db8:0:100::\/60 \(reserved\)/,
    });
    await assert.rejects(changePrefix(context, "op", prefix, "free", ""), { code: "prefix-state" });
    await changePrefix(context, "op", prefix, "revoke", "spam");
    pass(365 * 86_400_000);
    assert.equal((await findPrefix(context, "2001:db8:0:11f::9")).prefix?.state, "revoked");
    assert.equal((await allocatePrefix(context, "op", wish)).prefix, "2001:db8:0:120::/60");
    await changePrefix(context, "op", prefix, "free", "their list forgot it");
    assert.equal((await findPrefix(context, "2001:db8:0:11f::9")).prefix, undefined);
    await setPoolState(context, "op", "home", "closed");
    await assert.rejects(allocatePrefix(context, "op", wish), { code: "pool-closed" });
    await assert.rejects(findPrefix(context, "2001:db8:ffff::1"), { code: "unknown-prefix" });
    await assertWhole(store, "home");
  });
});

test("sparse allocation leaves every prefix as much room to grow as can be", async () => {
  await withStore(async ({ store, clock }) => {
    const context = { store, clock };
    await createPool(context, "op", { ...POOL, strategy: "sparse" });
    const given: string[] = [];
    for (let at = 0; at < 4; at++)
      given.push((await allocatePrefix(context, "op", { pool: "home", state: "active", note: "" })).prefix);
    assert.deepEqual(given, [
      "2001:db8:0:100::/60",
      "2001:db8:0:180::/60",
      "2001:db8:0:140::/60",
      "2001:db8:0:1c0::/60",
    ]);
  });
});

test("whatever is taken and given back in whatever order, nothing is given twice and nothing is lost", async () => {
  const step = fc.oneof(
    fc.record({ take: fc.integer({ min: 56, max: 62 }) }),
    fc.record({ exactly: fc.tuple(fc.nat(15), fc.integer({ min: 58, max: 60 })) }),
    fc.record({ back: fc.nat(20), action: fc.constantFrom("release", "revoke", "free") }),
    fc.record({ passS: fc.nat(120) }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
      await withStore(async ({ store, clock, pass }) => {
        const context = { store, clock };
        await createPool(context, "op", POOL);
        for (const one of steps) {
          try {
            if ("passS" in one) pass(one.passS * 1000);
            else if ("take" in one)
              await allocatePrefix(context, "op", {
                pool: "home",
                length: one.take,
                state: "active",
                note: "",
              });
            else if ("exactly" in one) {
              const [nibble, length] = one.exactly;
              const prefix = `2001:db8:0:1${nibble.toString(16)}0::/${length}`;
              await allocatePrefix(context, "op", { pool: "home", prefix, state: "reserved", note: "" });
            } else {
              const rows = await store.read.addresses.prefixes({ limit: 100 });
              const row = rows[one.back % Math.max(rows.length, 1)];
              if (row !== undefined) await changePrefix(context, "op", row.prefix, one.action, "");
            }
          } catch (error) {
            assert.match(
              String(Reflect.get(Object(error), "code")),
              /^(pool-exhausted|prefix-taken|prefix-state|bad-prefix)$/,
            );
          }
        }
        await assertWhole(store, "home");
      });
    }),
    { numRuns: 12 },
  );
});

test("a thousand allocations at once: each another prefix, a failed transaction takes none, and all come back as one block", async () => {
  await withStore(async ({ store, clock, pass }) => {
    const context = { store, clock };
    await createPool(context, "op", { ...POOL, prefix: "2001:db8:1000::/50", quarantineS: 1 });
    const moment = { who: "op", nowMs: clock.wallMs() };
    const outcomes = await Promise.allSettled(
      Array.from({ length: 1100 }, (_, at) =>
        store.transaction(async (tx) => {
          const row = await allocateFor(tx, { purpose: "tunnel", site: null }, NOBODY, moment);
          // Something that happens after the choice and before the commit.
          if (at % 11 === 10) throw new Error("gives up");
          return row.prefix;
        }),
      ),
    );
    const given = outcomes.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
    assert.equal(given.length, 1000);
    assert.equal(new Set(given).size, 1000);
    assert.equal((await store.read.addresses.prefixes({ limit: 2000 })).length, 1000);
    await assertWhole(store, "home");
    const left = Promise.allSettled(
      Array.from({ length: 100 }, () =>
        store.transaction((tx) => allocateFor(tx, { purpose: "tunnel", site: null }, NOBODY, moment)),
      ),
    );
    assert.equal((await left).filter(({ status }) => status === "fulfilled").length, 24, "a /50 has 1024");
    const all = await store.read.addresses.prefixes({ limit: 2000 });
    await store.transaction(async (tx) => {
      for (const row of all) await movePrefix(tx, row, "release", "", moment);
    });
    pass(1000);
    const later = { who: "op", nowMs: clock.wallMs() };
    await store.transaction((tx) => freeExpired(tx, later, 10_000));
    assert.deepEqual((await store.read.addresses.freeBlocks("home")).map(formatPrefix), [
      "2001:db8:1000::/50",
    ]);
  });
});
