import assert from "node:assert/strict";
import { test } from "node:test";
import { digestOf } from "../core/digest.ts";
import type { Kind } from "../core/kind.ts";
import { type AddressObject, addressKind } from "./address/model.ts";
import { nexthopKind } from "./nexthop/model.ts";
import { nftablesKind } from "./nftables/model.ts";
import { routeKind } from "./route/model.ts";
import { sysctlKind } from "./sysctl/model.ts";
import { translatorKind } from "./translator/model.ts";
import { wireguardPeerKind } from "./wireguard-peer/model.ts";

/** Whether two objects are equal, and whether their contents have one digest. */
function compare<T>(kind: Kind<T>, desired: T, observed: T): readonly [boolean, boolean] {
  const normal = kind.normalise(desired);
  const of = (object: T): string => JSON.stringify(digestOf(kind.content?.(object) ?? object));
  return [kind.equal(normal, observed), of(normal) === of(observed)];
}
const SAME = [true, true];
const OTHER = [false, false];

test("what an object is equal to has its digest, whatever else the kernel says of it", () => {
  const address: AddressObject = { interface: "a", address: "2001:db8::1/64" };
  assert.deepEqual(compare(addressKind, address, { ...address, foreign: true }), SAME);
  assert.deepEqual(compare(addressKind, address, { ...address, address: "2001:db8::1/127" }), OTHER);

  const nexthop = { id: 1, via: "fe80::1", interface: "a" };
  assert.deepEqual(compare(nexthopKind, { ...nexthop, purpose: "outside" }, nexthop), SAME);
  assert.deepEqual(compare(nexthopKind, nexthop, { ...nexthop, via: "fe80::2" }), OTHER);

  const route = { table: 254, prefix: "2001:db8::/32", metric: 20, type: "unicast" as const, via: "fe80::1" };
  assert.deepEqual(compare(routeKind, route, { ...route, interface: "a" }), SAME);
  assert.deepEqual(compare(routeKind, { ...route, interface: "b" }, { ...route, interface: "a" })[0], false);
  assert.deepEqual(compare(routeKind, route, { ...route, mtu: 1280 }), OTHER);

  const setting = { path: "net/ipv4/tcp_rmem", value: "1 2 3" };
  assert.deepEqual(compare(sysctlKind, setting, { ...setting, value: "1\t2\t3\n" }), SAME);

  const translator = { name: "tayga", config: "x", mtu: 1500, routes: ["64:ff9b::/96"], source: "" };
  assert.deepEqual(compare(translatorKind, translator, { ...translator, source: "2001:db8::1" }), SAME);

  const peer = { device: "wg", publicKey: "k", allowedIps: ["2001:db8::/64"], keepaliveS: 0 };
  const endpoint = { address: "2001:db8::2", port: 51820 };
  assert.deepEqual(compare(wireguardPeerKind, peer, { ...peer, endpoint, heard: true }), SAME);
  assert.deepEqual(compare(wireguardPeerKind, peer, { ...peer, keepaliveS: 25 }), OTHER);

  const chain = {
    name: "c",
    rules: [[{ match: { op: "==", left: { meta: { key: "nfproto" } }, right: 1 } }]],
  };
  const set = { kind: "set" as const, name: "s", type: "ipv6_addr", interval: true, elements: ['"::1"'] };
  const rules = { counters: ["b", "a"], chains: [chain], sets: [set], strange: [] };
  const read = { ...rules, counters: ["a", "b"], sets: [{ ...set, counted: false }] };
  assert.deepEqual(compare(nftablesKind, rules, read), SAME);
  assert.deepEqual(compare(nftablesKind, rules, { ...rules, sets: [{ ...set, elements: [] }] }), OTHER);
});
