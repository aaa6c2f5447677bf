import { readFileSync } from "node:fs";
import { checkDocument } from "@vsix/agent/core/check-document.ts";
import { identifyIcmp6, identifyTcp } from "@vsix/agent/core/trace/identify.ts";
import { openBundle, sha256Hex } from "@vsix/agent/documents/document.ts";
import { Keyring } from "@vsix/agent/documents/keyring.ts";
import { ReceiverSession, SessionEnd } from "@vsix/agent/sensors/bgp-session.ts";
import { decodeBfd, encodeBfd } from "@vsix/agent/wire/bfd/control.ts";
import { BgpDecodeError } from "@vsix/agent/wire/bgp/decode-error.ts";
import { HEADER_LENGTH } from "@vsix/agent/wire/bgp/message.ts";
import { decodeNotification } from "@vsix/agent/wire/bgp/notification.ts";
import { decodeOpen } from "@vsix/agent/wire/bgp/open.ts";
import { decodeUpdate } from "@vsix/agent/wire/bgp/update.ts";
import { decodeIcmp6, Icmp6DecodeError } from "@vsix/agent/wire/icmp6.ts";
import { decodeAddress } from "@vsix/agent/wire/netlink/address.ts";
import { NetlinkDecodeError } from "@vsix/agent/wire/netlink/errors.ts";
import { decodeLink } from "@vsix/agent/wire/netlink/link.ts";
import { decodeMessages, decodeVerdict } from "@vsix/agent/wire/netlink/message.ts";
import { decodeNeighbour } from "@vsix/agent/wire/netlink/neighbour.ts";
import { decodeNexthop } from "@vsix/agent/wire/netlink/nexthop.ts";
import { decodeCounter } from "@vsix/agent/wire/netlink/nft-counter.ts";
import { decodeRoute } from "@vsix/agent/wire/netlink/route.ts";
import { decodeRule } from "@vsix/agent/wire/netlink/rule.ts";
import { decodeSynAnswer } from "@vsix/agent/wire/tcp.ts";
import { manifestType } from "@vsix/shared/contract/envelope.ts";
import { parseManifest, parsePart, parseUp } from "@vsix/shared/contract/parse.ts";
import {
  encodeEnvelope,
  generateKey,
  importPublicKey,
  openEnvelope,
  sign,
  trustedKeys,
} from "@vsix/shared/crypto/ed25519.ts";
import { VsixError } from "@vsix/shared/errors/vsix-error.ts";
import { parseFabric } from "@vsix/shared/fabric/parse.ts";
import { FrameScanner, rulesForBroker, rulesForClients } from "@vsix/shared/mqtt/frame-scanner.ts";
import { buildFlow, buildTrace } from "@vsix/shared/paths/build-trace.ts";
import { EMPTY_DIRECTORY } from "@vsix/shared/paths/directory.ts";
import { judgeTrace } from "@vsix/shared/paths/judge.ts";
import { parseExpected } from "@vsix/shared/paths/parse.ts";
import { encodeFrame, FrameReader } from "gobgp-ts/grpc/frames.ts";
import { GrpcError, statusOf } from "gobgp-ts/grpc/status.ts";
import { pino } from "pino";
import { ACCESS_TARGETS } from "./access-targets.ts";
import { CAPTURE_TARGETS } from "./capture-targets.ts";
import { DNS_TARGETS } from "./dns-targets.ts";
import { egressTargets } from "./egress-targets.ts";
import { ENROL_TARGETS } from "./enrol-targets.ts";
import { gobgpAnswers, readGobgpAnswer } from "./gobgp-answers.ts";
import { HEALTH_TARGETS } from "./health-targets.ts";
import { bgpMessages, icmp6Messages, netlinkDatagrams, nftObject, vectorBytes, vectors } from "./seeds.ts";
import { traceAnswers, traceUnderWay } from "./trace-answers.ts";
import { WATCH_TARGETS } from "./watch-targets.ts";

/** Something that reads what others sent. */
export interface FuzzTarget {
  readonly name: string;
  /** What it may throw; everything else is a fault. */
  readonly throws: readonly (new (
    ...args: never[]
  ) => Error)[];
  readonly seeds: readonly Uint8Array[];
  readonly run: (bytes: Uint8Array) => unknown;
  /** Seeds are JSON. */
  readonly json?: boolean;
  /** So many times fewer cases: one costs as much as so many of the others. */
  readonly cost?: number;
}

const bodies = bgpMessages().map((message) => message.subarray(HEADER_LENGTH));

const NETLINK = [
  ["route", decodeRoute],
  ["link", decodeLink],
  ["address", decodeAddress],
  ["neighbour", decodeNeighbour],
  ["nexthop", decodeNexthop],
  ["neighbour", decodeNeighbour],
  ["rule", decodeRule],
  ["counter", (payload: Uint8Array) => decodeCounter(payload, "vsix")],
] as const;

