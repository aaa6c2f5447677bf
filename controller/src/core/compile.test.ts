import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { parsePart } from "@vsix/shared/contract/parse.ts";
import type { Fabric } from "@vsix/shared/fabric/model.ts";
import { parseFabric } from "@vsix/shared/fabric/parse.ts";
import { compileAll, compileNode, managedNodes } from "./compile.ts";
import { NO_INTENT, steerEdge } from "./intent.ts";
import { listParts } from "./parts.ts";

const text = readFileSync(new URL("../../../examples/vsix.yaml", import.meta.url), "utf8");
const OVERRIDE = `
overrides:
  - { prefix: 3fff:510::/32, via: xe-sfc, upstream: wide, edges: [edge-1] }
  - { prefix: 3fff:506::/32, via: xe-note, upstream: alpha }
`;

function fabricOf(yaml: string): Fabric {
  const result = parseFabric(yaml, "test.yaml");
  assert.ok(result.ok, JSON.stringify(result.ok ? "" : result.faults));
  return result.fabric;
}

const fabric = fabricOf(text);

test("every part of every managed node is a message of the contract", () => {
  const all = compileAll(fabricOf(text + OVERRIDE), NO_INTENT);
  assert.deepEqual([...all.keys()], managedNodes(fabric));
  assert.ok(!all.has("edge-2") && !all.has("wide"), "somebody else's routers are told nothing");
  for (const parts of all.values()) {
    for (const { name, bytes } of listParts(parts)) parsePart(name, bytes);
  }
});

test("somebody else's router cannot be compiled, and nobody's neither", () => {
  assert.throws(() => compileNode(fabric, NO_INTENT, "edge-2"), { code: "not-managed" });
  assert.throws(() => compileNode(fabric, NO_INTENT, "nobody"), { code: "unknown-node" });
});

test("both ends of every BGP session agree on addresses and kinds", () => {
  const all = compileAll(fabric, NO_INTENT);
  const mirrored = {
    "plane-internal": "plane-internal",
    "external-edge": "plane",
    plane: "external-edge",
    edge: "backbone",
    backbone: "edge",
  };
  for (const [name, parts] of all) {
    for (const neighbour of parts.bgp.neighbours) {
      const far = all.get(neighbour.name)?.bgp;
      if (far === undefined) continue;
      const back = far.neighbours.find((one) => one.address === neighbour.localAddress);
      assert.ok(back, `${neighbour.name} has no session with ${name}`);
      assert.equal(back.localAddress, neighbour.address);
      assert.equal(back.kind, mirrored[neighbour.kind as keyof typeof mirrored]);
      const seen = neighbour.kind === "backbone" ? far.as : far.asn;
      assert.equal(neighbour.asn, seen, `${name} expects another AS of ${neighbour.name}`);
    }
  }
});

test("a plane router speaks with its plane, its External Edge and its Edges, software bird or not", () => {
  const { bgp } = compileNode(fabric, NO_INTENT, "blue-sfc");
  assert.deepEqual(
    bgp.neighbours.map(({ name, kind, asn, cost }) => [name, kind, asn, cost]),
    [
      ["blue-kote", "plane-internal", 65101, 10],
      ["blue-note", "plane-internal", 65101, 30],
      ["xe-sfc", "external-edge", 65100, undefined],
      ["edge-1", "edge", 65001, undefined],
      ["edge-2", "edge", 65002, undefined],
    ],
  );
  assert.deepEqual(bgp.confederation, { identifier: 4690, members: [65100, 65101, 65102] });
  assert.deepEqual(bgp.neighbours.find(({ name }) => name === "edge-1")?.accept, ["2001:db8:1::/48"]);
  assert.deepEqual(bgp.originate, [
    { prefix: "2001:db8:ff00::1/128", class: "infrastructure" },
    { prefix: "2001:db8:ff01:1001::/64", class: "infrastructure", plane: "blue" },
  ]);
});

