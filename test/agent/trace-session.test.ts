import assert from "node:assert/strict";
import { test } from "node:test";
import type { Evidence } from "@vsix/agent/core/trace/identify.ts";
import { TraceSession } from "@vsix/agent/core/trace/session.ts";
import { type TraceTask, traceTask } from "@vsix/agent/core/trace/task.ts";
import { readU16 } from "@vsix/agent/wire/checksum.ts";
import { findLoop } from "@vsix/shared/paths/loop.ts";
import type { TraceProtocol } from "@vsix/shared/paths/trace.ts";
import fc from "fast-check";
import { type FakeHop, type FakeNetwork, type FakeRun, runTrace } from "../fakes/trace-network.ts";

const TARGET = "2001:db8:99::1";
const PROTOCOLS: readonly TraceProtocol[] = ["icmp6", "udp", "tcp"];
const protocols = fc.constantFrom(...PROTOCOLS);
const router = (i: number, more: Partial<FakeHop> = {}): FakeHop => ({
  address: `2001:db8:a::${(i + 1).toString(16)}`,
  ...more,
});
const line = (...hops: readonly Partial<FakeHop>[]): FakeNetwork => {
  const path = hops.map((hop, i) => router(i, hop));
  return { pathOf: () => path, target: TARGET, hopUs: 500 };
};

function run(network: FakeNetwork, task: Partial<TraceTask> = {}, random = Math.random): FakeRun {
  const { protocol = "icmp6", ...more } = task;
  return runTrace(
    traceTask({ target: "t", targetAddress: TARGET, sourceAddress: "2001:db8::1", protocol, ...more }),
    network,
    random,
  );
}

test("the truth about any path is found: who answers, who does not, where it ends, every round trip", () => {
  const hop = fc.record({ answers: fc.constantFrom(0, 1000), encapsulates: fc.boolean() });
  fc.assert(
    fc.property(
      fc.array(hop, { maxLength: 12 }),
      protocols,
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 1, max: 3 }),
      fc.nat(2 ** 32 - 1),
      (hops, protocol, probes, flows, seed) => {
        const network = line(...hops);
        const { trace } = run(network, { protocol, probes, flows, silentHops: 13 }, () => seed / 2 ** 32);
        assert.equal(trace.flows.length, flows);
        for (const flow of trace.flows) {
          assert.deepEqual(flow.end, { kind: "reached", hop: hops.length + 1 });
          assert.equal(flow.hops.length, hops.length + 1);
          for (const { hop, sent, answers, rateLimited } of flow.hops) {
            const { address, answers: all } = network.pathOf(0)[hop - 1] ?? { address: TARGET };
            assert.deepEqual([sent, answers.length, rateLimited], [probes, all === 0 ? 0 : probes, false]);
            for (const answer of answers)
              assert.deepEqual([answer.address, answer.rttUs], [address, 2 * hop * 500]);
          }
        }
      },
    ),
    { numRuns: 60 },
  );
});

test("every word that load balancers hash is the same in all packets of a flow, and differs between flows", () => {
  fc.assert(
    fc.property(protocols, fc.nat(2 ** 32 - 1), fc.nat(2 ** 32 - 1), (protocol, seed, other) => {
      const words = (random: number): Map<string, string> => {
        const { packets } = run(
          line({}, {}, {}),
          { protocol, flows: 4, maxMtu: 1500 },
          () => random / 2 ** 32,
        );
        const byLabel = Map.groupBy(packets, ({ packet }) =>
          Buffer.from(packet.subarray(0, 4)).toString("hex"),
        );
        assert.equal(byLabel.size, 4);
        return new Map(
          [...byLabel].map(([label, own]) => {
            // Addresses and next header; ports, or type, code, checksum and identifier of an echo.
            const hashed = own.map(({ packet }) =>
              Buffer.concat([
                packet.subarray(6, 7),
                packet.subarray(8, protocol === "icmp6" ? 46 : 44),
              ]).toString("hex"),
            );
            const [first = ""] = hashed;
            assert.deepEqual([...new Set(hashed)], [first]);
            assert.equal(
              new Set(own.map(({ packet }) => Buffer.from(packet).toString("hex"))).size,
              own.length,
            );
            return [label, first];
          }),
        );
      };
      const now = words(seed);
      assert.equal(new Set(now.values()).size, 4);
      assert.deepEqual(now, words(other), "the next trace takes the same paths");
    }),
    { numRuns: 20 },
  );
});

test("no stretch of time sees more packets than the rate allows", () => {
  fc.assert(
    fc.property(fc.integer({ min: 5, max: 2000 }), protocols, (ratePerS, protocol) => {
      const { packets } = run(line({}, {}, {}, {}), { ratePerS, protocol, flows: 5, spacingMs: 1 });
      packets.forEach(({ atUs }, i) => {
        for (let j = i; j < packets.length; j++) {
          const overUs = (packets[j]?.atUs ?? 0) - atUs;
          assert.ok(j - i + 1 <= 4 + (overUs * ratePerS) / 1e6 + 1e-6, `${j - i + 1} in ${overUs} us`);
        }
      });
    }),
    { numRuns: 20 },
  );
});