/** All targets of the traces are asked together, and nobody ends them: answers find their way for ever. */
const TRACE = traceUnderWay();

const PARTS = [
  "fabric",
  "bgp",
  "steering",
  "probes",
  "epe",
  "services",
  "health",
  "capture",
  "access",
  "gate",
  "advertise",
] as const;
const UP = [
  "alive",
  "hello",
  "report",
  "observation",
  "counters",
  "quality",
  "trace",
  "egress",
  "egress-routes",
  "health",
  "access",
  "machine",
] as const;
const NODE = "edge-1";

const key = generateKey();
/** Keys that signed recorded vectors, and one of our own. */
const trusted = trustedKeys([
  ...vectors("envelope-good").flatMap(({ publicKeys = [] }) => publicKeys.map((pem) => importPublicKey(pem))),
  key.publicKey,
]);
/** Of a folder that is not there: nothing that it learns is written. */
const KEPT = new Keyring("/nonexistent/trust.json", trusted, pino({ enabled: false }));
const envelopeType = vectors("envelope-good")[0]?.type ?? "";

export const FUZZ_TARGETS: readonly FuzzTarget[] = [
  {
    name: "netlink-messages",
    throws: [NetlinkDecodeError],
    seeds: netlinkDatagrams(),
    run: (bytes) => {
      for (const message of decodeMessages(bytes)) if (message.type === 2) decodeVerdict(message);
    },
  },
  ...NETLINK.map(([kind, decode]) => ({
    name: `netlink-${kind}`,
    throws: [NetlinkDecodeError],
    seeds: [...netlinkDatagrams().map((datagram) => datagram.subarray(16)), nftObject()],
    run: decode,
  })),
  { name: "bgp-open", throws: [BgpDecodeError], seeds: bodies, run: decodeOpen },
  { name: "bgp-update", throws: [BgpDecodeError], seeds: bodies, run: decodeUpdate },
  { name: "bgp-notification", throws: [BgpDecodeError], seeds: bodies, run: decodeNotification },
  { name: "bgp-session", throws: [SessionEnd], seeds: conversations(), run: converse },
  {
    name: "bfd",
    throws: [],
    seeds: [
      encodeBfd({
        diagnostic: 1,
        state: "up",
        poll: true,
        final: false,
        independent: false,
        authenticated: false,
        demand: false,
        detectMultiplier: 3,
        myDiscriminator: 7,
        yourDiscriminator: 9,
        desiredMinTxUs: 200_000,
        requiredMinRxUs: 200_000,
        requiredMinEchoRxUs: 0,
      }),
    ],
    run: decodeBfd,
  },
  { name: "icmp6", throws: [Icmp6DecodeError], seeds: icmp6Messages(), run: decodeIcmp6 },
  {
    name: "trace-answers",
    throws: [Icmp6DecodeError],
    seeds: traceAnswers(),
    run: (bytes) => {
      const segment = decodeSynAnswer(bytes);
      if (segment !== undefined) TRACE.answered(identifyTcp("2001:db8::9", segment), 2e6);
      const evidence = identifyIcmp6("2001:db8::9", decodeIcmp6(bytes));
      if (evidence !== undefined) TRACE.answered(evidence, 2e6);
      TRACE.nextUs(1e6);
      TRACE.result({ source: "here", startedAt: 0, endedAt: 0 });
    },
    cost: 5,
  },
  {
    name: "mqtt-frames",
    throws: [],
    seeds: [
      Uint8Array.of(0x20, 2, 0, 0, 0x30, 6, 0, 1, 0x61, 1, 2, 3, 0xd0, 0),
      Uint8Array.of(0x10, 12, 0, 4, 0x4d, 0x51, 0x54, 0x54, 4, 2, 0, 60, 0, 0, 0xc0, 0),
    ],
    run: (bytes) => {
      for (const rule of [rulesForBroker(1024), rulesForClients(1024)]) new FrameScanner(rule).scan(bytes);
    },
  },
  {
    name: "grpc-answer",
    throws: [GrpcError],
    seeds: [Buffer.concat([encodeFrame(Uint8Array.of(1, 2, 3)), encodeFrame(new Uint8Array(0))])],
    run: (bytes) => {
      statusOf({ "grpc-status": "5", "grpc-message": Buffer.from(bytes).toString("latin1") });
      const reader = new FrameReader(64);
      for (const half of [bytes.subarray(0, bytes.length / 2), bytes.subarray(bytes.length / 2)])
        for (const message of reader.push(half)) if (message.length > 64) throw new Error("too long");
      reader.end();
    },
  },
  {
    name: "gobgp-answers",
    throws: [GrpcError],
    seeds: gobgpAnswers(),
    run: readGobgpAnswer,
    cost: 5,
  },
  {
    name: "envelope",
    throws: [],
    seeds: vectorBytes("envelope-"),
    run: (bytes) => openEnvelope(bytes, envelopeType, trusted),
    json: true,
  },
  {
    name: "manifest",
    throws: [VsixError],
    seeds: vectorBytes("manifest-"),
    run: parseManifest,
    json: true,
    cost: 5,
  },
  ...PARTS.map((part) => ({
    name: `part-${part}`,
    throws: [VsixError],
    seeds: vectorBytes(`part-${part}`),
    run: (bytes: Uint8Array) => parsePart(part, bytes),
    json: true,
    cost: 5,
  })),
  ...UP.map((kind) => ({
    name: `up-${kind}`,
    throws: [VsixError],
    seeds: vectorBytes(`up-${kind}`),
    run: (bytes: Uint8Array) => parseUp(kind, bytes),
    json: true,
    cost: 5,
  })),
  {
    name: "bundle",
    throws: [VsixError],
    seeds: [bundle()],
    run: (bytes) => openBundle(bytes, NODE, KEPT),
    json: true,
    cost: 20,
  },
  {
    name: "document",
    throws: [VsixError],
    seeds: vectorBytes(`part-fabric-${NODE}`),
    run: judge,
    json: true,
    cost: 20,
  },
  ...ENROL_TARGETS,
  ...egressTargets(vectorBytes("part-probes-egress-")),
  {
    name: "fabric-file",
    throws: [],
    seeds: ["quick", "vsix"].map((name) =>
      readFileSync(new URL(`../../examples/${name}.yaml`, import.meta.url)),
    ),
    run: (bytes) => parseFabric(Buffer.from(bytes).toString("utf8"), "fuzzed.yaml"),
    cost: 100,
  },
  {
    name: "expected-paths",
    throws: [],
    seeds: [readFileSync(new URL("../../examples/expected.yaml", import.meta.url))],
    run: judgeByFile,
    cost: 100,
  },
  ...ACCESS_TARGETS,
  ...HEALTH_TARGETS,
  ...WATCH_TARGETS,
  ...DNS_TARGETS,
  ...CAPTURE_TARGETS,
];

