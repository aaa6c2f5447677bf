import assert from "node:assert/strict";
import { test } from "node:test";
import type { EgressMeasure } from "@vsix/shared/contract/part-egress.ts";
import fc from "fast-check";
import { EGRESS_PORTS } from "../trace/flow-identity.ts";
import { peerSlots } from "./peer-slots.ts";
import { egressFlow, MAX_CELLS, MAX_PROBES, planEgress } from "./plan.ts";

const MEASURE: EgressMeasure = {
  cycleMs: 30_000,
  probes: 5,
  timeoutMs: 1_000,
  size: 104,
  fullSize: 1500,
  maxPacketsPerS: 1_000,
  maxPacketsPerDestinationPerS: 2,
  peers: [
    { name: "xe-1/wide", segments: ["2001:db8:5f::1"] },
    { name: "xe-2/kddi", interface: "to-kddi", nextHop: "fe80::1" },
  ],
  destinations: [{ address: "2001:0DB8::1", protocol: "icmp6" }],
};

const many = (count: number): EgressMeasure["destinations"] =>
  Array.from({ length: count }, (_, i) => ({
    address: `2001:db8:1::${(i + 1).toString(16)}`,
    protocol: "icmp6" as const,
  }));
const peers = (count: number): EgressMeasure["peers"] =>
  Array.from({ length: count }, (_, i) => ({ name: `xe/${i}`, segments: ["2001:db8:5f::1"] }));

test("destinations get canonical addresses, the usual ports, and all peers unless some are named", () => {
  const plan = planEgress({
    ...MEASURE,
    destinations: [
      { address: "2001:0DB8::1", protocol: "tcp" },
      { address: "2001:db8::2", protocol: "udp", peers: [1, 1, 9] },
      { address: "2001:db8::3", protocol: "tcp", port: 80, peers: [1, 0] },
    ],
  });
  assert.deepEqual(
    plan.destinations.map(({ address, port, peers: of, firstCell }) => [address, port, of, firstCell]),
    [
      ["2001:db8::1", 443, [0, 1], 0],
      ["2001:db8::2", 33434, [1], 2],
      ["2001:db8::3", 80, [0, 1], 3],
    ],
  );
  assert.equal(plan.cells, 5);
  assert.deepEqual(plan.faults, []);
});

test("what cannot be measured is left out and named: addresses that are none of a host, peers without a way", () => {
  const wrong = ["::1", "::", "ff02::1", "fe80::1", "10.0.0.1", "x", "2001:db8::1"];
  const plan = planEgress({
    ...MEASURE,
    peers: [
      ...MEASURE.peers,
      { name: "Bad Name", segments: ["2001:db8::9"] },
      { name: "xe/none" },
      { name: "xe/half", interface: "eth0" },
      { name: "xe/text", segments: ["2001:db8::9", "nonsense"] },
      { name: "xe/part", segments: ["2001:db8::9"], interface: "eth0" },
    ],
    destinations: [
      ...MEASURE.destinations,
      ...wrong.map((address) => ({ address, protocol: "icmp6" as const })),
    ],
  });
  assert.deepEqual(
    plan.peers.map(({ way }) => way?.kind),
    ["segments", "port", undefined, undefined, undefined, undefined, undefined],
  );
  assert.ok(plan.peers.every(({ name }) => /^[a-z0-9./-]+$/.test(name)));
  assert.equal(plan.destinations.length, 1);
  assert.equal(plan.faults.length, 6);
  assert.match(plan.faults.join("\n"), /7 destinations are no global unicast addresses.*"::1"/);
  assert.match(plan.faults.join("\n"), /peer xe\/half has neither segments/);
});

test("an Edge's probes ride to SIDs and leave by its own port: both, with the room that the outer header takes", () => {
  const [edge, routed] = planEgress({
    ...MEASURE,
    peers: [
      { name: "xe/a", segments: ["2001:db8:5f::1"], interface: "to-blue", nextHop: "2001:DB8::" },
      { name: "xe/b", segments: ["2001:db8:5f::1"] },
    ],
  }).peers;
  assert.deepEqual(
    [edge?.way?.kind, edge?.way?.overhead, edge?.way?.port],
    ["segments", 40, { interface: "to-blue", nextHop: "2001:db8::" }],
  );
  assert.equal(routed?.way?.port, undefined);
});

test("16,384 destinations by 64 peers are not measured: as many as fit are, whole, and it says how many are not", () => {
  const plan = planEgress({ ...MEASURE, peers: peers(64), destinations: many(16_384) });
  assert.equal(plan.cells, MAX_CELLS);
  assert.equal(plan.destinations.length, MAX_CELLS / 64);
  assert.match(
    plan.faults.join(),
    /16384 destinations by 64 peers are 1048576 .* a node makes 65536 at most/,
  );
  assert.match(plan.faults.join(), /the last 15360 destinations are left out/);
  const dense = planEgress({ ...MEASURE, probes: 32, peers: peers(4), destinations: many(16_384) });
  assert.ok(dense.cells * 33 <= MAX_PROBES && dense.cells > (MAX_PROBES / 33) * 0.99);
});

test("a timeout leaves at least half of the cycle for sending", () => {
  const plan = planEgress({ ...MEASURE, cycleMs: 1_000, timeoutMs: 10_000 });
  assert.ok(plan.windowUs > 400_000 && plan.windowUs + plan.timeoutUs < plan.cycleUs);
  assert.match(plan.faults.join(), /timeoutMs 10000 is more than half of cycleMs: 500 is used/);
});

test("each peer has a number of its own, which other peers seldom change", () => {
  const name = fc.stringMatching(/^[a-z0-9-]{1,12}\/[a-z0-9-]{1,12}$/);
  fc.assert(
    fc.property(fc.uniqueArray(name, { maxLength: 64 }), (names) => {
      const slots = peerSlots(names);
      assert.equal(new Set(slots.values()).size, names.length);
      assert.ok([...slots.values()].every((slot) => slot >= 0 && slot < EGRESS_PORTS));
      assert.deepEqual(peerSlots([...names].reverse()), slots, "the order says nothing");
    }),
  );
  const few = ["xe-sfc/wide", "xe-ote/kddi", "xe-ote/ntt"];
  const more = peerSlots([...few, "xe-sfc/iij"]);
  for (const [known, slot] of peerSlots(few)) assert.equal(more.get(known), slot);
});

test("flows of one destination differ by peer, and stay what they are", () => {
  const [destination] = planEgress(MEASURE).destinations;
  assert.ok(destination !== undefined);
  const flows = Array.from({ length: 64 }, (_, slot) =>
    egressFlow(new Uint8Array(16), destination, slot, 61376),
  );
  assert.equal(new Set(flows.map(({ local }) => local)).size, 64);
  assert.ok(new Set(flows.map(({ flowLabel }) => flowLabel)).size > 60);
  assert.ok(flows.every(({ flowLabel, checksum }) => flowLabel > 0 && checksum > 0 && checksum < 0xffff));
  assert.deepEqual(egressFlow(new Uint8Array(16), destination, 7, 61376), flows[7]);
});
