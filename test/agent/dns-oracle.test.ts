import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { decode as decodePacket, encode as encodePacket } from "dns-packet";
import fc from "fast-check";
import { PacketCapture } from "../../agent/src/core/capture/packet-capture.ts";
import { pcapPackets } from "../../agent/src/wire/capture/pcap.ts";
import { zstdCodec } from "../../shared/src/compress/zstd.ts";
import { noCounters } from "../../shared/src/dns/counters.ts";
import type { DnsPair } from "../../shared/src/dns/model.ts";
import { formatName } from "../../shared/src/dns/name.ts";
import { formatRdata } from "../../shared/src/dns/rdata-text.ts";
import { Segment } from "../../shared/src/dns/segment.ts";
import { SegmentBuilder } from "../../shared/src/dns/segment-builder.ts";
import { typeName } from "../../shared/src/dns/type-names.ts";
import { DNS_KINDS } from "../fakes/dns-kinds.ts";
import { type Flow, frame, type Octets, packetOf, pcapFile, reversed, udp } from "../fakes/dns-packets.ts";

/** What other people's programs read of the same octets. */

const CODEC = zstdCodec();
const FLOW: Flow = {
  source: Uint8Array.of(0x20, 1, 0xd, 0xb8, ...new Uint8Array(11), 1),
  destination: Uint8Array.of(0x20, 1, 0xd, 0xb8, ...new Uint8Array(11), 2),
  sourcePort: 4000,
  destinationPort: 53,
};

function fileOf(frames: readonly Octets[]): Octets {
  return pcapFile(frames.map((one, i) => ({ frame: one, second: 1_790_000_000, microsecond: i })));
}

function pairsOf(file: Octets): readonly DnsPair[] {
  const builder = new SegmentBuilder({ seed: 1, points: ["file"] });
  const options = { ports: [53], pref64: [], resolvers: [], timeoutMs: 5000, capacity: 4096, seed: 2 };
  const capture = new PacketCapture(options, builder, noCounters(), () => assert.fail("full"));
  for (const { at, end, length, protocol, second, nanosecond } of pcapPackets(file))
    capture.packet(file, at, end, length, protocol, second, nanosecond, 0);
  capture.end();
  const segment = new Segment(builder.finish(CODEC), CODEC);
  return Array.from({ length: segment.rows }, (_, row) => segment.pair(row));
}

const label = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,10}[a-z0-9])?$/);
const name = fc.array(label, { minLength: 1, maxLength: 4 }).map((labels) => labels.join("."));
const ttl = fc.nat(1_000_000);
const answer = fc.oneof(
  fc.record({ type: fc.constant("A" as const), name, ttl, data: fc.ipV4() }),
  fc.record({ type: fc.constant("CNAME" as const), name, ttl, data: name }),
  fc.record({ type: fc.constant("NS" as const), name, ttl, data: name }),
  fc.record({ type: fc.constant("PTR" as const), name, ttl, data: name }),
  fc.record({
    type: fc.constant("MX" as const),
    name,
    ttl,
    data: fc.record({ preference: fc.nat(65_535), exchange: name }),
  }),
  fc.record({
    type: fc.constant("SRV" as const),
    name,
    ttl,
    data: fc.record({ priority: fc.nat(65_535), weight: fc.nat(65_535), port: fc.nat(65_535), target: name }),
  }),
  fc.record({ type: fc.constant("TXT" as const), name, ttl, data: fc.stringMatching(/^[ -~]{1,40}$/) }),
);