test("the trace stops at the target, at who refuses, after silent hops and at the most hops", () => {
  const most = (run: FakeRun): number => Math.max(...run.packets.map(({ packet }) => packet[7] ?? 0));
  const far = line(...Array.from({ length: 40 }, () => ({})));
  assert.deepEqual(run(far).trace.flows[0]?.end, { kind: "too-long", maxHops: 30 });
  assert.equal(most(run(far)), 30);
  for (const protocol of PROTOCOLS) {
    const refused = run(line({}, {}, { refuses: 1 }, {}), { protocol });
    assert.deepEqual(refused.trace.flows[0]?.end, {
      kind: "unreachable",
      hop: 4,
      address: "2001:db8:a::3",
      code: 1,
    });
  }
  const dark = run(line({}, {}, ...Array.from({ length: 40 }, () => ({ answers: 0 }))), { silentHops: 4 });
  assert.deepEqual(dark.trace.flows[0]?.end, { kind: "silent", fromHop: 3 });
  assert.deepEqual([most(dark), dark.trace.flows[0]?.hops.length], [6, 3]);
  assert.equal(dark.packets.length, 6 * 3);
});

test("a hop that answers some is rate-limited where one behind answers all, and else it is loss", () => {
  const limited = run(line({}, { answers: 2 }, {}), { probes: 6 }).trace.flows[0];
  assert.deepEqual(
    limited?.hops.map(({ answers, rateLimited }) => [answers.length, rateLimited]),
    [
      [6, false],
      [2, true],
      [6, false],
      [6, false],
    ],
  );
  const lossy = run({ ...line({}, { answers: 2 }), lost: (n) => n % 3 === 0 }, { probes: 6 }).trace.flows[0];
  assert.deepEqual(
    lossy?.hops.map(({ rateLimited }) => rateLimited),
    [false, false, false],
  );
});

test("a loop is named and not followed to its end", () => {
  const around = Array.from({ length: 60 }, (_, i) => router(i < 2 ? i : 2 + (i % 3)));
  const { trace, packets } = run({ pathOf: () => around, target: TARGET, hopUs: 100 });
  const [flow] = trace.flows;
  assert.equal(flow?.end.kind, "too-long");
  assert.deepEqual(findLoop(flow?.hops.map(({ answers }) => answers[0]?.address) ?? []), {
    fromHop: 3,
    length: 3,
  });
  assert.ok(packets.length < 3 * 15, `${packets.length}`);
});

test("flows are added while ways may be missing, and no more than allowed", () => {
  const ways = (count: number): FakeNetwork => ({
    ...line(),
    pathOf: (label) => [router(0), router(10 + (label % count)), router(1)],
  });
  for (const count of [1, 2, 4]) {
    const { trace } = run(ways(count), { flows: 2, maxFlows: 64, probes: 1, confidence: 0.95 });
    const seen = new Set(trace.flows.map(({ hops }) => hops[1]?.answers[0]?.address));
    assert.equal(seen.size, count);
    assert.ok((trace.allPathsSeen ?? 0) >= 0.95 || trace.flows.length === 64);
  }
  assert.equal(run(ways(4), { flows: 2, maxFlows: 5, probes: 1 }).trace.flows.length, 5);
  assert.equal(run(ways(4), { flows: 1 }).trace.allPathsSeen, undefined);
});

test("the path MTU is found for any link, any place and any protocol, also where too big says nothing", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1280, max: 9300 }),
      fc.integer({ min: 1280, max: 9300 }),
      fc.boolean(),
      fc.boolean(),
      protocols,
      fc.nat(2 ** 32 - 1),
      (first, second, mute, encapsulates, protocol, seed) => {
        const network = line({ mtu: first, mute }, { encapsulates }, { mtu: second });
        const { trace } = run(network, { protocol, maxMtu: 9216, timeoutMs: 50 }, () => seed / 2 ** 32);
        assert.equal(trace.pathMtu, Math.min(first, second, 9216));
      },
    ),
    { numRuns: 60 },
  );
});

test("a too-big that lies is tried, never believed", () => {
  for (const protocol of PROTOCOLS)
    for (const says of [0, 68, 1279, 1280, 1400, 1500, 1501, 8999, 9000, 65535]) {
      const { trace } = run(line({ mtu: 1500, says }), { protocol, maxMtu: 9000, timeoutMs: 20 });
      // One that says less than it takes is obeyed: nothing larger was seen to arrive.
      assert.equal(trace.pathMtu, says === 1280 || says === 1400 ? says : 1500, `${says}`);
    }
});

test("answers that nobody can have made who saw no packet, and second answers, count for nothing", () => {
  for (const protocol of PROTOCOLS) {
    const task = traceTask({ target: "t", targetAddress: TARGET, sourceAddress: "2001:db8::1", protocol });
    const session = new TraceSession(task, () => 0.3);
    const other = new TraceSession(task, () => 0.6);
    session.due(0)?.sent(0);
    const probe = other.due(0);
    other.due(0)?.sent(0);
    const [flow = ""] = other.keys();
    const word = protocol === "udp" ? readU16(probe?.packet ?? new Uint8Array(), 46) : 39321;
    const token = Math.floor(0.6 * 2 ** 32);
    const tcpWord = (token + 1 + Math.floor(0.6 * 0xfffe)) % 2 ** 32;
    const good: Evidence = {
      flow,
      word: protocol === "tcp" ? tcpWord : word,
      ...(protocol === "tcp" ? {} : { token }),
      source: "2001:db8::1",
      answer: { address: "2001:db8:a::1", kind: "time-exceeded" },
    };
    assert.equal(session.answered(good, 10), false, "of another trace");
    const forged = [{ flow: "x" }, { word: 7 }, { token: 7 }, { source: "2001:db8::2" }];
    for (const wrong of forged) assert.equal(other.answered({ ...good, ...wrong }, 10), false);
    assert.equal(other.answered(good, 10), true);
    assert.equal(other.answered(good, 11), false, "a second time");
  }
});
