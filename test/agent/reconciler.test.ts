import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { pino } from "pino";
import type { KindName } from "../../agent/src/core/kind.ts";
import { ResourceTable } from "../../agent/src/core/resource-table.ts";
import { NetlinkTransportError } from "../../agent/src/io/netlink-error.ts";
import { manage } from "../../agent/src/loop/managed-kind.ts";
import { Reconciler } from "../../agent/src/loop/reconciler.ts";
import { routeKind } from "../../agent/src/resources/route/model.ts";
import { FakeBroken, FakeDriver } from "../fakes/fake-kernel.ts";

const PREFIXES = ["2001:db8:1::/48", "2001:db8:2::/48", "2001:db8:3::/48"];

/** Two kinds on fakes; the clock moves only where a test moves it. */
function setUp() {
  const clock = { nowMs: 1_000_000 };
  const make = (name: KindName) => {
    const kind = { ...routeKind, name };
    const driver = new FakeDriver(kind);
    const table = new ResourceTable(kind);
    table.setDesired(
      PREFIXES.map((prefix) => ({ table: 254, prefix, metric: 20, type: "blackhole" as const })),
    );
    return { driver, table, managed: manage(table, driver, () => true) };
  };
  const [first, second] = [make("nftables"), make("route")];
  let cycles = 0;
  const reconciler = new Reconciler({
    kinds: [first.managed, second.managed],
    log: pino({ enabled: false }),
    now: () => clock.nowMs,
    onCycle: () => cycles++,
  });
  const cycle = async (): Promise<void> => {
    reconciler.trigger();
    await reconciler.idle();
  };
  return { clock, first, second, reconciler, cycle, cycles: () => cycles };
}

test("one refused object is a condition, is tried again with growing pauses, and keeps nothing else back", async () => {
  const { first, second, reconciler, cycle, clock } = setUp();
  await using _ = reconciler;
  let blocked = true;
  first.driver.trouble.refuse = ({ key }) =>
    blocked && key.includes("db8:2:") ? { errno: 22, reason: "Invalid argument (EINVAL)" } : undefined;
  await cycle();
  assert.equal(first.driver.objects.size, 2);
  assert.equal(second.driver.objects.size, 3);
  const [[key, failure] = []] = [...first.managed.failures];
  assert.match(key ?? "", /2001:db8:2::/);
  assert.equal(failure?.reason, "Invalid argument (EINVAL)");
  const tries = (): number => first.driver.asked.filter((change) => change.key === key).length;
  await cycle();
  assert.equal(tries(), 1);
  const seen: number[] = [];
  for (let i = 0; i < 40; i++) {
    clock.nowMs += 1_000;
    await cycle();
    seen.push(tries());
  }
  assert.ok((seen.at(-1) ?? 0) < 12, `${seen.at(-1)} tries in 40 s`);
  assert.deepEqual((await reconciler.preview()).length, 1);
  blocked = false;
  clock.nowMs += 30_000;
  await cycle();
  assert.equal(first.driver.objects.size, 3);
  assert.deepEqual(await reconciler.preview(), []);
});

test("a kind that cannot be dumped is left alone, told as such and taken up again; the others go on", async () => {
  const { first, second, reconciler, cycle } = setUp();
  await using _ = reconciler;
  let broken = true;
  first.driver.trouble.breakObserve = () => (broken ? new Error("no nft here") : undefined);
  await cycle();
  assert.equal(first.managed.fault?.reason, "no nft here");
  assert.deepEqual(first.driver.asked, []);
  assert.equal(second.driver.objects.size, 3);
  assert.deepEqual(await reconciler.preview(), ["! nftables: no nft here"]);
  broken = false;
  await cycle();
  assert.equal(first.managed.fault, undefined);
  assert.equal(first.driver.objects.size, 3);
});

test("a driver that breaks half way through its changes is dumped again and finishes; nothing is made twice", async () => {
  const { first, second, reconciler, cycle } = setUp();
  await using _ = reconciler;
  let broken = true;
  first.driver.trouble.breakApplyAfter = () => (broken ? 1 : undefined);
  await cycle();
  assert.equal(first.driver.objects.size, 1);
  assert.match(first.managed.fault?.reason ?? "", /broke after 1/);
  assert.equal(second.driver.objects.size, 3);
  broken = false;
  await cycle();
  assert.equal(first.driver.objects.size, 3);
  const keys = first.driver.asked.map(({ key }) => key);
  assert.equal(new Set(keys).size, keys.length);
});

test("a netlink socket that is gone breaks the cycle as a whole, which is begun anew", async () => {
  const { first, second, reconciler, cycles } = setUp();
  await using _ = reconciler;
  let broken = true;
  first.driver.trouble.breakObserve = () => (broken ? new NetlinkTransportError("gone") : undefined);
  reconciler.trigger();
  for (let i = 0; i < 100 && first.driver.observed === 0; i++) await sleep(5);
  assert.equal(second.driver.objects.size, 0);
  assert.equal(first.managed.fault, undefined);
  broken = false;
  await reconciler.idle();
  assert.ok(cycles() >= 2);
  assert.equal(second.driver.objects.size, 3);
});

test("stopping in the middle of trouble neither hangs nor throws", async () => {
  const { first, reconciler } = setUp();
  first.driver.trouble.breakObserve = () => new FakeBroken("always");
  reconciler.trigger();
  await reconciler[Symbol.asyncDispose]();
});

test("who is revoked during a long dump is cut off when that dump is over, before anything else is looked at or changed", async () => {
  const kinds = (["nftables", "route", "sid"] as const).map((name) => {
    const kind = { ...routeKind, name };
    const driver = new FakeDriver(kind);
    const table = new ResourceTable(kind);
    const cuts =
      () =>
      ({ op }: { readonly op: string }) =>
        op === "delete";
    return { driver, table, managed: manage(table, driver, () => true, { cuts }) };
  });
  const [first, second, third] = kinds;
  if (first === undefined || second === undefined || third === undefined) throw new Error("three");
  const route = (prefix: string) => ({ table: 254, prefix, metric: 20, type: "blackhole" as const });
  const log: string[] = [];
  for (const { driver, table, managed } of kinds) {
    table.setDesired(PREFIXES.map(route));
    const { observe, apply } = driver;
    driver.observe = (signal) => {
      log.push(`look at ${managed.name}`);
      return observe.call(driver, signal);
    };
    driver.apply = (changes, signal) => {
      for (const { op } of changes) log.push(`${op} ${managed.name}`);
      return apply.call(driver, changes, signal);
    };
  }
  const options = { kinds: kinds.map(({ managed }) => managed), log: pino({ enabled: false }) };
  await using reconciler = new Reconciler({ ...options, now: () => 0, onCycle: () => undefined });
  reconciler.trigger();
  await reconciler.idle();
  log.length = 0;
  for (const { managed } of kinds) managed.stale = true;
  first.driver.trouble.breakObserve = () => {
    if (first.managed.stale) return undefined;
    second.table.setDesired(PREFIXES.slice(1).map(route));
    reconciler.trigger();
    delete first.driver.trouble.breakObserve;
    return undefined;
  };
  reconciler.trigger();
  await reconciler.idle();
  assert.deepEqual(log.slice(0, 2), ["look at nftables", "delete route"]);
  assert.equal(second.driver.objects.size, 2);
});
