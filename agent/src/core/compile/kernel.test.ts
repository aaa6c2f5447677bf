import assert from "node:assert/strict";
import { test } from "node:test";
import type { FabricPart } from "@vsix/shared/contract/part-fabric.ts";
import { compileFibEntry, type Ways } from "./fib.ts";
import { compileKernel } from "./kernel.ts";
import type { LinkFacts } from "./links.ts";

const SID = "2001:db8:ff01:1007:e01f::";
const part: FabricPart = {
  version: 1,
  node: { name: "blue-sfc", role: "plane", id: 1, site: "sfc", plane: "blue", loopback: "2001:db8:ff00::1" },
  loopbackAddresses: ["2001:db8:ff00::1/128"],
  interfaces: [
    {
      name: "to-xe",
      mtu: 9000,
      addresses: ["2001:db8:ff00:1:1:7::/127"],
      faces: "external-edge",
      peer: "xe",
      peerAddress: "2001:db8:ff00:1:1:7:0:1",
    },
    {
      name: "to-edge",
      mtu: 1500,
      addresses: ["2001:db8:ff00:1:1:b::/127"],
      faces: "edge",
      peer: "edge",
      peerAddress: "2001:db8:ff00:1:1:b:0:1",
    },
  ],
  sids: [
    { sid: "2001:db8:ff01:1001:1::", behavior: "End" },
    {
      sid: "2001:db8:ff01:1001:e01f::",
      behavior: "End.DX6",
      nextHop: "2001:db8:ff00:1:1:b:0:1",
      interface: "to-edge",
    },
  ],
  blackholes: [],
  overrides: [{ prefix: "3fff:510::/32", segments: [SID], interfaces: ["to-edge"] }],
  sidBlock: "2001:db8:ff01::/48",
};
const links = (edge: boolean) =>
  new Map([
    ["to-xe", { usable: true }],
    ["to-edge", { usable: edge }],
  ]);

test("an override stands by a rule for its port, and only while BGP knows a way to its SID", () => {
  const with_ = compileKernel(part, links(true), () => true);
  assert.deepEqual(with_.rules, [{ priority: 7600, iif: "to-edge", table: 7600 }]);
  assert.deepEqual(
    with_.nexthops.flatMap(({ encap }) => encap?.segments ?? []),
    [SID],
  );
  const without = compileKernel(part, links(true), () => false);
  assert.deepEqual([without.rules, without.routes], [[], []]);
  assert.match(without.waiting.get("override 3fff:510::/32") ?? "", /no way to 2001:db8:ff01:1007:e01f::/);
});

test("a SID whose egress is down becomes a plain lookup", () => {
  const down = compileKernel(part, links(false), () => true).sids.find(({ sid }) => sid.endsWith("e01f::"));
  assert.deepEqual([down?.behavior, down?.nextHop], ["End.DX6", "::"]);
});

test("a SID whose egress peer has no session becomes a plain lookup although the link is well, and says why", () => {
  const facts: LinkFacts = new Map([
    ["to-xe", { usable: true }],
    ["to-edge", { usable: true, lookup: "the session is down" }],
  ]);
  const kernel = compileKernel(part, facts, () => true);
  const sid = kernel.sids.find((one) => one.sid.endsWith("e01f::"));
  assert.deepEqual([sid?.behavior, sid?.nextHop], ["End.DX6", "::"]);
  assert.match(kernel.waiting.get("sid 2001:db8:ff01:1001:e01f::") ?? "", /session is down/);
});

test("an egress peer with a link-local next hop has a table of one route, which goes with the peer", () => {
  const sids: FabricPart["sids"] = [
    { sid: "2001:db8:ff01:1001:e01f::", behavior: "End.DX6", nextHop: "fe80::2", interface: "to-edge" },
    { sid: "2001:db8:ff01:2001:e01f::", behavior: "End.DX6", nextHop: "fe80::2", interface: "to-edge" },
    { sid: "2001:db8:ff01:1001:e020::", behavior: "End.DX6", nextHop: "fe80::2", interface: "to-xe" },
  ];
  const at = (facts: Parameters<typeof compileKernel>[1]) => {
    const {
      routes,
      nexthops,
      sids: made,
    } = compileKernel({ ...part, overrides: [], sids }, facts, () => true);
    const viaOf = new Map(nexthops.map(({ id, via, interface: dev }) => [id, `${via} ${dev}`]));
    return {
      tables: made.map(({ behavior, table, nextHop }) => `${behavior} ${table ?? nextHop}`),
      routes: routes.map(({ table, prefix, nexthopId }) => `${table} ${prefix} ${viaOf.get(nexthopId ?? 0)}`),
    };
  };
  assert.deepEqual(at(links(true)), {
    tables: ["End.DT6 7700", "End.DT6 7700", "End.DT6 7701"],
    routes: ["7700 ::/0 fe80::2 to-edge", "7701 ::/0 fe80::2 to-xe"],
  });
  assert.deepEqual(at(links(false)), {
    tables: ["End.DX6 ::", "End.DX6 ::", "End.DT6 7701"],
    routes: ["7701 ::/0 fe80::2 to-xe"],
  });
});

