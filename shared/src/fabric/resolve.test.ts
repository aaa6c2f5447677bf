import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { parseAddress } from "../net/address.ts";
import { containsAddress, parsePrefix } from "../net/prefix.ts";
import type { Fabric } from "./model.ts";
import { parseFabric } from "./parse.ts";
import { adjacenciesOf, getNode, planesOf } from "./query.ts";
import { egressSidIn, sidsOf } from "./sids.ts";

const text = readFileSync(new URL("../../../examples/vsix.yaml", import.meta.url), "utf8");

function fabricOf(yaml: string): Fabric {
  const result = parseFabric(yaml, "test.yaml");
  assert.ok(result.ok, JSON.stringify(result.ok ? "" : result.faults));
  return result.fabric;
}

const fabric = fabricOf(text);

test("every address, locator, router id and interface of the report's network is there once", () => {
  const addresses = [
    ...fabric.nodes.map((node) => node.loopback),
    ...fabric.links.flatMap((link) => link.ends.map((end) => end.address)),
  ];
  const locators = fabric.nodes.flatMap((node) => node.locators.map(({ prefix }) => prefix));
  const interfaces = fabric.links.flatMap((link) => link.ends.map((end) => `${end.node} ${end.interface}`));
  const routerIds = fabric.nodes.map((node) => node.routerId);
  for (const all of [addresses, locators, interfaces, routerIds, fabric.links.map((link) => link.name)]) {
    assert.equal(new Set(all).size, all.length);
  }
});

test("both addresses of a link lie in its prefix", () => {
  for (const link of fabric.links) {
    const prefix = parsePrefix(link.prefix);
    assert.ok(prefix);
    for (const end of link.ends) {
      const address = parseAddress(end.address);
      assert.ok(address !== undefined && containsAddress(prefix, address), `${link.name} ${end.address}`);
    }
  }
});

test("roles decide numbers, locators and defaults", () => {
  assert.equal(getNode(fabric, "blue-kote").asn, 65101);
  assert.equal(getNode(fabric, "xe-note").asn, 65100);
  assert.deepEqual(getNode(fabric, "xe-note").locators, [
    { prefix: "2001:db8:ff01:1008::/64", plane: "blue" },
    { prefix: "2001:db8:ff01:2008::/64", plane: "green" },
  ]);
  assert.equal(getNode(fabric, "edge-5").table, "full");
  assert.equal(getNode(fabric, "edge-1").table, "default");
  assert.equal(getNode(fabric, "far").software, "bird");
  assert.equal(getNode(fabric, "far").loopback, "3fff:510::1");
  assert.deepEqual(planesOf(fabric, "edge-1"), ["blue", "green"]);
  assert.ok(!fabric.policy.bogons.includes("3fff::/20"));
});

test("adding a node and its links moves nobody else's address or SID", () => {
  const more = fabricOf(
    text
      .replace(
        "nodes:\n",
        "nodes:\n  edge-0: { id: 9, role: edge, site: sfc, as: 65009, prefixes: [2001:db8:9::/48] }\n",
      )
      .replace("links:\n", "links:\n  - { ends: [edge-0, blue-sfc] }\n  - { ends: [green-sfc, edge-0] }\n"),
  );
  for (const node of fabric.nodes) {
    assert.deepEqual(getNode(more, node.name), node);
    assert.deepEqual(sidsOf(more, node.name), sidsOf(fabric, node.name));
  }
  for (const link of fabric.links)
    assert.deepEqual(
      more.links.find((one) => one.name === link.name),
      link,
    );
});

test("no SID is there twice, and each lies in a locator of its node", () => {
  const sids = fabric.nodes.flatMap((node) => sidsOf(fabric, node.name).map(({ sid }) => ({ sid, node })));
  assert.equal(new Set(sids.map(({ sid }) => sid)).size, sids.length);
  for (const { sid, node } of sids) {
    const address = parseAddress(sid);
    assert.ok(
      node.locators.some(({ prefix }) => {
        const locator = parsePrefix(prefix);
        return locator !== undefined && address !== undefined && containsAddress(locator, address);
      }),
    );
  }
});

test("an External Edge has a SID for each egress peer in each plane", () => {
  assert.deepEqual(
    sidsOf(fabric, "xe-note")
      .filter(({ behavior }) => behavior === "End.DX6")
      .map(({ sid }) => sid),
    [
      "2001:db8:ff01:1008:e020::",
      "2001:db8:ff01:1008:e021::",
      "2001:db8:ff01:2008:e020::",
      "2001:db8:ff01:2008:e021::",
    ],
  );
  assert.equal(egressSidIn(fabric, "green", "xe-note", "beta"), "2001:db8:ff01:2008:e021::");
  assert.equal(egressSidIn(fabric, "green", "xe-note", "wide"), undefined);
});

test("parallel links have names, addresses, interfaces and SIDs of their own", () => {
  const twice = fabricOf(
    text.replace(
      "  - { ends: [xe-sfc, wide] }",
      "  - { ends: [xe-sfc, wide] }\n  - { ends: [wide, xe-sfc] }",
    ),
  );
  const links = adjacenciesOf(twice, "xe-sfc").filter(({ peer }) => peer.name === "wide");
  assert.deepEqual(
    links.map(({ neighbour, self, link }) => [neighbour, self.interface, link.name]),
    [
      ["wide", "to-wide", "xe-sfc--wide"],
      ["wide.2", "to-wide_2", "wide--xe-sfc.2"],
    ],
  );
  assert.equal(new Set(links.map(({ far }) => far.address)).size, 2);
  const sids = sidsOf(twice, "xe-sfc").filter(({ behavior }) => behavior === "End.DX6");
  assert.equal(new Set(sids.map(({ sid }) => sid)).size, 6);
});
