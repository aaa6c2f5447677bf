import assert from "node:assert/strict";
import { test } from "node:test";
import { parseUp } from "@vsix/shared/contract/parse.ts";
import type { EgressMeasure } from "@vsix/shared/contract/part-egress.ts";
import fc from "fast-check";
import { decodeIcmp6 } from "../../wire/icmp6.ts";
import { formatIp6, parseIp6 } from "../../wire/netlink/ip-text.ts";
import { encapsulation } from "../../wire/srh.ts";
import { decodeSynAnswer } from "../../wire/tcp.ts";
import { type Evidence, identifyIcmp6, identifyTcp } from "../trace/identify.ts";
import { EgressBudget } from "./budget.ts";
import { EgressMatcher } from "./matcher.ts";
import { rowsOf, shardsOf } from "./messages.ts";
import { planEgress } from "./plan.ts";
import { type EgressProbe, EgressRound } from "./round.ts";

const SOURCE = "2001:db8:a::1";
const ROUTER = "2001:db8:77::1";
const TARGETS = ["2001:db8:99::1", "2001:db8:99::2", "2001:db8:99::3"] as const;
const [ECHO, TCP, UDP] = TARGETS;

const MEASURE: EgressMeasure = {
  cycleMs: 10_000,
  probes: 3,
  timeoutMs: 1_000,
  size: 104,
  fullSize: 1500,
  maxPacketsPerS: 1_000,
  maxPacketsPerDestinationPerS: 100,
  peers: [
    { name: "xe/wide", segments: ["2001:db8:5f::1"] },
    { name: "xe/kddi", segments: ["2001:db8:5f::9", "2001:db8:5f::2"] },
    { name: "xe/own", interface: "to-ntt", nextHop: "2001:db8:3::2" },
  ],
  destinations: [
    { address: ECHO, protocol: "icmp6" },
    { address: TCP, protocol: "tcp" },
    { address: UDP, protocol: "udp" },
  ],
};

interface Cycle {
  readonly round: EgressRound;
  /** All of them, in the order of sending; each was sent when its number is. */
  readonly probes: readonly (EgressProbe & { readonly atUs: number; readonly address: string })[];
}

function octets(text: string): Uint8Array {
  const bytes = new Uint8Array(16);
  assert.ok(parseIp6(text, 0, text.length, bytes, 0));
  return bytes;
}

/** One whole cycle, sent; the seed is what its tokens are made of. */
function sentCycle(seed: number, measure = MEASURE): Cycle {
  const plan = planEgress(measure);
  assert.deepEqual(plan.faults, []);
  const tokens = Uint32Array.from({ length: plan.cells * (plan.probes + 1) }, (_, i) =>
    Math.imul(i + 1 + seed * 7919, 0x9e3779b1),
  );
  const budget = new EgressBudget();
  budget.configure(plan.ratePerS, plan.destinationRatePerS, new Set(), 0);
  const source = { text: SOURCE, octets: octets(SOURCE) };
  const matcher = new EgressMatcher(plan);
  const startUs = 1e9 + seed * 1e7;
  const round = new EgressRound({
    plan,
    matcher,
    source,
    budget,
    backOffs: new Map(),
    cycle: seed,
    startUs,
    tokens,
  });
  const probes = [];
  for (let nowUs: number | undefined = startUs; nowUs !== undefined; nowUs = round.nextUs(nowUs + 1)) {
    const probe = round.next(nowUs);
    if (probe === undefined) continue;
    round.sent(probe, nowUs);
    const destination = plan.destinations.findLast(({ firstCell }) => firstCell <= probe.cell);
    probes.push({ ...probe, atUs: nowUs, address: destination?.address ?? "" });
  }
  return { round, probes };
}

function innerOf({ round, probes }: Cycle, i: number): Uint8Array {
  const probe = probes[i];
  assert.ok(probe !== undefined);
  return probe.packet.subarray(round.plan.peers[probe.peer]?.way?.overhead ?? 0);
}

/** What an honest target answers to an inner packet. */
function answerTo(inner: Uint8Array): Evidence {
  const target = formatIp6(inner, 24);
  const upper = inner.slice(40);
  if (inner[6] === 58) {
    upper[0] = 129;
    return evidence(identifyIcmp6(target, decodeIcmp6(upper)));
  }
  if (inner[6] === 17) return evidence(identifyIcmp6(target, decodeIcmp6(errorAbout(1, 4, inner))));
  const view = new DataView(upper.buffer);
  const reset = new DataView(new ArrayBuffer(20));
  reset.setUint16(0, view.getUint16(2));
  reset.setUint16(2, view.getUint16(0));
  reset.setUint32(8, (view.getUint32(4) + 1 + (upper.length - 24)) >>> 0);
  reset.setUint8(13, 0x14);
  const segment = decodeSynAnswer(new Uint8Array(reset.buffer));
  assert.ok(segment !== undefined);
  return identifyTcp(target, segment);
}