test("an adjacency's SID names the device as well: a link-local neighbour is found by nothing else", () => {
  const sids: FabricPart["sids"] = [
    { sid: "2001:db8:ff01:1001:a007::", behavior: "End.X", nextHop: "fe80::7", interface: "to-xe" },
  ];
  const { sids: made } = compileKernel({ ...part, sids }, links(true), () => true);
  assert.deepEqual(made, [
    {
      sid: "2001:db8:ff01:1001:a007::",
      behavior: "End.X",
      nextHop: "fe80::7",
      interface: "to-xe",
      dev: "to-xe",
    },
  ]);
});

test("what goes through a link that is not usable is not desired", () => {
  assert.deepEqual(
    [...compileKernel(part, links(false), () => true).nexthopByNeighbour.keys()],
    ["2001:db8:ff00:1:1:7:0:1"],
  );
});

const BLUE = "2001:db8:ff00:1:1:b::";
const GREEN = "2001:db8:ff00:1:2:b::";
const edge: FabricPart = {
  ...part,
  node: { name: "edge-1", role: "edge", id: 11, site: "sfc", loopback: "2001:db8:1::1" },
  interfaces: [
    { ...port("to-blue", BLUE), plane: "blue" },
    { ...port("to-green", GREEN), plane: "green" },
  ],
  sids: [],
  overrides: [],
};

function port(name: string, peerAddress: string): FabricPart["interfaces"][number] {
  return { name, mtu: 1500, addresses: [], faces: "plane", peer: name.slice(3), peerAddress };
}

function compileEdge(redirectTo: string | undefined, down: readonly string[] = []) {
  const facts = new Map(["to-blue", "to-green"].map((name) => [name, { usable: !down.includes(name) }]));
  const kernel = compileKernel(edge, facts, () => true, redirectTo);
  const deviceOf = new Map(kernel.nexthops.map((nexthop) => [nexthop.id, nexthop.interface]));
  const devices = (ids: ReadonlyMap<string, number> | undefined) =>
    [BLUE, GREEN].map((address) => deviceOf.get(ids?.get(address) ?? 0));
  return { kernel, inside: devices(kernel.nexthopByNeighbour), outside: devices(kernel.outsideByNeighbour) };
}

test("a redirect replaces the outside object of the other plane's neighbour and nothing else", () => {
  const before = compileEdge(undefined);
  assert.deepEqual(before.outside, ["to-blue", "to-green"]);
  const led = compileEdge(GREEN);
  assert.deepEqual([led.inside, led.outside], [before.inside, ["to-green", "to-green"]]);
  assert.deepEqual(led.kernel.outsideByNeighbour, before.kernel.outsideByNeighbour);
  assert.deepEqual(
    led.kernel.nexthops.filter(({ via }, i) => via !== before.kernel.nexthops[i]?.via).length,
    1,
  );
  assert.match(
    led.kernel.nexthops.find(({ purpose }) => /led to green/.test(purpose ?? ""))?.purpose ?? "",
    /of blue/,
  );
});

test("a redirect outlives the link that routes are led away from, and never leads to a link that is down", () => {
  assert.deepEqual(compileEdge(GREEN, ["to-blue"]).outside, ["to-green", "to-green"]);
  assert.deepEqual(compileEdge(undefined, ["to-blue"]).outside, [undefined, "to-green"]);
  assert.deepEqual(compileEdge(GREEN, ["to-green"]).outside, ["to-blue", undefined]);
});

test("only Edges have a second object", () => {
  assert.equal(compileKernel(part, links(true), () => true).outsideByNeighbour, undefined);
});

test("a prefix of our own follows BGP, or goes ahead to who is known to tell it", () => {
  const { kernel } = compileEdge(GREEN);
  const { nexthopByNeighbour, outsideByNeighbour } = kernel;
  const ways = (early: ReadonlyMap<string, string>): Ways => ({
    nexthopByNeighbour,
    outsideByNeighbour,
    isInside: (prefix) => prefix.startsWith("2001:db8"),
    early,
  });
  const objectOf = (prefix: string, early: ReadonlyMap<string, string>) => {
    const entry = compileFibEntry({ prefix, nextHop: BLUE }, ways(early), "2001:db8:1::1");
    return entry.kind === "route" ? entry.route.nexthopId : undefined;
  };
  const early = new Map([["2001:db8:2::/48", GREEN]]);
  assert.equal(objectOf("2001:db8:2::/48", new Map()), nexthopByNeighbour.get(BLUE));
  assert.equal(objectOf("2001:db8:2::/48", early), nexthopByNeighbour.get(GREEN));
  assert.equal(objectOf("2001:db8:3::/48", early), nexthopByNeighbour.get(BLUE));
  assert.equal(objectOf("3fff:250::/32", early), outsideByNeighbour?.get(BLUE));
  assert.notEqual(outsideByNeighbour?.get(BLUE), nexthopByNeighbour.get(BLUE));
});
