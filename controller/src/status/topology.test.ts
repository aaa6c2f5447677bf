import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { Counters } from "@vsix/shared/contract/up.ts";
import { parseFabric } from "@vsix/shared/fabric/parse.ts";
import type { Arrived, NodeView } from "../fleet/state.ts";
import { linkLoads, topologyOf } from "./topology.ts";

const FILE = join(import.meta.dirname, "../../../examples/quick.yaml");
const parsed = parseFabric(readFileSync(FILE, "utf8"), FILE);
assert.ok(parsed.ok);
const { fabric } = parsed;
const [link] = fabric.links;
assert.ok(link !== undefined);
const [a, b] = link.ends;

function told(node: string, at: string, port: string, rxOctets: number, txOctets: number): Arrived<Counters> {
  const none = { rxErrors: 0, txErrors: 0, rxDropped: 0, txDropped: rxOctets === 0 ? 0 : 3 };
  const links = [{ interface: port, peer: "", ...none, rxOctets, txOctets }];
  return { value: { version: 1, node, at, ports: [], links }, atMs: 0, replayed: false };
}

function fleetOf(views: Readonly<Record<string, NodeView>>) {
  return { node: (name: string): NodeView => views[name] ?? {} };
}

test("before the first fabric there is nothing to draw, and nothing fails", () => {
  assert.deepEqual(topologyOf(undefined), { revision: null, sites: [], planes: [], nodes: [], links: [] });
});

test("a link's load is what its ends counted between two tellings; the far end's counters stand in for the near one's", () => {
  const view = {
    countersBefore: told(a.node, "2026-01-01T00:00:00.000Z", a.interface, 0, 0),
    counters: told(a.node, "2026-01-01T00:00:02.000Z", a.interface, 500_000, 1_000_000),
  };
  assert.deepEqual(linkLoads(fabric, fleetOf({ [a.node]: view })), [
    { name: link.name, aToBMbps: 4, bToAMbps: 2, lostPps: 1.5 },
  ]);
  const far = {
    countersBefore: told(b.node, "2026-01-01T00:00:00.000Z", b.interface, 0, 0),
    counters: told(b.node, "2026-01-01T00:00:02.000Z", b.interface, 500_000, 1_000_000),
  };
  assert.deepEqual(linkLoads(fabric, fleetOf({ [b.node]: far })), [
    { name: link.name, aToBMbps: 2, bToAMbps: 4, lostPps: 1.5 },
  ]);
});

test("a port that counts from 0 again, or whose clock stood still, has no rate", () => {
  const anew = {
    countersBefore: told(a.node, "2026-01-01T00:00:00.000Z", a.interface, 900_000, 900_000),
    counters: told(a.node, "2026-01-01T00:00:02.000Z", a.interface, 5, 5),
  };
  assert.deepEqual(linkLoads(fabric, fleetOf({ [a.node]: anew })), [
    { name: link.name, aToBMbps: null, bToAMbps: null, lostPps: 0 },
  ]);
  const still = { ...anew, counters: told(a.node, "2026-01-01T00:00:00.000Z", a.interface, 9e6, 9e6) };
  assert.deepEqual(linkLoads(fabric, fleetOf({ [a.node]: still })), []);
});
