import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { nftablesDriver } from "@vsix/agent/resources/nftables/driver.ts";
import { nftablesKind } from "@vsix/agent/resources/nftables/model.ts";
import { pairPortCounters } from "@vsix/agent/sensors/counters.ts";
import type { FabricPart } from "@vsix/shared/contract/part-fabric.ts";
import { counters, observe, packets, plan, reconcile } from "./law.ts";
import { connect, host, link, Namespaces, nftIn, ping, route, run, sendBfd, settle } from "./namespaces.ts";

const EDGE_HOST = "2001:db8:1::1";
const CORE_HOST = "2001:db8:2::1";
const STRANGER = "2001:db8:9::1";
const SID = "2001:db8:f0:1::d";
const STEERED = "3fff:77::1";

const PART: FabricPart = {
  version: 1,
  node: { name: "blue-sfc", role: "plane", id: 1, site: "sfc", plane: "blue", loopback: "2001:db8:ff00::1" },
  loopbackAddresses: ["2001:db8:ff00::1/128"],
  interfaces: [
    {
      name: "e0",
      mtu: 1500,
      addresses: ["2001:db8:ff01::/127"],
      faces: "edge",
      peer: "edge-1",
      peerAddress: "2001:db8:ff01::1",
      sources: ["2001:db8:1::/48", "2001:db8:ff01::/127"],
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
  sidBlock: "2001:db8:f0::/44",
};

describe("packet filters of a plane router", () => {
  const namespaces = new Namespaces("p");
  let edge = "";
  let router = "";
  let core = "";

  before(async () => {
    edge = namespaces.add("edge");
    router = namespaces.add("router");
    core = namespaces.add("core");
    link(
      { ns: edge, port: "wan", address: "2001:db8:ff01::1/127" },
      { ns: router, port: "e0", address: "2001:db8:ff01::/127" },
    );
    link(
      { ns: router, port: "x0", address: "2001:db8:ff02::/127" },
      { ns: core, port: "lan", address: "2001:db8:ff02::1/127" },
    );
    for (const address of [EDGE_HOST, STRANGER]) host(edge, address);
    for (const address of [CORE_HOST, STEERED]) host(core, address);
    route(edge, "default", "via", "2001:db8:ff01::");
    route(router, "default", "via", "2001:db8:ff02::1");
    route(router, "2001:db8:1::/48", "via", "2001:db8:ff01::1");
    route(router, "2001:db8:9::/48", "via", "2001:db8:ff01::1");
    route(core, "default", "via", "2001:db8:ff02::");
    route(core, SID, "encap", "seg6local", "action", "End.DT6", "table", "255", "count", "dev", "lan");
    const words = ["3fff:77::/48", "encap", "seg6", "mode", "encap.red", "segs", SID, "dev", "x0"];
    route(router, ...words);
    run(...nftIn(router), "add", "table", "inet", "somebody");
    run(...nftIn(router), "add", "counter", "inet", "somebody", "theirs");
    run(...nftIn(router), "add", "table", "inet", "asleep", "{ flags dormant; }");
    run(...nftIn(core), "add", "table", "inet", "arrivals");
    run(
      ...nftIn(core),
      "add",
      "chain",
      "inet",
      "arrivals",
      "in",
      "{ type filter hook prerouting priority 0; }",
    );
    run(...nftIn(core), "add", "counter", "inet", "arrivals", "echo");
    run(
      ...nftIn(core),
      "add",
      "rule",
      "inet",
      "arrivals",
      "in",
      "icmpv6",
      "type",
      "echo-request",
      "counter",
      "name",
      "echo",
    );
    settle(edge, STRANGER, CORE_HOST);
    assert.equal(await reconcile(router, PART), "create");
  });
  after(() => namespaces[Symbol.dispose]());

  test("traffic from an Edge's own prefix passes and is counted both ways", async () => {
    assert.equal(ping(edge, EDGE_HOST, CORE_HOST, 5).answered, 5);
    const ports = pairPortCounters(counters(router));
    assert.deepEqual(ports, [{ interface: "e0", inPackets: 5, outPackets: 5 }]);
  });

  test("the SID block is closed at an Edge port and open from inside", async () => {
    assert.equal(ping(edge, EDGE_HOST, SID).answered, 0);
    assert.equal(packets(router)["drop-sid-block"], 2);
    run("ip", "-n", core, "addr", "add", "2001:db8:f0:2::1/128", "dev", "lo", "nodad");
    assert.equal(ping(router, "2001:db8:ff02::", "2001:db8:f0:2::1").answered, 2);
    assert.equal(ping(edge, EDGE_HOST, "2001:db8:f0:2::1").answered, 0);
  });

  test("a source that is not assigned to the Edge is dropped, towards the router itself too", async () => {
    assert.equal(ping(edge, STRANGER, CORE_HOST).answered, 0);
    assert.equal(ping(edge, STRANGER, "2001:db8:ff01::").answered, 0);
    assert.equal(packets(router)["drop-source-e0"], 4);
  });

  test("an Edge's packets pass while the route back goes elsewhere", () => {
    const before = arrivals(core);
    route(router, "2001:db8:1::/48", "via", "2001:db8:ff02::1");
    ping(edge, EDGE_HOST, CORE_HOST, 3);
    route(router, "2001:db8:1::/48", "via", "2001:db8:ff01::1");
    // Answers wander between router and core, so only what came first is sure.
    assert.ok(arrivals(core) >= before + 3);
  });

  test("an Edge's packets that are steered into SRv6 are not taken for spoofed", async () => {
    const before = packets(router);
    assert.equal(ping(edge, EDGE_HOST, STEERED, 3).answered, 3);
    const now = packets(router);
    assert.equal(now["drop-source-e0"], before["drop-source-e0"]);
    assert.equal(now["in-e0"], (before["in-e0"] ?? 0) + 3);
  });

  test("only the configured peer reaches the BGP port, and nobody outside the feed port", async () => {
    const router0 = "2001:db8:ff01::";
    assert.equal(connect(edge, "2001:db8:ff01::1", router0, 179), "ECONNREFUSED");
    assert.equal(connect(edge, EDGE_HOST, router0, 179), "silence");
    assert.equal(connect(edge, "2001:db8:ff01::1", router0, 1790), "silence");
    assert.equal(connect(router, "::1", "::1", 1790), "ECONNREFUSED");
    const counted = packets(router);
    assert.ok((counted["drop-bgp"] ?? 0) >= 1 && (counted["drop-feed"] ?? 0) >= 1);
  });

  test("BFD from further away never reaches the agent, a flood of it only in part", () => {
    const dropped = (): number => packets(router)["drop-bfd"] ?? 0;
    const router0 = "2001:db8:ff01::";
    sendBfd(edge, router0, 255, 5);
    assert.equal(dropped(), 0, "the neighbour's own");
    sendBfd(edge, router0, 254, 7);
    assert.equal(dropped(), 7);
    sendBfd(edge, router0, 255, 3000);
    assert.ok(dropped() > 7 && dropped() < 3007 - 50, `${dropped()}`);
  });

  test("counters keep their values over a re-apply and over a change", async () => {
    const before = packets(router);
    const desired = nftablesKind.normalise((await observe(router))[0] ?? assert.fail("no table"));
    const change = { op: "replace", key: nftablesKind.key(desired), desired, observed: desired } as const;
    await nftablesDriver(nftIn(router)).apply([change], new AbortController().signal);
    assert.deepEqual(packets(router), before);
    const [first] = PART.interfaces;
    assert.ok(first !== undefined);
    const wider = { ...PART, interfaces: [...PART.interfaces, { ...first, name: "e1" }] };
    assert.equal(await reconcile(router, wider), "replace");
    const wide = packets(router);
    assert.equal(wide["in-e1"], 0);
    assert.equal(await reconcile(router, PART), "replace");
    assert.deepEqual(packets(router), before, "and the counters of a port that went are gone");
  });

  for (const [what, args] of Object.entries({
    "a flushed chain": ["flush", "chain", "inet", "vsix", "forward"],
    "an added rule": ["add", "rule", "inet", "vsix", "forward", "ip6", "daddr", "2001:db8::/32", "drop"],
    "an inserted accept": ["insert", "rule", "inet", "vsix", "prerouting", "accept"],
    "an added chain": [
      "add",
      "chain",
      "inet",
      "vsix",
      "mine",
      "{ type filter hook output priority 5; policy drop; }",
    ],
    "an added set": ["add", "set", "inet", "vsix", "mine", "{ type ipv6_addr; }"],
    "an added counter": ["add", "counter", "inet", "vsix", "mine"],
    "a changed policy": ["chain", "inet", "vsix", "forward", "{ policy drop; }"],
    "a dormant table": ["add", "table", "inet", "vsix", "{ flags dormant; }"],
  })) {
    test(`${what} in our table is noticed and repaired, counters kept`, async () => {
      const before = packets(router);
      run(...nftIn(router), ...args);
      assert.equal(await plan(router, PART), "replace");
      assert.equal(await reconcile(router, PART), "replace");
      assert.deepEqual(packets(router), before);
      assert.equal(ping(edge, STRANGER, CORE_HOST, 1).answered, 0);
      assert.equal(ping(edge, EDGE_HOST, CORE_HOST, 1).answered, 1);
    });
  }

  test("a base chain at another priority is replaced", async () => {
    run(...nftIn(router), "flush", "table", "inet", "vsix");
    run(...nftIn(router), "delete", "chain", "inet", "vsix", "prerouting");
    run(
      ...nftIn(router),
      "add",
      "chain",
      "inet",
      "vsix",
      "prerouting",
      "{ type filter hook prerouting priority 9; }",
    );
    assert.equal(await reconcile(router, PART), "replace");
    assert.equal(ping(edge, STRANGER, CORE_HOST, 1).answered, 0);
  });

  test("somebody else's table survives every change, and the end of ours", async () => {
    const theirs = (): string => run(...nftIn(router), "list", "table", "inet", "somebody");
    const before = theirs();
    const [observed] = await observe(router);
    assert.ok(observed !== undefined);
    const change = { op: "delete", key: nftablesKind.key(observed), observed } as const;
    const driver = nftablesDriver(nftIn(router));
    assert.deepEqual(await driver.apply([change], new AbortController().signal), [
      { key: change.key, ok: true },
    ]);
    assert.deepEqual(await observe(router), []);
    assert.equal(theirs(), before);
    assert.equal(await reconcile(router, PART), "create");
    assert.equal(theirs(), before);
  });
});

function arrivals(ns: string): number {
  const text = run(...nftIn(ns), "list", "counter", "inet", "arrivals", "echo");
  return Number(/packets (\d+)/.exec(text)?.[1]);
}