function errorAbout(type: number, code: number, packet: Uint8Array, word = 0): Uint8Array {
  const bytes = new Uint8Array(8 + Math.min(packet.length, 1232));
  bytes.set([type, code]);
  new DataView(bytes.buffer).setUint32(4, word);
  bytes.set(packet.subarray(0, 1232), 8);
  return bytes;
}

function evidence(found: Evidence | undefined): Evidence {
  assert.ok(found !== undefined);
  return found;
}

/** Cells of a destination, by peer. */
function cells({ round }: Cycle, address: string) {
  const { plan } = round;
  const destination = plan.destinations.find((each) => each.address === address);
  assert.ok(destination !== undefined);
  return destination.peers.map((_, i) => round.ledger.cell(destination.firstCell + i));
}

test("a cell has the hop limit of its last answer that counts, and none where none came or it is not known", () => {
  const cycle = sentCycle(1);
  const [first] = TARGETS;
  const own = cycle.probes.flatMap(({ address }, i) => (address === first ? [i] : []));
  assert.ok(own.length > 0);
  const hopLimits = new Map<number, number>();
  for (const i of own) {
    const probe = cycle.probes[i];
    if (probe === undefined || probe.peer === 2) continue;
    const hopLimit = probe.peer === 1 ? 0 : 50 + (hopLimits.size % 7);
    cycle.round.answered(answerTo(innerOf(cycle, i)), probe.atUs + 500, hopLimit);
    // A second time it is stray, and says nothing.
    cycle.round.answered(answerTo(innerOf(cycle, i)), probe.atUs + 600, 99);
    if (hopLimit > 0) hopLimits.set(i, hopLimit);
  }
  const last = [...hopLimits.values()].at(-1);
  assert.deepEqual(
    cells(cycle, first ?? "").map(({ hopLimit }) => hopLimit),
    [last, undefined, undefined],
  );
});

test("answers of honest targets give each cell its round trips, whatever the protocol and the way", () => {
  const cycle = sentCycle(1);
  assert.equal(cycle.probes.length, 3 * 3 * 4);
  cycle.probes.forEach((probe, i) => {
    cycle.round.answered(answerTo(innerOf(cycle, i)), probe.atUs + 1000 * (probe.peer + 1));
  });
  for (const address of TARGETS)
    assert.deepEqual(
      cells(cycle, address),
      [1000, 2000, 3000].map((rtt) => ({
        sent: 3,
        lost: 0,
        unsent: 0,
        rttsUs: [rtt, rtt, rtt],
        full: "arrived",
      })),
    );
  assert.deepEqual(cycle.round.totals, { sent: 36, answered: 36, refused: 0, foreign: 0 });
});

test("packets are what they should be: encapsulated to the SIDs, whole, from the loopback, of constant flow", () => {
  const cycle = sentCycle(1);
  const overheads = [40, encapsulation(2), 0];
  const flows = new Map<number, string>();
  cycle.probes.forEach((probe, i) => {
    const { packet } = probe;
    assert.equal(formatIp6(packet, 8), SOURCE);
    assert.equal(((packet[4] ?? 0) << 8) | (packet[5] ?? 0), packet.length - 40);
    const inner = innerOf(cycle, i);
    const full = probe.probe === 3;
    const ordinary = probe.address === TCP ? 64 : 104;
    assert.equal(packet.length - (overheads[probe.peer] ?? 0), full ? 1500 : ordinary);
    assert.equal(formatIp6(inner, 24), probe.address);
    const label = Buffer.from([...packet.subarray(1, 4), ...inner.subarray(1, 4)]).toString("hex");
    assert.equal(flows.get(probe.cell) ?? label, label);
    flows.set(probe.cell, label);
    if (probe.peer === 0) assert.deepEqual([packet[6], formatIp6(packet, 24)], [41, "2001:db8:5f::1"]);
    if (probe.peer !== 1) return;
    // RFC 8754 section 2: routing type 4, one segment left, and the list without the first.
    assert.deepEqual([packet[6], formatIp6(packet, 24)], [43, "2001:db8:5f::9"]);
    assert.deepEqual([...packet.subarray(40, 48)], [41, 2, 4, 1, 0, 0, 0, 0]);
    assert.equal(formatIp6(packet, 48), "2001:db8:5f::2");
  });
});