test("an External Edge announces a locator in its plane only, the default and our aggregates", () => {
  const { bgp, fabric: part } = compileNode(fabric, NO_INTENT, "xe-note");
  assert.deepEqual(bgp.originate, [
    { prefix: "2001:db8:ff00::8/128", class: "infrastructure" },
    { prefix: "2001:db8:ff01:1008::/64", class: "infrastructure", plane: "blue" },
    { prefix: "2001:db8:ff01:2008::/64", class: "infrastructure", plane: "green" },
    { prefix: "::/0", class: "default" },
    { prefix: "2001:db8::/32", class: "aggregate" },
  ]);
  assert.deepEqual(part.blackholes, ["2001:db8::/32"]);
  assert.ok(bgp.bogons.includes("fc00::/7"));
});

test("an Edge announces its prefixes, answers at each one's ::1 and sees one AS", () => {
  const { bgp, fabric: part, steering } = compileNode(fabric, NO_INTENT, "edge-6");
  assert.deepEqual(part.loopbackAddresses, ["2001:db8:6::1/128", "2001:db8:60::1/128"]);
  assert.deepEqual(part.blackholes, ["2001:db8:6::/48", "2001:db8:60::/48"]);
  assert.deepEqual(part.sids, []);
  assert.equal(bgp.confederation, undefined);
  assert.deepEqual([...new Set(bgp.neighbours.map(({ asn }) => asn))], [4690]);
  assert.deepEqual(steering, { version: 1, edges: [], wanted: "green" });
});

test("an Edge port names what may come in there", () => {
  const { fabric: part } = compileNode(fabric, NO_INTENT, "green-note");
  const port = part.interfaces.find(({ peer }) => peer === "edge-6");
  assert.equal(port?.faces, "edge");
  assert.equal(port?.plane, "green");
  // Both its links: its ICMP errors may carry the address of the other one.
  const links = ["2001:db8:ff00:1:3:10::/127", "2001:db8:ff00:1:6:10::/127"];
  assert.deepEqual(port?.sources, ["2001:db8:6::/48", "2001:db8:60::/48", ...links]);
});

test("an override stands at the plane routers of the Edges it is for, by a SID of that plane", () => {
  const overridden = fabricOf(text + OVERRIDE);
  const overridesOf = (name: string) => compileNode(overridden, NO_INTENT, name).fabric.overrides;
  assert.deepEqual(overridesOf("green-sfc"), [
    { prefix: "3fff:510::/32", segments: ["2001:db8:ff01:2007:e01f::"], interfaces: ["to-edge-1"] },
    {
      prefix: "3fff:506::/32",
      segments: ["2001:db8:ff01:2008:e020::"],
      interfaces: ["to-edge-1", "to-edge-2"],
    },
  ]);
  assert.equal(overridesOf("blue-kote").length, 1);
  assert.deepEqual(overridesOf("xe-sfc"), []);
});

test("External Edges watch every Edge, and know every hop's plane", () => {
  const { probes } = compileNode(fabric, NO_INTENT, "xe-sfc");
  assert.equal(probes?.targets.length, 7);
  assert.ok(probes?.targets.every(({ kind }) => kind === "edge"));
  const hop = compileNode(fabric, NO_INTENT, "green-kote").fabric.interfaces[0]?.addresses[0]?.split("/")[0];
  assert.deepEqual(probes?.hops.find(({ address }) => address === hop)?.plane, "green");
  const addresses = probes?.hops.map(({ address }) => address) ?? [];
  assert.equal(new Set(addresses).size, addresses.length);
});

test("steering an Edge changes the steering parts of its plane routers, its own, and nothing else", () => {
  const before = compileAll(fabric, NO_INTENT);
  const after = compileAll(fabric, steerEdge(NO_INTENT, "edge-1", "green"));
  const changed = [...after].flatMap(([node, parts]) => {
    const old = before.get(node);
    const names = ["fabric", "bgp", "steering", "probes"] as const;
    return names
      .filter((name) => JSON.stringify(old?.[name]) !== JSON.stringify(parts[name]))
      .map((name) => `${node} ${name}`);
  });
  assert.deepEqual(changed, ["blue-sfc steering", "green-sfc steering", "edge-1 steering"]);
});

