import assert from "node:assert/strict";
import { test } from "node:test";
import type { Change, Kind } from "../../agent/src/core/kind.ts";
import { ResourceTable } from "../../agent/src/core/resource-table.ts";
import type { Driver } from "../../agent/src/resources/driver.ts";

export interface Subject<T> {
  readonly kind: Kind<T>;
  /** A driver that has just started, on the same kernel every time. */
  readonly makeDriver: () => Driver<T>;
  /** At least four objects that can stand side by side. */
  readonly desired: readonly T[];
  /** One of them with other content under the same key. */
  readonly changed: T;
  /** Puts an object of somebody else where `object` belongs. */
  readonly occupy: (object: T) => void;
  readonly vacate: (object: T) => void;
}

const never = new AbortController().signal;

/** What every driver promises, real or fake. */
export function declareDriverConformance<T>(
  name: string,
  make: () => Subject<T> | Promise<Subject<T>>,
): void {
  const keyOf = ({ kind }: Subject<T>, object: T): string => kind.key(kind.normalise(object));

  const reconcile = async (subject: Subject<T>, desired: readonly T[]) => {
    const driver = subject.makeDriver();
    const table = new ResourceTable(subject.kind);
    table.setDesired(desired);
    table.setObserved(await driver.observe(never));
    const { puts, deletes } = table.plan(0, true);
    const changes = [...puts, ...deletes];
    return { changes, outcomes: await driver.apply(changes, never) };
  };

  test(`${name}: what was applied is observed, and planned no more`, async () => {
    const subject = await make();
    const { changes, outcomes } = await reconcile(subject, subject.desired);
    assert.equal(changes.length, subject.desired.length);
    assert.ok(outcomes.every(({ ok }) => ok));
    assert.deepEqual((await reconcile(subject, subject.desired)).changes, []);
  });

  test(`${name}: outcomes come in the order of the changes, one for each`, async () => {
    const subject = await make();
    const { changes, outcomes } = await reconcile(subject, subject.desired.slice(0, 2));
    assert.deepEqual(
      outcomes.map(({ key }) => key),
      changes.map(({ key }) => key),
    );
    assert.deepEqual(await subject.makeDriver().apply([], never), []);
  });

  test(`${name}: creating what is there and deleting what is not is done`, async () => {
    const subject = await make();
    await reconcile(subject, subject.desired);
    const driver = subject.makeDriver();
    const normal = subject.desired.map((object) => subject.kind.normalise(object));
    const creates = normal.map(
      (desired): Change<T> => ({ op: "create", key: subject.kind.key(desired), desired }),
    );
    assert.ok((await driver.apply(creates, never)).every(({ ok }) => ok));
    assert.deepEqual((await reconcile(subject, subject.desired)).changes, []);
    const deletes = normal.map(
      (observed): Change<T> => ({ op: "delete", key: subject.kind.key(observed), observed }),
    );
    for (let twice = 0; twice < 2; twice++)
      assert.ok((await driver.apply(deletes, never)).every(({ ok }) => ok));
    assert.deepEqual(await driver.observe(never), []);
  });

  test(`${name}: changed content replaces the object and nothing else`, async () => {
    const subject = await make();
    await reconcile(subject, subject.desired);
    const key = keyOf(subject, subject.changed);
    const others = subject.desired.filter((object) => keyOf(subject, object) !== key);
    const { changes, outcomes } = await reconcile(subject, [...others, subject.changed]);
    assert.deepEqual(
      changes.map(({ op }) => op),
      ["replace"],
    );
    assert.ok(outcomes.every(({ ok }) => ok));
    assert.deepEqual((await reconcile(subject, [...others, subject.changed])).changes, []);
  });

  test(`${name}: an object of somebody else keeps its place; the rest is made; vacated, ours comes`, async () => {
    const subject = await make();
    const [taken] = subject.desired;
    assert.ok(taken);
    subject.occupy(taken);
    const { outcomes } = await reconcile(subject, subject.desired);
    const refused = outcomes.filter(({ ok }) => !ok);
    assert.equal(refused.length, 1);
    const [refusal] = refused;
    assert.ok(refusal?.ok === false);
    assert.equal(refusal.key, keyOf(subject, taken));
    assert.equal(refusal.errno, 17);
    assert.match(refusal.reason, /EEXIST/);
    assert.equal((await subject.makeDriver().observe(never)).length, subject.desired.length - 1);
    // Nor does taking everything of ours away touch it.
    assert.ok((await reconcile(subject, [])).outcomes.every(({ ok }) => ok));
    assert.equal((await reconcile(subject, subject.desired)).outcomes.filter(({ ok }) => !ok).length, 1);
    subject.vacate(taken);
    assert.ok((await reconcile(subject, subject.desired)).outcomes.every(({ ok }) => ok));
    assert.deepEqual((await reconcile(subject, subject.desired)).changes, []);
  });

  test(`${name}: an aborted call changes nothing more and says so`, async () => {
    const subject = await make();
    const aborted = AbortSignal.abort(new Error("stopped"));
    const driver = subject.makeDriver();
    const changes = subject.desired.map((object): Change<T> => {
      const desired = subject.kind.normalise(object);
      return { op: "create", key: subject.kind.key(desired), desired };
    });
    await assert.rejects(driver.apply(changes, aborted), /stopped/);
    await assert.rejects(driver.observe(aborted), /stopped/);
    assert.deepEqual(await driver.observe(never), []);
  });
}
