import { strict as assert } from "node:assert";
import { test } from "node:test";
import { zstdCodec } from "@vsix/shared/compress/zstd.ts";
import { type CaptureCounters, noCounters } from "@vsix/shared/dns/counters.ts";
import type { DnsPair } from "@vsix/shared/dns/model.ts";
import { formatName, parseName } from "@vsix/shared/dns/name.ts";
import { Segment } from "@vsix/shared/dns/segment.ts";
import { SegmentBuilder } from "@vsix/shared/dns/segment-builder.ts";
import { parsePref64 } from "@vsix/shared/net/pref64.ts";
import fc from "fast-check";
import { DNS_KINDS } from "../../../../test/fakes/dns-kinds.ts";
import {
  dnsMessage,
  type Flow,
  fragments6,
  frame,
  framed,
  type Octets,
  packetOf,
  pcapFile,
  reversed,
  TYPES,
  tcp,
  udp,
} from "../../../../test/fakes/dns-packets.ts";
import { pcapPackets } from "../../wire/capture/pcap.ts";
import { PacketCapture } from "./packet-capture.ts";

const CODEC = zstdCodec();
const FLOW: Flow = {
  source: Uint8Array.of(0x20, 1, 0xd, 0xb8, ...new Uint8Array(11), 1),
  destination: Uint8Array.of(0x20, 1, 0xd, 0xb8, ...new Uint8Array(11), 2),
  sourcePort: 4000,
  destinationPort: 53,
};

interface Options {
  readonly capacity?: number;
  readonly resolvers?: readonly Octets[];
  readonly stepS?: number;
}

/** Everything that comes of frames, one after another. */
function capture(
  frames: readonly Octets[],
  { capacity = 1024, resolvers = [], stepS = 0.001 }: Options = {},
): { readonly pairs: DnsPair[]; readonly counters: CaptureCounters } {
  const counters = noCounters();
  const builder = new SegmentBuilder({ seed: 3, points: ["if0"], maxRows: 4096 });
  const pref64 = [parsePref64("64:ff9b::/96") ?? assert.fail()];
  const options = { ports: [53], pref64, resolvers, timeoutMs: 5000, capacity, seed: 9 };
  const engine = new PacketCapture(options, builder, counters, () => assert.fail("full"));
  const timed = frames.map((one, i) => {
    const us = Math.round(i * stepS * 1e6);
    return { frame: one, second: 1_790_000_000 + Math.floor(us / 1e6), microsecond: us % 1_000_000 };
  });
  const file = pcapFile(timed);
  for (const { at, end, length, protocol, second, nanosecond } of pcapPackets(file)) {
    engine.expire(second, nanosecond);
    engine.packet(file, at, end, length, protocol, second, nanosecond, 0);
  }
  engine.end();
  const segment = new Segment(builder.finish(CODEC, counters), CODEC);
  return { pairs: Array.from({ length: segment.rows }, (_, row) => segment.pair(row)), counters };
}

const send = (flow: Flow, message: Octets): Octets => frame(packetOf(flow, 17, udp(flow, message)));
const ask = (id: number, name = "example.org", type: number = TYPES.AAAA): Octets =>
  send(FLOW, dnsMessage({ id, name, type }));
const reply = (id: number, name = "example.org", type: number = TYPES.AAAA): Octets =>
  send(reversed(FLOW), dnsMessage({ id, name, type, flags: 0x8180 }));

for (const { name, frames, pairs: expected } of DNS_KINDS) {
  test(`${name}: every question meets its answer`, () => {
    const { pairs, counters } = capture(Array.from({ length: 20 }, (_, n) => frames(n)).flat());
    assert.equal(counters.pairs, expected * 20);
    assert.equal(pairs.length, expected * 20);
    assert.deepEqual(new Set(pairs.map(({ half }) => half)), new Set(["whole"]));
    assert.equal(counters.badHeaders + counters.truncated + counters.fragmentsLost + counters.tcpGaps, 0);
    for (const { outcome, response, question } of pairs) {
      assert.equal(outcome, "native");
      assert.equal(response?.answers[0]?.type, TYPES.CNAME);
      assert.equal(
        formatName(response?.answers[0]?.rdata ?? assert.fail()),
        `alias.${formatName(question.name)}`,
      );
    }
  });
}

test("a question sent again is one pair with a retry, its latency from the first", () => {
  const { pairs, counters } = capture([ask(1), ask(1), ask(1), reply(1)]);
  assert.equal(counters.retransmitted, 2);
  assert.deepEqual(
    pairs.map(({ retries, latencyUs }) => [retries, latencyUs]),
    [[2, 3000]],
  );
});

test("an answer that comes twice counts as a duplicate, and makes no row", () => {
  const { pairs, counters } = capture([ask(1), reply(1), reply(1)]);
  assert.equal(pairs.length, 1);
  assert.equal(counters.duplicates, 1);
});

test("one id for two questions, asked at once, makes two pairs", () => {
  const { pairs } = capture([
    ask(1, "a.example"),
    ask(1, "b.example"),
    reply(1, "b.example"),
    reply(1, "a.example"),
  ]);
  assert.deepEqual(
    pairs.map(({ question }) => formatName(question.name)),
    ["b.example", "a.example"],
  );
});

