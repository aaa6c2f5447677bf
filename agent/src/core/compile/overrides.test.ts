import assert from "node:assert/strict";
import { test } from "node:test";
import type { EpeClass, EpePart } from "@vsix/shared/contract/part-epe.ts";
import type { FabricPart } from "@vsix/shared/contract/part-fabric.ts";
import { TABLE_MAIN, TOO_BIG, TOO_BIG_MARK } from "../ownership.ts";
import { compileKernel } from "./kernel.ts";
import type { OverrideOrders } from "./overrides.ts";

const SID_A = "2001:db8:ff01:1007:e01f::";
const SID_B = "2001:db8:ff01:1008:e01f::";
const port = (
  name: string,
  faces: FabricPart["interfaces"][number]["faces"],
  mtu: number,
): FabricPart["interfaces"][number] => ({
  name,
  mtu,
  addresses: [],
  faces,
  peer: name,
  peerAddress: `2001:db8:ff00:1::${name.length}:${name.charCodeAt(name.length - 1).toString(16)}`,
});
const part: FabricPart = {
  version: 1,
  node: { name: "blue-sfc", role: "plane", id: 1, site: "sfc", plane: "blue", loopback: "2001:db8:ff00::1" },
  loopbackAddresses: [],
  interfaces: [
    port("to-xe", "external-edge", 9000),
    port("edge-1", "edge", 1500),
    port("edge-2", "edge", 1500),
  ],
  sids: [],
  blackholes: [],
  overrides: [],
  sidBlock: "2001:db8:ff01::/48",
};

const override = (prefix: string, sid: string): EpeClass["overrides"][number] => ({
  prefix,
  peer: sid === SID_A ? "xe-sfc/wide" : "xe-kote/beta",
  segments: [sid],
});
const voice: EpeClass = {
  name: "voice",
  match: {
    sources: ["2001:db8:1::/48", "2001:db8:2::/48"],
    dscp: 46,
    protocol: 17,
    ports: { from: 5060, to: 5061 },
  },
  interfaces: ["edge-1"],
  overrides: [override("3fff:1::/32", SID_A)],
};
const rest: EpeClass = {
  name: "default",
  match: {},
  interfaces: ["edge-1", "edge-2"],
  overrides: [override("3fff:1::/32", SID_B), override("3fff:2::/32", SID_A)],
};

function compile(
  classes: readonly EpeClass[],
  change: {
    readonly part?: Partial<FabricPart>;
    readonly orders?: Partial<OverrideOrders>;
    readonly reachable?: (sid: string) => boolean;
  } = {},
) {
  const epe: EpePart = { version: 1, classes: [...classes], keepS: 0 };
  const orders = { epe, off: false, aged: false, ...change.orders };
  const fabric = { ...part, ...change.part };
  const links = new Map(fabric.interfaces.map(({ name }) => [name, { usable: true }]));
  const made = compileKernel(fabric, links, change.reachable ?? (() => true), undefined, orders);
  const sidOf = new Map(made.nexthops.map(({ id, encap }) => [id, encap?.segments.join()]));
  const routes = made.routes
    .filter(({ table }) => table !== TABLE_MAIN)
    .map(({ table, prefix, nexthopId, mtu }) => ({ table, prefix, sid: sidOf.get(nexthopId ?? 0), mtu }));
  const tableOf = (priority: number): number | undefined =>
    made.rules.find((rule) => rule.priority === priority)?.table;
  return { ...made, overrides: routes, tableOf };
}

test("a class is one table, chosen for each of its ports and sources; the first class comes first", () => {
  const { rules, overrides, tableOf, nexthops } = compile([voice, rest]);
  const [first, second] = [tableOf(7603), tableOf(7605)];
  const what = { dscp: 46, nextHeader: 17, ports: { from: 5060, to: 5061 } };
  assert.deepEqual(rules, [
    { priority: 7603, iif: "edge-1", table: first, from: "2001:db8:1::/48", ...what },
    { priority: 7603, iif: "edge-1", table: first, from: "2001:db8:2::/48", ...what },
    { priority: 7605, iif: "edge-1", table: second },
    { priority: 7605, iif: "edge-2", table: second },
  ]);
  assert.deepEqual(overrides, [
    { table: first, prefix: "3fff:1::/32", sid: SID_A, mtu: undefined },
    { table: second, prefix: "3fff:1::/32", sid: SID_B, mtu: undefined },
    { table: second, prefix: "3fff:2::/32", sid: SID_A, mtu: undefined },
  ]);
  assert.equal(
    nexthops.filter(({ encap }) => encap !== undefined).length,
    2,
    "one object for each encapsulation",
  );
});

test("a class keeps its table when another comes before it, and the fabric file's overrides stay first", () => {
  const own = { prefix: "3fff:1::/32", segments: [SID_A], interfaces: ["edge-2"] };
  const before = compile([rest]);
  const after = compile([voice, rest], { part: { overrides: [own] } });
  assert.equal(after.tableOf(7605), before.tableOf(7603));
  assert.deepEqual(after.rules[0], { priority: 7600, iif: "edge-2", table: 7601 });
});

test("overrides towards an External Edge that BGP knows no way to wait, counted by peer; a class without any has no rule", () => {
  const { rules, overrides, waiting } = compile([voice, rest], { reachable: (sid) => sid !== SID_A });
  assert.deepEqual(
    overrides.map(({ sid }) => sid),
    [SID_B],
  );
  assert.equal(rules.length, 2);
  assert.match(
    waiting.get(`overrides by xe-sfc/wide ${SID_A}`) ?? "",
    /no way to 2001:db8:ff01:1007:e01f::; BGP's own choice is used for 2 of them/,
  );
});

test("switched off, nothing stands; aged, only what the fabric file asks for", () => {
  const own = { prefix: "3fff:1::/32", segments: [SID_A], interfaces: ["edge-2"] };
  const change = { part: { overrides: [own] } };
  const off = compile([voice, rest], { ...change, orders: { off: true } });
  assert.deepEqual([off.rules, off.overrides], [[], []]);
  assert.equal(
    off.nexthops.some(({ encap }) => encap !== undefined),
    false,
  );
  const aged = compile([voice, rest], { ...change, orders: { aged: true } });
  assert.deepEqual(
    aged.overrides.map(({ table }) => table),
    [7601],
  );
});

test("where a plane's links are narrow, what is too large finds routes with a locked MTU in tables of its own", () => {
  const { rules, overrides, tableOf } = compile([rest], { part: { planeMtu: 1500 } });
  const table = tableOf(7603) ?? 0;
  assert.deepEqual(rules[0], {
    priority: 7602,
    iif: "edge-1",
    table: table + TOO_BIG,
    mark: TOO_BIG_MARK,
  });
  assert.deepEqual(
    overrides.filter((route) => route.table === table + TOO_BIG),
    [
      { table: table + TOO_BIG, prefix: "3fff:1::/32", sid: undefined, mtu: 1460 },
      { table: table + TOO_BIG, prefix: "3fff:2::/32", sid: undefined, mtu: 1460 },
    ],
  );
  assert.equal(compile([rest], { part: { planeMtu: 1540 } }).rules.length, 2, "everything fits");
});

test("where even the least that IPv6 needs does not fit, no override stands and the reason is told", () => {
  const { rules, waiting } = compile([rest], { part: { planeMtu: 1300 } });
  assert.deepEqual(rules, []);
  assert.match(waiting.get("overrides") ?? "", /carry 1300 octets: .* leaves 1260, IPv6 needs 1280/);
});
