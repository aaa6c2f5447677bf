import assert from "node:assert/strict";
import { test } from "node:test";
import type { Change, Kind } from "../core/kind.ts";
import { ResourceTable } from "../core/resource-table.ts";
import { type ManageOptions, manage } from "./managed-kind.ts";

interface Thing {
  readonly name: string;
}
const kind: Kind<Thing> = {
  name: "route",
  key: ({ name }) => name,
  normalise: (thing) => thing,
  equal: () => true,
  describe: ({ name }) => name,
};
const { signal } = new AbortController();

/** A kind whose kernel holds "old" and "kept", of which only "kept" is desired; and the changes it was asked for. */
function underTest(
  mayDelete: () => boolean,
  options: ManageOptions<Thing> = {},
  isRefused = (_key: string): boolean => false,
) {
  const asked: string[] = [];
  const table = new ResourceTable(kind);
  let looks = 0;
  const plan = table.plan.bind(table);
  table.plan = (...args) => {
    looks++;
    return plan(...args);
  };
  table.setObserved([{ name: "old" }, { name: "kept" }]);
  table.setDesired([{ name: "kept" }, { name: "new" }]);
  const managed = manage(
    table,
    {
      observe: async () => [],
      apply: async (changes: readonly Change<Thing>[]) => {
        for (const { op, key } of changes) asked.push(`${op} ${key}`);
        return changes.map(({ key }) =>
          isRefused(key) ? { key, ok: false, errno: 3, reason: "no such process" } : { key, ok: true },
        );
      },
    },
    mayDelete,
    options,
  );
  return { asked, table, managed, looks: () => looks };
}

test("one plan serves a cycle's puts and its deletions", async () => {
  const { asked, managed, looks } = underTest(() => true);
  assert.equal(await managed.put(0, signal), 1);
  assert.equal(await managed.remove(0, signal), 1);
  assert.deepEqual(asked, ["create new", "delete old"]);
  assert.equal(looks(), 1);
  assert.equal((await managed.put(0, signal)) + (await managed.remove(0, signal)), 0);
  assert.deepEqual(managed.preview(), []);
});

test("what became desired after the plan is not deleted by it", async () => {
  const { asked, table, managed } = underTest(() => true);
  await managed.put(0, signal);
  table.putDesired({ name: "old" });
  assert.equal(await managed.remove(0, signal), 0);
  assert.deepEqual(asked, ["create new"]);
});

test("a plan made when deleting was allowed is not followed once it no longer is", async () => {
  let allowed = true;
  const { asked, managed } = underTest(() => allowed);
  await managed.put(0, signal);
  allowed = false;
  assert.equal(await managed.remove(0, signal), 0);
  allowed = true;
  assert.equal(await managed.remove(0, signal), 1);
  assert.deepEqual(asked, ["create new", "delete old"]);
});

test("who is cut off is cut off first and once, and only by what counts as that", async () => {
  let cutting = false;
  const { asked, managed } = underTest(() => true, {
    cuts: () => (cutting ? ({ op }) => op === "delete" : undefined),
  });
  managed.stale = false;
  assert.equal(await managed.cut(0, signal), 0);
  cutting = true;
  assert.equal(await managed.cut(0, signal), 1);
  assert.deepEqual(asked, ["delete old"]);
  assert.equal(managed.stale, false);
  assert.equal(await managed.put(0, signal), 1);
  assert.equal(await managed.remove(0, signal), 0);
  assert.deepEqual(asked, ["delete old", "create new"]);
});

test("a plan that was cut from in between deletes nothing twice", async () => {
  const { asked, managed } = underTest(() => true, { cuts: () => () => true });
  await managed.put(0, signal);
  assert.equal(await managed.cut(0, signal), 1);
  assert.equal(await managed.remove(0, signal), 0);
  assert.deepEqual(asked, ["create new", "delete old"]);
});

test("a cut that the kernel refuses has it looked at again", async () => {
  const { managed } = underTest(
    () => true,
    { cuts: () => () => true },
    (key) => key === "old",
  );
  managed.stale = false;
  assert.equal(await managed.cut(0, signal), 1);
  assert.equal(managed.stale, true);
  assert.equal(managed.nextRetryMs(), 0);
});