test("the same fabric and intent give the same octets", () => {
  const [a, b] = [fabricOf(text), fabricOf(text)].map((one) =>
    [...compileAll(one, NO_INTENT).values()]
      .flatMap(listParts)
      .map(({ bytes }) => Buffer.from(bytes).toString()),
  );
  assert.deepEqual(a, b);
});

test("an Edge knows the hops it can meet: the core and its own plane routers' ports", () => {
  const hops = compileNode(fabric, NO_INTENT, "edge-1").probes?.hops ?? [];
  for (const router of ["blue-sfc", "green-sfc"]) {
    const ports = compileNode(fabric, NO_INTENT, router).fabric.interfaces;
    const addressTowards = (edge: string) =>
      ports.find(({ peer }) => peer === edge)?.addresses[0]?.split("/")[0];
    assert.ok(hops.some(({ address, node }) => address === addressTowards("edge-1") && node === router));
    assert.ok(!hops.some(({ address }) => address === addressTowards("edge-2")));
  }
});

test("BFD is spoken between our agents, and with others only where the file says so", () => {
  const bfdOf = (yaml: string, node: string, neighbour: string) =>
    compileNode(fabricOf(yaml), NO_INTENT, node).bgp.neighbours.find(({ name }) => name === neighbour)?.bfd;
  const standard = { intervalMs: 200, multiplier: 3 };
  assert.deepEqual(bfdOf(text, "edge-1", "blue-sfc"), standard);
  assert.deepEqual(bfdOf(text, "blue-sfc", "edge-1"), standard);
  assert.deepEqual(bfdOf(text, "blue-sfc", "xe-sfc"), standard);
  assert.equal(bfdOf(text, "blue-sfc", "edge-2"), undefined, "an Edge of software bird");
  assert.equal(bfdOf(text, "xe-sfc", "wide"), undefined);
  const said = (link: string, more: string): string => text.replace(`[${link}]`, `[${link}], ${more}`);
  assert.deepEqual(bfdOf(said("xe-sfc, wide", "bfd: true"), "xe-sfc", "wide"), standard);
  assert.equal(bfdOf(said("edge-1, blue-sfc", "bfd: false"), "edge-1", "blue-sfc"), undefined);
  const slower = text.replace("\npolicies:", "\npolicies:\n  bfd: { intervalMs: 500 }");
  assert.deepEqual(bfdOf(slower, "edge-1", "blue-sfc"), { intervalMs: 500, multiplier: 3 });
  const own = slower.replace("[edge-1, blue-sfc]", "[edge-1, blue-sfc], bfd: { multiplier: 9 }");
  for (const [node, neighbour] of [
    ["edge-1", "blue-sfc"],
    ["blue-sfc", "edge-1"],
  ] as const)
    assert.deepEqual(
      bfdOf(own, node, neighbour),
      { intervalMs: 500, multiplier: 9 },
      "what a link says first",
    );
  assert.deepEqual(bfdOf(own, "edge-1", "green-sfc"), { intervalMs: 500, multiplier: 3 }, "other links");
});

test("every router of every plane measures the same targets, External Edges measure every Edge, Edges nobody", () => {
  const all = compileAll(fabric, NO_INTENT);
  const edges = fabric.nodes.filter(({ role }) => role === "edge");
  for (const { name, role } of fabric.nodes.filter((node) => all.has(node.name))) {
    const measure = all.get(name)?.probes?.measure;
    if (role === "plane") assert.deepEqual(measure, fabric.measure, name);
    else if (role === "edge") assert.equal(measure, undefined, name);
    else
      assert.deepEqual(
        measure?.targets,
        edges.map((edge) => ({ name: edge.name, address: edge.loopback })),
      );
  }
  assert.ok(fabric.measure.targets.length > 0);
});

test("manifests name no part that an agent of the first contract would refuse", () => {
  const known = ["fabric", "bgp", "steering", "probes"];
  for (const parts of compileAll(fabric, NO_INTENT).values())
    for (const { name } of listParts(parts)) assert.ok(known.includes(name), name);
});
