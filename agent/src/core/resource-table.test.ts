import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Change, Kind } from "./kind.ts";
import { ResourceTable } from "./resource-table.ts";

interface Thing {
  readonly name: string;
  readonly value: number;
}

const kind: Kind<Thing> = {
  name: "route",
  key: (thing) => thing.name,
  normalise: (thing) => (thing.value === 0 ? { ...thing, value: 1024 } : thing),
  equal: (a, b) => a.value === b.value,
  describe: (thing) => `${thing.name}=${thing.value}`,
};

const done = (changes: readonly Change<Thing>[]) => changes.map(({ key }) => ({ key, ok: true as const }));

function settleAll(table: ResourceTable<Thing>, nowMs: number): void {
  const plan = table.plan(nowMs, true);
  table.settle(plan.puts, done(plan.puts), nowMs);
  table.settle(plan.deletes, done(plan.deletes), nowMs);
}

const things = fc.uniqueArray(
  fc.record({ name: fc.string({ maxLength: 3 }), value: fc.integer({ min: 0, max: 3 }) }),
  {
    selector: (thing) => thing.name,
  },
);

test("a second plan after apply is empty, whatever was desired and observed", () => {
  fc.assert(
    fc.property(things, things, things, (observed, desired, later) => {
      const table = new ResourceTable(kind);
      table.setObserved(observed);
      for (const wanted of [desired, later]) {
        table.setDesired(wanted);
        settleAll(table, 0);
        const again = table.plan(0, true);
        assert.deepEqual([again.puts, again.deletes, again.waiting], [[], [], []]);
        assert.equal(table.observedCount, wanted.length);
      }
    }),
  );
});

test("nothing is deleted while the desired state is incomplete", () => {
  const table = new ResourceTable(kind);
  table.setObserved([{ name: "a", value: 1 }]);
  table.setDesired([{ name: "b", value: 1 }]);
  const held = table.plan(0, false);
  assert.deepEqual(held.deletes, []);
  assert.deepEqual(held.waiting, ["a"]);
  assert.equal(table.plan(0, true).deletes.length, 1);
});

test("a failed object is retried with growing pauses and does not hold up the others", () => {
  const table = new ResourceTable(kind);
  table.setObserved([]);
  table.setDesired([
    { name: "good", value: 1 },
    { name: "bad", value: 1 },
  ]);
  const first = table.plan(0, true);
  table.settle(
    first.puts,
    first.puts.map(({ key }) =>
      key === "bad" ? { key, ok: false as const, errno: 22, reason: "EINVAL" } : { key, ok: true as const },
    ),
    0,
  );
  assert.deepEqual(table.plan(100, true).waiting, ["bad"]);
  const second = table.plan(200, true);
  assert.deepEqual(
    second.puts.map(({ key }) => key),
    ["bad"],
  );
  table.settle(second.puts, [{ key: "bad", ok: false, errno: 22, reason: "EINVAL" }], 200);
  assert.equal(table.nextRetryMs(), 600);
  table.retryNow();
  assert.equal(table.plan(201, true).puts.length, 1);
});

test("what the kernel dropped silently is put back", () => {
  const table = new ResourceTable(kind);
  table.setObserved([]);
  table.setDesired([
    { name: "a", value: 1 },
    { name: "b", value: 2 },
  ]);
  settleAll(table, 0);
  assert.equal(
    table.forgetObserved((thing) => thing.value === 2),
    1,
  );
  assert.deepEqual(
    table.plan(0, true).puts.map(({ op, key }) => [op, key]),
    [["create", "b"]],
  );
});

const digestsOf = (observed: readonly Thing[], desired: readonly Thing[]) => {
  const table = new ResourceTable(kind);
  table.setObserved(observed);
  table.setDesired(desired);
  return table.digests(Number.POSITIVE_INFINITY);
};

test("digests tell of what is there and what is wanted, however it came about and in whatever order", () => {
  fc.assert(
    fc.property(things, things, things, fc.boolean(), (first, observed, desired, settled) => {
      const table = new ResourceTable(kind);
      table.setDesired(first);
      settleAll(table, 0);
      table.digests(1);
      table.setObserved(observed.toReversed());
      table.setDesired(desired.toReversed());
      if (settled) settleAll(table, 0);
      table.digests(2);
      const digests = table.digests(Number.POSITIVE_INFINITY);
      assert.deepEqual(digests, digestsOf(settled ? desired.map(kind.normalise) : observed, desired));
      const isAsWanted = table.plan(0, true).puts.length + table.plan(0, true).deletes.length === 0;
      assert.equal(digests?.observed.high === digests?.desired.high, isAsWanted);
    }),
  );
});

test("only what has changed is counted again, and no digest is told while something waits for it", () => {
  const table = new ResourceTable(kind);
  const all = Array.from({ length: 10 }, (_, i) => ({ name: `n${i}`, value: 1 }));
  table.setDesired(all);
  assert.equal(table.digests(4), undefined);
  assert.equal(table.digests(4), undefined);
  const before = table.digests(4);
  assert.notEqual(before, undefined);
  table.setDesired(all);
  assert.deepEqual(table.digests(0), before);
  table.putDesired({ name: "n3", value: 2 });
  assert.equal(table.digests(0), undefined);
  assert.notDeepEqual(table.digests(1)?.desired, before?.desired);
  table.putDesired({ name: "n3", value: 1 });
  assert.deepEqual(table.digests(1), before);
});

test("an object that is not as wanted for a reason that digests do not show still makes them differ", () => {
  const blind = new ResourceTable<Thing>({ ...kind, content: () => "the same" });
  blind.setObserved([{ name: "a", value: 1 }]);
  blind.setDesired([{ name: "a", value: 2 }]);
  const digests = blind.digests(1);
  assert.notDeepEqual(digests?.observed, digests?.desired);
});
