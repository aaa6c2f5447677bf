import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { destinationOctets } from "@vsix/agent/sensors/counters.ts";
import type { EgressPart } from "@vsix/shared/contract/part-egress.ts";
import type { FabricPart } from "@vsix/shared/contract/part-fabric.ts";
import { sendForged } from "../kernel/fixtures/forged.ts";
import { counters, plan, reconcile } from "./law.ts";
import { host, link, Namespaces, route, settle } from "./namespaces.ts";

const EDGE = "2001:db8:1::1";
const UDP = 17;
/** Header and payload of a forged packet. */
const OCTETS = 104;

const PART: FabricPart = {
  version: 1,
  node: { name: "blue-sfc", role: "plane", id: 1, site: "sfc", plane: "blue", loopback: "2001:db8:ff00::1" },
  loopbackAddresses: [],
  interfaces: [
    {
      name: "e0",
      mtu: 1500,
      addresses: ["2001:db8:ff01::/127"],
      faces: "edge",
      peer: "edge-1",
      peerAddress: "2001:db8:ff01::1",
      sources: ["2001:db8:1::/48"],
    },
    {
      name: "x0",
      mtu: 1500,
      addresses: ["2001:db8:ff02::/127"],
      faces: "external-edge",
      peer: "xe-sfc",
      peerAddress: "2001:db8:ff02::1",
    },
  ],
  sids: [],
  blackholes: [],
  overrides: [],
  sidBlock: "2001:db8:f0::/48",
};
const BOTH: EgressPart = { count: ["3fff:510::/32", "3fff:511:1::/48"] };

describe("what Edges send to each destination", () => {
  const namespaces = new Namespaces("d");
  let [edge, router, core] = ["", "", ""];
  const octets = (): Readonly<Record<string, number>> =>
    Object.fromEntries(destinationOctets(counters(router)).map((one) => [one.prefix, one.octets]));
  const send = (ns: string, source: string, destination: string, count: number): void =>
    assert.deepEqual(sendForged(ns, [{ inner: { source, destination, next: UDP }, count }]), [count]);

  before(async () => {
    [edge, router, core] = [namespaces.add("edge"), namespaces.add("router"), namespaces.add("core")];
    link(
      { ns: edge, port: "wan", address: "2001:db8:ff01::1/127" },
      { ns: router, port: "e0", address: "2001:db8:ff01::/127" },
    );
    link(
      { ns: router, port: "x0", address: "2001:db8:ff02::/127" },
      { ns: core, port: "lan", address: "2001:db8:ff02::1/127" },
    );
    host(edge, EDGE);
    host(core, "3fff:510::1");
    route(edge, "default", "via", "2001:db8:ff01::");
    route(core, "default", "via", "2001:db8:ff02::");
    route(router, "2001:db8:1::/48", "via", "2001:db8:ff01::1");
    route(router, "default", "via", "2001:db8:ff02::1");
    settle(edge, EDGE, "3fff:510::1");
    assert.equal(await reconcile(router, PART, BOTH), "create");
  });
  after(() => namespaces[Symbol.dispose]());

  test("is counted to the octet, by prefix; what comes from elsewhere, goes elsewhere or is spoofed is not", async () => {
    assert.equal(await plan(router, PART, BOTH), "nothing");
    send(edge, EDGE, "3fff:510::1", 30);
    send(edge, EDGE, "3fff:510:ffff::1", 10);
    send(edge, EDGE, "3fff:511:1::9", 7);
    send(edge, EDGE, "3fff:511:2::9", 100);
    send(edge, "2001:db8:2::1", "3fff:510::1", 100);
    send(core, "3fff:510::1", "3fff:511:1::9", 100);
    assert.deepEqual(octets(), { "3fff:510::/32": 40 * OCTETS, "3fff:511:1::/48": 7 * OCTETS });
  });

  test("goes on counting where it was when others come and go, and begins anew when it has been away", async () => {
    const one: EgressPart = { count: ["3fff:510::/32", "3fff:512::/32"] };
    assert.equal(await reconcile(router, PART, one), "replace");
    assert.deepEqual(octets(), { "3fff:510::/32": 40 * OCTETS, "3fff:512::/32": 0 });
    send(edge, EDGE, "3fff:511:1::9", 5);
    assert.equal(await reconcile(router, PART), "replace");
    assert.deepEqual(octets(), {});
    assert.equal(await reconcile(router, PART, BOTH), "replace");
    assert.deepEqual(octets(), { "3fff:510::/32": 0, "3fff:511:1::/48": 0 });
  });

  test("of a thousand destinations each is counted, and what is read back is what was wanted", async () => {
    const count = Array.from({ length: 1024 }, (_, i) => `3fff:${(0x100 + i).toString(16)}::/32`);
    assert.equal(await reconcile(router, PART, { count }), "replace");
    assert.equal(await plan(router, PART, { count: count.toReversed() }), "nothing");
    send(edge, EDGE, "3fff:4ff::1", 3);
    assert.deepEqual(
      Object.entries(octets()).filter(([, seen]) => seen > 0),
      [["3fff:4ff::/32", 3 * OCTETS]],
    );
    assert.equal(Object.keys(octets()).length, 1024);
    assert.equal(await reconcile(router, PART), "replace");
  });
});