test("a second answer, a late one, one from elsewhere, of the cycle before and of another instance are stray, and no round trips", () => {
  const before = sentCycle(1);
  const cycle = sentCycle(2);
  const at = cycle.probes.findIndex(({ address, probe }) => address === ECHO && probe < 3);
  const probe = cycle.probes[at];
  assert.ok(probe !== undefined);
  const answer = answerTo(innerOf(cycle, at));
  const same = before.probes.findIndex(
    ({ cell, probe: number }) => cell === probe.cell && number === probe.probe,
  );
  const strays: readonly (readonly [string, Evidence, number])[] = [
    ["of the cycle before", answerTo(innerOf(before, same)), 500],
    ["with another token", { ...answer, token: 1 }, 500],
    ["with the number of another", { ...answer, word: answer.word + 1 }, 500],
    ["before it was sent", answer, -1],
    ["after its time", answer, 1_000_000],
  ];
  for (const [what, stray, afterUs] of strays)
    assert.equal(cycle.round.ledger.answered(stray, probe.atUs + afterUs), false, what);
  cycle.round.answered(answer, probe.atUs + 700);
  cycle.round.answered(answer, probe.atUs + 800);
  const inner = innerOf(cycle, at).slice(40);
  inner[0] = 129;
  cycle.round.answered(evidence(identifyIcmp6(ROUTER, decodeIcmp6(inner))), probe.atUs + 900);
  const cell = cells(cycle, ECHO)[probe.peer];
  assert.equal(cell?.stray, strays.length + 2);
  assert.deepEqual(
    cell?.rttsUs.filter((rtt) => rtt >= 0),
    [700],
  );
  const forged = { ...evidence(identifyIcmp6(ROUTER, decodeIcmp6(inner))), token: 5 };
  cycle.round.answered(forged, probe.atUs + 900);
  assert.equal(cycle.round.totals.foreign, 1, "it proves to be of nobody");
});

test("one destination cannot answer for another, nor one peer's answer count for another peer's", () => {
  const cycle = sentCycle(3);
  const answers = cycle.probes.map((_, i) => answerTo(innerOf(cycle, i)));
  const [first] = cycle.probes;
  assert.ok(first !== undefined);
  const own = answers[0];
  assert.ok(own !== undefined);
  answers.forEach((other, i) => {
    if (i === 0 || cycle.probes[i]?.cell === first.cell) return;
    // Whatever it knows of all others, put into an answer to the first.
    const mixed = { ...other, flow: own.flow, answer: own.answer };
    assert.equal(cycle.round.ledger.answered(mixed, first.atUs + 10), false);
  });
});

test("who cannot get there is told by code, and it is a loss; a target's port unreachable answers UDP, anybody else's does not", () => {
  const cycle = sentCycle(4);
  cycle.probes.forEach((probe, i) => {
    const inner = innerOf(cycle, i);
    // The first peer's node knows no SID: it quotes the whole packet. By the second somebody prohibits it.
    const about = probe.peer === 0 ? errorAbout(1, 0, probe.packet) : errorAbout(1, 1, inner);
    const from = probe.peer === 2 ? errorAbout(1, 4, inner) : about;
    cycle.round.answered(evidence(identifyIcmp6(ROUTER, decodeIcmp6(from))), probe.atUs + 300);
  });
  for (const address of TARGETS) {
    const [noRoute, prohibited, port] = cells(cycle, address);
    for (const cell of [noRoute, prohibited, port])
      assert.deepEqual([cell?.sent, cell?.lost, cell?.full], [3, 3, "lost"], address);
    assert.deepEqual([noRoute?.unreachable, prohibited?.unreachable, port?.unreachable], [0, 1, 4]);
  }
  assert.equal(cycle.round.totals.foreign, 0);
});

