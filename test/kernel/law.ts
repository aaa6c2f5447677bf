import assert from "node:assert/strict";
import type { Change, Kind, Outcome } from "../../agent/src/core/kind.ts";
import { ResourceTable } from "../../agent/src/core/resource-table.ts";
import { LinkTable } from "../../agent/src/io/links.ts";
import { NetlinkSocket } from "../../agent/src/io/netlink.ts";
import type { Driver } from "../../agent/src/resources/driver.ts";

const never = new AbortController().signal;

/** A socket and a table of links for the length of a test. */
export async function withKernel(
  body: (netlink: NetlinkSocket, links: LinkTable) => Promise<void>,
): Promise<void> {
  await using netlink = NetlinkSocket.open();
  await using links = await LinkTable.open(netlink);
  await body(netlink, links);
}

/** Makes the kernel what `desired` says; returns what was planned and what became of it. */
export async function reconcile<T>(
  kind: Kind<T>,
  driver: Driver<T>,
  desired: readonly T[],
): Promise<{ readonly changes: readonly Change<T>[]; readonly outcomes: readonly Outcome[] }> {
  const table = new ResourceTable(kind);
  table.setDesired(desired);
  table.setObserved(await driver.observe(never));
  const { puts, deletes } = table.plan(0, true);
  const changes = [...deletes, ...puts];
  return { changes, outcomes: await driver.apply(changes, never) };
}

export async function apply<T>(
  driver: Driver<T>,
  changes: readonly Change<T>[],
): Promise<readonly Outcome[]> {
  return driver.apply(changes, never);
}

export async function observe<T>(driver: Driver<T>): Promise<readonly T[]> {
  return driver.observe(never);
}

function assertDone(outcomes: readonly Outcome[]): void {
  assert.deepEqual(
    outcomes.filter(({ ok }) => !ok),
    [],
  );
}

/**
 * The kernel law: what was applied is observed and planned no more, also by a driver that has just started; half of it
 * gone, it converges; creating what is there and deleting what is not is done; in the end nothing of ours is left.
 * `onceApplied` looks at the kernel by other means while everything is there.
 */
export async function assertKernelLaw<T>(
  kind: Kind<T>,
  makeDriver: () => Driver<T>,
  desired: readonly T[],
  onceApplied: () => void,
): Promise<void> {
  const driver = makeDriver();
  const first = await reconcile(kind, driver, desired);
  assert.equal(first.changes.length, desired.length);
  assertDone(first.outcomes);
  assert.deepEqual((await reconcile(kind, makeDriver(), desired)).changes, []);
  onceApplied();

  const half = desired.slice(0, desired.length >> 1);
  assertDone((await reconcile(kind, driver, half)).outcomes);
  const again = await reconcile(kind, driver, desired);
  assert.equal(again.changes.length, desired.length - half.length);
  assertDone(again.outcomes);
  assert.deepEqual((await reconcile(kind, driver, desired)).changes, []);

  const creates = desired.map((object): Change<T> => {
    const normal = kind.normalise(object);
    return { op: "create", key: kind.key(normal), desired: normal };
  });
  assertDone(await apply(driver, creates));
  assert.deepEqual((await reconcile(kind, driver, desired)).changes, []);

  const deletes = creates.map(
    ({ key }, i): Change<T> => ({ op: "delete", key, observed: kind.normalise(desired[i] as T) }),
  );
  assertDone(await apply(driver, deletes.toReversed()));
  assertDone(await apply(driver, deletes));
  assert.deepEqual(await observe(driver), []);
}