/** Whatever a file allows, a trace is judged by it. */
function judgeByFile(bytes: Uint8Array): void {
  const result = parseExpected(Buffer.from(bytes).toString("utf8"), "fuzzed.yaml");
  if (!result.ok) return;
  const trace = buildTrace([
    buildFlow(0, ["2001:db8:ff00::1", undefined, ["2001:db8:ff00::7", "3fff:501::1"], "3fff:505::1"]),
  ]);
  for (const entry of result.expected.entries) {
    judgeTrace(trace, entry, result.expected.directory);
    judgeTrace(trace, entry, EMPTY_DIRECTORY);
  }
}

/** What the receiver hears of a session from its first octet on. */
function conversations(): readonly Uint8Array[] {
  const [open, keepalive, endOfRib, notification, update] = bgpMessages();
  const say = (...messages: readonly (Uint8Array | undefined)[]): Uint8Array =>
    Buffer.concat(messages.filter((message) => message !== undefined));
  return [
    say(open, keepalive, update, endOfRib, keepalive),
    say(open, keepalive, update, update, notification),
    say(open, notification),
  ];
}

/** In chunks, as a socket gives them. */
function converse(bytes: Uint8Array): void {
  const session = new ReceiverSession({ asn: 4200000001, routerId: "10.0.1.2", holdS: 30 });
  for (let at = 0; at < bytes.length; at += 37) session.receive(bytes.subarray(at, at + 37));
}

const bgp = parsePart("bgp", vectorBytes(`part-bgp-${NODE}`)[0] ?? new Uint8Array());

/** A part that has the right shape is compiled, whatever stands in it. */
function judge(bytes: Uint8Array): void {
  checkDocument({ fabric: parsePart("fabric", bytes), bgp, steering: undefined });
}

/** A bundle that is accepted: manifest and parts of the recorded vectors, signed here. */
function bundle(): Uint8Array {
  const parts = PARTS.filter((name) => vectorBytes(`part-${name}-${NODE}`).length > 0).map((name) => ({
    name,
    bytes: vectorBytes(`part-${name}-${NODE}`)[0] ?? new Uint8Array(),
  }));
  const manifest = {
    ...parseManifest(vectorBytes(`manifest-${NODE}`)[0] ?? new Uint8Array()),
    parts: parts.map(({ name, bytes }) => ({
      name,
      sha256: sha256Hex(bytes),
      generation: 1,
      size: bytes.length,
    })),
  };
  const envelope = encodeEnvelope(sign(manifestType(NODE), Buffer.from(JSON.stringify(manifest)), key));
  return Buffer.from(
    JSON.stringify({
      version: 1,
      envelope: Buffer.from(envelope).toString("base64"),
      parts: parts.map(({ name, bytes }) => ({
        name,
        sha256: sha256Hex(bytes),
        bytes: Buffer.from(bytes).toString("base64"),
      })),
    }),
  );
}