test("an answer to another question, id, port or address is no answer to this one", () => {
  const elsewhere = { ...reversed(FLOW), source: Uint8Array.from(FLOW.destination).fill(9, 15) };
  const otherPort = { ...reversed(FLOW), destinationPort: 4001 };
  const message = dnsMessage({ id: 1, name: "example.org", type: TYPES.AAAA, flags: 0x8180 });
  const forged = [reply(1, "example.net"), reply(2), send(elsewhere, message), send(otherPort, message)];
  const { counters } = capture([ask(1), ...forged, reply(1)]);
  assert.equal(counters.unmatched, 4);
  assert.equal(counters.pairs, 1);
});

test("letters of a name in another case are the same name", () => {
  const { counters, pairs } = capture([ask(1, "ExAmPle.oRg"), reply(1, "example.ORG")]);
  assert.equal(counters.pairs, 1);
  assert.equal(formatName(pairs[0]?.question.name ?? assert.fail()), "example.org");
});

test("without an answer a question is a half after the time to wait, and says what came of AAAA", () => {
  const { pairs, counters } = capture([ask(1), reply(9), ask(2, "x.example", TYPES.A)], { stepS: 4 });
  assert.equal(counters.unanswered, 2);
  assert.deepEqual(
    pairs.map(({ half, outcome, latencyUs }) => [half, outcome, latencyUs]),
    [
      ["response", "nodata", undefined],
      ["query", "unanswered", undefined],
      ["query", "none", undefined],
    ],
  );
});

test("with no room left the oldest question gives way, and is counted", () => {
  const { counters, pairs } = capture(
    Array.from({ length: 10 }, (_, id) => ask(id)),
    { capacity: 4 },
  );
  assert.equal(counters.evicted, 6);
  assert.equal(pairs.length, 10);
});

test("questions of a resolver are a class of their own, by address or for want of RD", () => {
  const iterative = dnsMessage({ id: 3, name: "example.org", type: TYPES.A, flags: 0 });
  assert.equal(capture([ask(1)]).pairs[0]?.class, "client");
  assert.equal(capture([send(FLOW, iterative)]).pairs[0]?.class, "authority");
  assert.equal(capture([ask(1)], { resolvers: [FLOW.source] }).pairs[0]?.class, "authority");
  assert.equal(capture([send(FLOW, iterative)], { resolvers: [FLOW.destination] }).pairs[0]?.class, "client");
});

test("a connection that began before us is read from its next message on; a hole is passed over", () => {
  const message = (id: number, name: string): Octets => framed(dnsMessage({ id, name, type: TYPES.AAAA }));
  const [a, b, c] = [message(1, "a.example"), message(2, "b.example"), message(3, "c.example")];
  const at = (sequence: number, octets: Octets): Octets =>
    frame(packetOf(FLOW, 6, tcp(FLOW, sequence, octets)));
  const middle = 1000 + a.length;
  const { counters } = capture([at(990, a.subarray(10)), at(middle, b), at(middle + b.length + 500, c)], {
    stepS: 2,
  });
  assert.equal(counters.queries, 2);
  assert.ok(counters.tcpGaps > 0);
});

test("overlapping fragments make nothing, as RFC 8200 says", () => {
  const payload = udp(FLOW, dnsMessage({ id: 1, name: "example.org", type: TYPES.AAAA, octets: 900 }));
  const [first, second, ...rest] = fragments6(FLOW, 17, payload, 400);
  const forged = fragments6(FLOW, 17, payload, 320)[1];
  assert.ok(first && second && forged);
  const { counters } = capture([first, forged, second, ...rest].map((one) => frame(one)));
  assert.equal(counters.queries, 0);
  assert.ok(counters.fragmentsLost >= 2);
});

test("whatever octets come, the capture goes on, and every packet is in some counter", () => {
  const all = DNS_KINDS.flatMap(({ frames }) => [...frames(1)]);
  fc.assert(
    fc.property(
      fc.array(
        fc.tuple(fc.nat(all.length - 1), fc.array(fc.tuple(fc.nat(200), fc.nat(255)), { maxLength: 4 })),
        { maxLength: 40 },
      ),
      (changes) => {
        const frames = changes.map(([which, octets]) => {
          const changed = Uint8Array.from(all[which] ?? []);
          // Behind the Ethernet header, which the kernel makes.
          for (const [at, octet] of octets) if (14 + at < changed.length) changed[14 + at] = octet;
          return changed;
        });
        const { counters, pairs } = capture(frames);
        assert.equal(counters.packets, frames.length);
        assert.equal(
          pairs.length,
          counters.pairs + counters.unanswered + counters.unmatched + counters.evicted,
        );
      },
    ),
    { numRuns: 300 },
  );
});

test("a name of nothing but pointers to each other is counted, and its answers left out", () => {
  const loop = { owner: Uint8Array.of(0xc0, 12), type: TYPES.CNAME, rdata: Uint8Array.of(0xc0, 40) };
  const message = dnsMessage({
    id: 1,
    name: "example.org",
    type: TYPES.AAAA,
    flags: 0x8180,
    answers: [loop],
  });
  // The rdata's pointer points to itself.
  const at = message.length - 11 - 2;
  message[at + 1] = at;
  const { counters, pairs } = capture([ask(1), send(reversed(FLOW), message)]);
  assert.equal(counters.messagePointer, 1);
  assert.equal(pairs[0]?.response?.answersLeft, 1);
  assert.ok(parseName("example.org"));
});