test("dns-packet reads the same of responses that it makes, with compressed names or without", () => {
  fc.assert(
    fc.property(name, fc.array(answer, { maxLength: 8 }), fc.nat(65_535), (asked, answers, id) => {
      const question = { type: "A" as const, name: asked };
      const query = encodePacket({ type: "query", id, flags: 0x100, questions: [question] });
      const response = encodePacket({ type: "response", id, flags: 0x180, questions: [question], answers });
      const send = (flow: Flow, octets: Octets): Octets => frame(packetOf(flow, 17, udp(flow, octets)));
      const [pair] = pairsOf(fileOf([send(FLOW, query), send(reversed(FLOW), response)]));
      const theirs = decodePacket(response).answers ?? [];
      assert.ok(pair?.response !== undefined);
      assert.equal(formatName(pair.question.name), asked);
      assert.equal(pair.response.size, response.length);
      const ours = pair.response.answers.map(({ owner, type, ttlS, rdata }) => ({
        name: formatName(owner),
        type: typeName(type),
        ttl: ttlS,
        data: formatRdata(type, rdata),
      }));
      assert.deepEqual(
        ours,
        theirs.map((one) => ({
          name: one.name,
          type: one.type,
          ttl: "ttl" in one ? one.ttl : 0,
          data: shown(one),
        })),
      );
    }),
    { numRuns: 400 },
  );
});

/** The data of an answer of dns-packet as a zone file has it. */
function shown(one: object): string {
  const { type, data } = one as { readonly type: string; readonly data: unknown };
  if (type === "MX") {
    const { preference, exchange } = data as { readonly preference: number; readonly exchange: string };
    return `${preference} ${exchange}`;
  }
  if (type === "SRV") {
    const { priority, weight, port, target } = data as Record<string, unknown>;
    return `${priority} ${weight} ${port} ${target}`;
  }
  if (type === "TXT") {
    const texts = (Array.isArray(data) ? data : [data]) as readonly Buffer[];
    return texts.map((text) => `"${text.toString("latin1").replace(/["\\]/g, "\\$&")}"`).join(" ");
  }
  return String(data);
}

const tshark = spawnSync("tshark", ["--version"], { encoding: "utf8" });
const skip = tshark.status === 0 ? false : "no tshark";

test("tshark finds the same messages in every form of packet: names, types, ids, addresses", { skip }, () => {
  const folder = mkdtempSync(join(tmpdir(), "dns-oracle-"));
  try {
    // Each kind with ports of its own.
    const file = fileOf(
      DNS_KINDS.flatMap(({ frames }, kind) =>
        Array.from({ length: 10 }, (_, n) => frames(kind * 10 + n)).flat(),
      ),
    );
    const path = join(folder, "capture.pcap");
    writeFileSync(path, file);
    const fields = ["dns.id", "dns.flags.response", "dns.qry.name", "dns.qry.type"];
    const args = ["-r", path, "-n", "-o", "tcp.reassemble_out_of_order:TRUE", "-Y", "dns", "-T", "fields"];
    const run = spawnSync("tshark", [...args, ...fields.flatMap((field) => ["-e", field])], {
      encoding: "utf8",
    });
    assert.equal(run.status, 0, run.stderr);
    const theirs = new Set(run.stdout.trim().split("\n").flatMap(messagesOf));
    const ours = new Set(
      pairsOf(file).flatMap(({ id, question, query, response }) => {
        const about = `${formatName(question.name)} ${question.type} ${id}`;
        return [...(query ? [`query ${about}`] : []), ...(response ? [`response ${about}`] : [])];
      }),
    );
    // Of torn connections it misses some, and none that we do not have.
    const whole = (all: ReadonlySet<string>) => [...all].filter((text) => !text.includes("tcp-torn")).sort();
    assert.deepEqual(whole(ours), whole(theirs));
    assert.deepEqual(
      [...theirs].filter((text) => !ours.has(text)),
      [],
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});

/** Of one line of fields: a packet may have several messages. */
function messagesOf(line: string): readonly string[] {
  const [ids = "", responses = "", names = "", types = ""] = line.split("\t");
  const flags = responses.split(",");
  const asked = names.split(",");
  const of = types.split(",");
  return ids
    .split(",")
    .map(
      (id, i) =>
        `${/^(1|True)$/.test(flags[i] ?? "") ? "response" : "query"} ${asked[i]} ${of[i]} ${Number(id)}`,
    );
}
