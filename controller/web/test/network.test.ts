import assert from "node:assert/strict";
import { test } from "node:test";
import type { Status, Topology } from "../src/api/types.ts";
import { networkOf } from "../src/model/network.ts";
import { layOut, siteBoxes } from "../src/model/network-layout.ts";

const there = (name: string, role: string, plane: string | null = null) => ({
  ...{ name, role, plane, site: "sfc", service: null, ours: role !== "upstream" },
});
const TOPOLOGY: Topology = {
  revision: 1,
  sites: ["sfc"],
  planes: ["blue", "green"],
  nodes: [
    there("b", "plane", "blue"),
    there("g", "plane", "green"),
    there("xe", "external-edge"),
    there("up", "upstream"),
    there("e", "edge"),
  ],
  links: [
    { name: "e--b", a: "e", b: "b", kind: "plane-edge", cost: 1, mtu: 1500, peer: null },
    { name: "e--g", a: "e", b: "g", kind: "plane-edge", cost: 1, mtu: 1500, peer: null },
    { name: "xe--up", a: "xe", b: "up", kind: "upstream", cost: 1, mtu: 1500, peer: "xe/up" },
  ],
};

type Sighting = readonly [inbound: string | null, outbound: string | null];

function statusOf(sightings: readonly Sighting[], wanted: string): Status {
  const node = (name: string, role: string, plane: string | null) => ({
    ...{ name, role, plane, site: "sfc", online: name !== "g", agentVersion: null, certificate: null },
    ...{ wantedGeneration: 1, generation: 1, epoch: 1, converged: true, sessionsUp: 0, sessionsWanted: 0 },
    ...{ bfd: [], service: null, conditions: 0, refused: null, why: [], warnings: [] },
  });
  const observed = sightings.map(([inbound, outbound], i) => ({
    ...{ externalEdge: `xe-${i}`, inbound, outbound, ageMs: 1, rttUs: 700, lost: 2 },
  }));
  return {
    ...{ ready: true, why: [], fabric: "f", revision: 1, epoch: 1, broker: "", planes: [] },
    messages: { accepted: 0, refused: 0 },
    edges: [
      {
        ...{
          edge: "e",
          site: "sfc",
          wanted,
          reason: "prefers",
          attachments: [],
          observed,
          ports: [],
          notes: [],
        },
        asWanted: observed.every((one) => one.inbound === wanted && one.outbound === wanted),
      },
    ],
    nodes: [
      node("b", "plane", "blue"),
      node("g", "plane", "green"),
      node("xe", "external-edge", null),
      node("e", "edge", null),
    ],
  };
}

test("an Edge is joined to the plane that it is seen on, not to the one wanted", () => {
  const network = networkOf(TOPOLOGY, statusOf([["green", "green"]], "blue"), undefined, undefined);
  const edge = network.nodes.find(({ name }) => name === "e");
  assert.deepEqual([edge?.plane, edge?.isAstray, edge?.wanted], ["green", true, "blue"]);
  const used = network.links.filter(({ isUsed }) => isUsed).map(({ name }) => name);
  assert.deepEqual(used, ["e--g"]);
  assert.equal(network.links.find(({ name }) => name === "e--g")?.lostProbes, 2);
});

test("where External Edges do not agree, or do not know, an Edge is on no plane", () => {
  for (const sightings of [
    [["blue", "green"]],
    [
      ["blue", "blue"],
      ["green", "green"],
    ],
    [[null, null]],
    [],
  ] as const) {
    const network = networkOf(TOPOLOGY, statusOf(sightings, "blue"), undefined, undefined);
    assert.equal(network.nodes.find(({ name }) => name === "e")?.plane, null, JSON.stringify(sightings));
    assert.ok(network.links.every(({ isUsed }) => !isUsed));
  }
});

test("links of an offline node are down, those of a node that tells us nothing are not", () => {
  const network = networkOf(TOPOLOGY, statusOf([["blue", "blue"]], "blue"), undefined, undefined);
  const down = network.links.filter(({ isDown }) => isDown).map(({ name }) => name);
  assert.deepEqual(down, ["e--g"]);
  assert.equal(network.nodes.find(({ name }) => name === "up")?.tone, "plain");
});

test("loads and overrides stand at their links", () => {
  const loads = { links: [{ name: "xe--up", aToBMbps: 12, bToAMbps: 3, lostPps: 0 }] };
  const epe = { peers: [{ peer: "xe/up", overrides: 4 }] } as Parameters<typeof networkOf>[3];
  const network = networkOf(TOPOLOGY, statusOf([["blue", "blue"]], "blue"), loads, epe);
  const link = network.links.find(({ name }) => name === "xe--up");
  assert.deepEqual([link?.aToBMbps, link?.overrides], [12, 4]);
});

test("500 nodes have 500 places, no two too near, and the same ones each time", () => {
  const nodes = Array.from({ length: 500 }, (_, i) => ({
    ...there(
      `n${i}`,
      i % 20 === 0 ? "plane" : "edge",
      i % 20 === 0 ? (i % 40 === 0 ? "blue" : "green") : null,
    ),
    site: `s${i % 7}`,
  }));
  const topology = { ...TOPOLOGY, sites: [...new Set(nodes.map(({ site }) => site))], nodes, links: [] };
  const network = networkOf(
    topology,
    { ...statusOf([], "blue"), edges: [], nodes: [] },
    undefined,
    undefined,
  );
  const places = layOut(network);
  assert.equal(places.size, 500);
  assert.deepEqual(layOut(network), places);
  const taken = [...places.values()];
  for (const [i, a] of taken.entries())
    for (const b of taken.slice(i + 1)) assert.ok(Math.hypot(a.x - b.x, a.y - b.y) > 50);
  const boxes = [...siteBoxes(network, places).values()];
  assert.equal(boxes.length, 7);
  for (const [i, a] of boxes.entries())
    for (const b of boxes.slice(i + 1)) {
      const apart = [
        2 * Math.abs(a.x - b.x) - a.width - b.width,
        2 * Math.abs(a.y - b.y) - a.height - b.height,
      ];
      assert.ok(Math.max(...apart) > 0, "no site's box lies on another's");
    }
});
