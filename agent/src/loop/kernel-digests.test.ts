import assert from "node:assert/strict";
import { test } from "node:test";
import { ResourceTable } from "../core/resource-table.ts";
import { type RouteObject, routeKind } from "../resources/route/model.ts";
import { sysctlKind } from "../resources/sysctl/model.ts";
import { KernelDigests } from "./kernel-digests.ts";
import { manage } from "./managed-kind.ts";

const { signal } = new AbortController();
const route = (i: number): RouteObject => ({
  ...{ table: 254, prefix: `2001:db8:${(i + 1).toString(16)}::/48`, metric: 20 },
  ...{ type: "unicast", nexthopId: 7 },
});

/** A kernel with one setting and so many routes, which is looked at as `see` says. */
function underTest(routes: number, see = (all: readonly RouteObject[]) => all) {
  const table = new ResourceTable(routeKind);
  const settings = new ResourceTable(sysctlKind);
  const all = Array.from({ length: routes }, (_, i) => route(i));
  const setting = { path: "net/ipv6/conf/all/forwarding", value: "1" };
  table.setDesired(all);
  settings.setDesired([setting]);
  const apply = async () => [];
  const kinds = [
    manage(table, { observe: async () => see(all), apply }, () => true),
    manage(settings, { observe: async () => [setting], apply }, () => true),
  ];
  let nowMs = 1_000;
  const counted = Promise.withResolvers<void>();
  const digests = new KernelDigests({ kinds: () => kinds, nowMs: () => nowMs, onCounted: counted.resolve });
  const look = async () => {
    for (const kind of kinds) await kind.observe(signal);
  };
  return { kinds, digests, counted: counted.promise, look, at: (ms: number) => (nowMs = ms) };
}

test("what is in the kernel is told beside what is wanted, and since when", async () => {
  let seen: readonly RouteObject[] = [];
  const { digests, look, at } = underTest(3, () => seen);
  const before = digests.current();
  assert.equal(before?.observed, undefined, "nobody has looked yet");
  await look();
  const empty = digests.current();
  assert.notEqual(empty?.observed, empty?.wanted);
  assert.deepEqual(
    empty?.kinds.map(({ kind, observed, wanted }) => `${kind} ${observed === wanted}`),
    ["route false", "sysctl true"],
  );
  seen = [route(2), route(0), route(1)];
  at(2_000);
  await look();
  const whole = digests.current();
  assert.equal(whole?.observed, whole?.wanted);
  at(3_000);
  await look();
  assert.deepEqual(digests.current(), whole, "nothing has changed, and its time has not either");
  assert.equal(whole?.since, new Date(2_000).toISOString());
});

test("a kind that cannot be looked at is not said to be as wanted", async () => {
  const { digests, kinds, look } = underTest(1);
  await look();
  assert.equal(digests.current()?.observed, digests.current()?.wanted);
  for (const kind of kinds) if (kind.name === "sysctl") kind.fault = { reason: "no /proc", sinceMs: 0 };
  const told = digests.current();
  assert.equal(told?.observed, undefined);
  assert.deepEqual(
    told?.kinds.map(({ kind, observed }) => [kind, observed !== undefined]),
    [
      ["route", true],
      ["sysctl", false],
    ],
  );
});

test("a large table is counted in turns; until then there is no digest", async () => {
  const { digests, counted, look } = underTest(5_000);
  await look();
  assert.equal(digests.current(), undefined);
  await counted;
  const told = digests.current();
  assert.equal(told?.observed, told?.wanted);
  digests[Symbol.dispose]();
});