test("a packet too big on the way is told with what fits inside: less the encapsulation where that met it", () => {
  const cycle = sentCycle(5);
  cycle.probes.forEach((probe, i) => {
    const outside = probe.peer < 2;
    const packet = outside ? probe.packet : innerOf(cycle, i);
    const said = errorAbout(2, 0, packet, 1480);
    cycle.round.answered(evidence(identifyIcmp6(ROUTER, decodeIcmp6(said))), probe.atUs + 300);
  });
  const [one, two, own] = cells(cycle, ECHO);
  assert.deepEqual([one?.full, one?.fullMtu], ["too-big", 1440]);
  assert.deepEqual([two?.full, two?.fullMtu], ["too-big", 1480 - encapsulation(2)]);
  assert.deepEqual([own?.full, own?.fullMtu], ["too-big", 1480]);
  // What is said of the small ones makes no sense: they are lost, and it is stray.
  assert.deepEqual([own?.lost, own?.stray], [3, 3]);
});

test("what this node itself may have lost, or could not send, is unsent: nothing is said of the path", () => {
  const cycle = sentCycle(6);
  const { round, probes } = cycle;
  const [first] = probes;
  assert.ok(first !== undefined);
  round.ledger.doubt(first.atUs - 5e6, first.atUs - 1);
  assert.equal(cells(cycle, ECHO)[0]?.lost, 3, "before anything was sent");
  round.ledger.doubt(first.atUs, first.atUs + 20e6);
  for (const address of TARGETS)
    for (const cell of cells(cycle, address))
      assert.deepEqual(cell, { sent: 0, lost: 0, unsent: 3, rttsUs: [] });
  probes.forEach((probe, i) => {
    round.answered(answerTo(innerOf(cycle, i)), probe.atUs + 10);
  });
  assert.deepEqual(cells(cycle, TCP)[1], {
    sent: 3,
    lost: 0,
    unsent: 0,
    rttsUs: [10, 10, 10],
    full: "arrived",
  });
  const refused = sentCycle(7);
  for (const probe of refused.probes) refused.round.refused(probe, probe.peer === 2 ? 1480 : undefined);
  const [by, , own] = cells(refused, UDP);
  assert.deepEqual(by, { sent: 0, lost: 0, unsent: 3, rttsUs: [] });
  assert.deepEqual(own, { sent: 0, lost: 0, unsent: 3, rttsUs: [], full: "too-big", fullMtu: 1480 });
});

test("whatever answers come, a cycle can be told, in messages of bounded size that the contract takes and that hold each destination once", () => {
  const shape = fc.record({
    destinations: fc.integer({ min: 0, max: 1500 }),
    peers: fc.integer({ min: 1, max: 8 }),
    probes: fc.integer({ min: 1, max: 32 }),
  });
  const any = fc.record({
    which: fc.nat(),
    kind: fc.nat(3),
    afterUs: fc.integer({ min: -10, max: 1_500_000 }),
  });
  fc.assert(
    fc.property(shape, fc.array(any, { maxLength: 200 }), (of, answers) => {
      const cycle = sentCycle(8, {
        ...MEASURE,
        cycleMs: 3_000,
        probes: of.probes,
        peers: Array.from({ length: of.peers }, (_, i) => ({
          name: `xe/${i}`,
          segments: ["2001:db8:5f::1"],
        })),
        destinations: Array.from({ length: of.destinations }, (_, i) => ({
          address: `2001:db8:99::${(i + 1).toString(16)}`,
          protocol: (["icmp6", "tcp", "udp"] as const)[i % 3] ?? "udp",
        })),
      });
      const { round, probes } = cycle;
      for (const { which, kind, afterUs } of probes.length === 0 ? [] : answers) {
        const i = which % probes.length;
        const inner = innerOf(cycle, i);
        const error = (type: number): Evidence =>
          evidence(identifyIcmp6(ROUTER, decodeIcmp6(errorAbout(type, 0, inner, 1300))));
        const found = kind === 0 ? error(1) : kind === 1 ? error(2) : answerTo(inner);
        round.answered(found, (probes[i]?.atUs ?? 0) + afterUs);
      }
      const { plan, ledger } = round;
      const shards = shardsOf(plan);
      const told: string[] = [];
      shards.forEach(({ from, to }, shard) => {
        const message = {
          version: 1,
          node: "here",
          instance: "a",
          cycle: 8,
          shard,
          shards: shards.length,
          startMs: 0,
          ageMs: 1,
          peers: plan.peers.map(({ name }) => name),
          rows: rowsOf({ plan, ledger, isBackedOff: () => true }, from, to),
        };
        const bytes = Buffer.from(JSON.stringify(message));
        assert.ok(bytes.length < 1 << 20, `${bytes.length}`);
        told.push(...parseUp("egress", bytes).rows.map(({ address }) => address));
      });
      assert.deepEqual(
        told,
        plan.destinations.map(({ address }) => address),
      );
    }),
    { numRuns: 12 },
  );
});
