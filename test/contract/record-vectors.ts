import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { compileNode, type NodeParts } from "@vsix/controller/core/compile.ts";
import { NO_INTENT } from "@vsix/controller/core/intent.ts";
import { listParts, partBytes } from "@vsix/controller/core/parts.ts";
import { manifestType } from "@vsix/shared/contract/envelope.ts";
import { encodeEnvelope, exportPublicKey, generateKey, sign } from "@vsix/shared/crypto/ed25519.ts";
import { signTransition } from "@vsix/shared/crypto/transitions.ts";
import { parseFabric } from "@vsix/shared/fabric/parse.ts";
import { EGRESS_MESSAGE, EGRESS_MESSAGES, EGRESS_PART, EPE_PART, REFUSED } from "./egress-vectors.ts";
import { partVectors } from "./part-vectors.ts";

/**
 * Records messages of contract version 1 as this program writes them: `node test/contract/record-vectors.ts`. A file that is
 * there is never touched: what was once on the wire must be understood for ever.
 */

const AT = "2026-01-01T00:00:00Z";
const session = { neighbour: "blue-sfc", state: "established", received: 2, accepted: 2 };

function record(name: string, vector: object): void {
  const file = new URL(`../../shared/vectors/v1/${name}.json`, import.meta.url);
  if (existsSync(file)) return;
  writeFileSync(file, `${JSON.stringify(vector, undefined, 1)}\n`);
}

function text(value: unknown): string {
  return Buffer.from(partBytes(value)).toString("ascii");
}

const yaml = readFileSync(new URL("../../examples/quick.yaml", import.meta.url), "utf8");
const parsed = parseFabric(yaml, "examples/quick.yaml");
if (!parsed.ok) throw new Error("examples/quick.yaml is not valid");

const manifests = new Map<string, Uint8Array>();
for (const node of ["blue-sfc", "xe-sfc", "edge-1"]) {
  const parts: NodeParts = compileNode(parsed.fabric, NO_INTENT, node);
  for (const { name, bytes } of listParts(parts)) {
    record(`part-${name}-${node}`, { kind: "part", part: name, text: Buffer.from(bytes).toString("ascii") });
  }
  if (node === "xe-sfc")
    record("part-probes-measure-xe-sfc", { kind: "part", part: "probes", text: text(parts.probes) });
  if (node === "xe-sfc") {
    const order = { name: "wide", address: "3fff:250::1", protocol: "tcp", flows: 8, intervalMs: 10_000 };
    const traces = { maxPacketsPerS: 500, orders: [{ ...order, port: 179, mtuEvery: 30 }] };
    const traced = text({ ...parts.probes, traces });
    record("part-probes-traces-xe-sfc", { kind: "part", part: "probes", text: traced });
    const egress = { lookups: { everyMs: 30_000, addresses: ["3fff:510::1"] }, holdMs: 30_000 };
    const probes = { ...parts.probes, egress };
    record("part-probes-lookups-xe-sfc", { kind: "part", part: "probes", text: text(probes) });
  }
  const whole = { ...parts.probes, egress: EGRESS_PART };
  if (node === "xe-sfc")
    record("part-probes-egress-xe-sfc", { kind: "part", part: "probes", text: text(whole) });
  if (node === "blue-sfc") record("part-epe-blue-sfc", { kind: "part", part: "epe", text: text(EPE_PART) });
  if (node === "xe-sfc") record("part-bgp-with-bfd", { kind: "part", part: "bgp", text: text(parts.bgp) });
  const references = listParts(parts).map(({ name, bytes }) => ({
    name,
    sha256: createHash("sha256").update(bytes).digest("hex"),
    generation: 1,
    size: bytes.length,
  }));
  const manifest = {
    version: 1,
    node,
    epoch: 1,
    generation: 7,
    revision: 3,
    issuedAt: AT,
    acceptUntil: "2026-01-01T01:00:00Z",
    parts: references,
  };
  manifests.set(node, partBytes(manifest));
  if (node === "edge-1") {
    const confirm = { withinS: 60, connection: "0123456789abcdef" };
    const nonce = "0123456789abcdef0123456789abcdef";
    const lineage = 123_456_789_012;
    const unknown = { name: "tomorrow-2", sha256: "ab".repeat(32), generation: 1, size: 2 };
    record("manifest-unknown-part-edge-1", {
      kind: "manifest",
      text: text({ ...manifest, parts: [...references, unknown] }),
    });
    record("manifest-lineage-edge-1", { kind: "manifest", text: text({ ...manifest, lineage }) });
    record("manifest-trial-edge-1", { kind: "manifest", text: text({ ...manifest, nonce, confirm }) });
  }
  record(`manifest-${node}`, { kind: "manifest", text: text(manifest) });
}

for (const { name, ...vector } of partVectors()) record(name, vector);

const key = generateKey();
const payload = manifests.get("edge-1") ?? new Uint8Array();
const envelope = sign(manifestType("edge-1"), payload, key);
const envelopeVector = (value: object, more: object) => ({
  kind: "envelope",
  type: manifestType("edge-1"),
  publicKeys: [exportPublicKey(key.publicKey)],
  text: Buffer.from(encodeEnvelope(envelope)).toString("ascii"),
  ...value,
  ...more,
});
record("envelope-good", envelopeVector({}, { payload: Buffer.from(payload).toString("ascii") }));
const next = generateKey();
const moved = {
  ...sign(manifestType("edge-1"), payload, next),
  transitions: [signTransition(key, next, AT)],
};
record("envelope-transitions", {
  ...envelopeVector({ publicKeys: [exportPublicKey(next.publicKey)] }, {}),
  text: Buffer.from(encodeEnvelope(moved)).toString("ascii"),
  payload: Buffer.from(payload).toString("ascii"),
  follows: exportPublicKey(key.publicKey),
});
record("envelope-wrong-type", envelopeVector({ type: manifestType("edge-2") }, { refused: "wrong-type" }));
record("envelope-unknown-key", envelopeVector({ publicKeys: [] }, { refused: "unknown-key" }));
const forged = { ...envelope, payload: Buffer.from("{}").toString("base64") };
record(
  "envelope-bad-signature",
  envelopeVector({ text: JSON.stringify(forged) }, { refused: "bad-signature" }),
);
record("envelope-malformed", envelopeVector({ text: '{"payload":1}' }, { refused: "malformed" }));

record("up-alive", {
  kind: "alive",
  text: text({
    version: 1,
    node: "edge-1",
    state: "online",
    beat: 3,
    agentVersion: "0.1.0",
    instance: "a1b2",
  }),
});
record("up-hello", {
  kind: "hello",
  text: text({ version: 1, node: "edge-1", nonce: "0123456789abcdef0123456789abcdef" }),
});
record("up-report-trial", {
  kind: "report",
  text: text({
    version: 1,
    node: "edge-1",
    epoch: 1,
    generation: 8,
    parts: { fabric: 1, bgp: 2, probes: 1 },
    converged: true,
    objects: { route: 4, address: 3 },
    conditions: [],
    sessions: [session],
    content: "ab".repeat(32),
    abilities: ["confirm", "nonce", "rotate"],
    trusts: ["0123456789abcdef0123456789abcdef"],
    trial: { epoch: 1, generation: 8, connection: "0123456789abcdef", leftMs: 51_234 },
    takenBack: { at: AT, epoch: 1, generation: 6, reason: "no confirm came within 60 s" },
  }),
});
record("up-report-lineage", {
  kind: "report",
  text: text({
    version: 1,
    node: "edge-1",
    epoch: 1,
    generation: 8,
    parts: {},
    converged: true,
    objects: {},
    conditions: [],
    sessions: [],
    lineage: 123_456_789_012,
  }),
});
record("up-report", {
  kind: "report",
  text: text({
    version: 1,
    node: "edge-1",
    epoch: 1,
    generation: 7,
    parts: { fabric: 1, bgp: 1, probes: 1 },
    converged: false,
    objects: { route: 4, address: 3 },
    conditions: [
      { object: "route 2001:db8::/32", state: "error", since: AT, reason: "EINVAL: Invalid argument" },
    ],
    sessions: [session, { ...session, neighbour: "green-sfc", state: "active", note: "connection refused" }],
    refused: { at: AT, code: "bad-signature", reason: "the signature does not fit the bytes" },
  }),
});
record("up-report-with-bfd", {
  kind: "report",
  text: text({
    version: 1,
    node: "edge-1",
    epoch: 1,
    generation: 7,
    parts: { fabric: 1, bgp: 1, probes: 1 },
    converged: true,
    objects: { route: 4, address: 3 },
    conditions: [],
    sessions: [
      { ...session, bfd: "up" },
      { ...session, neighbour: "green-sfc", bfd: "down" },
    ],
  }),
});
record("up-observation", {
  kind: "observation",
  text: text({
    version: 1,
    node: "xe-sfc",
    at: AT,
    edges: [
      {
        edge: "edge-1",
        inbound: "blue",
        outbound: null,
        inboundSinceMs: 1,
        outboundSinceMs: 2,
        rttUs: 250,
        lost: 0,
      },
    ],
  }),
});
record("up-counters", {
  kind: "counters",
  text: text({
    version: 1,
    node: "blue-sfc",
    at: AT,
    ports: [{ interface: "to-edge-1", peer: "edge-1", inPackets: 10, outPackets: 12 }],
  }),
});
record("up-counters-links", {
  kind: "counters",
  text: text({
    version: 1,
    node: "xe-sfc",
    at: AT,
    ports: [],
    links: [{ interface: "to-wide", peer: "wide", rxErrors: 1, txErrors: 0, rxDropped: 2, txDropped: 0 }],
  }),
});
record("up-quality", {
  kind: "quality",
  text: text({
    version: 1,
    node: "blue-sfc",
    instance: "a1b2",
    window: 7,
    startMs: 1_767_225_600_000,
    ageMs: 2_003,
    lengthMs: 1_000,
    intervalMs: 100,
    measured: 1,
    targets: [
      {
        name: "wide",
        address: "3fff:250::1",
        sent: 4,
        lost: 2,
        unsent: 1,
        late: 1,
        rttsUs: [251, -1, -1, 240],
      },
    ],
  }),
});
record("up-counters-octets", {
  kind: "counters",
  text: text({
    version: 1,
    node: "xe-sfc",
    at: AT,
    ports: [],
    links: [
      {
        interface: "to-wide",
        peer: "wide",
        rxErrors: 1,
        txErrors: 0,
        rxDropped: 2,
        txDropped: 0,
        rxOctets: 123_456,
        txOctets: 654_321,
      },
    ],
  }),
});
record("up-egress-routes", {
  kind: "egress-routes",
  text: text({
    version: 1,
    node: "xe-sfc",
    at: AT,
    shard: 0,
    shards: 1,
    peers: [
      {
        name: "xe-sfc/wide",
        state: "established",
        forMs: 9_000,
        received: 2,
        sid: "peer",
        txOctets: 5,
        rxOctets: 6,
      },
      { name: "xe-sfc/alpha", state: "active", forMs: 100, received: 0, sid: "lookup" },
    ],
    rows: [
      {
        address: "3fff:510::1",
        routes: [
          {
            peer: 0,
            prefix: "3fff:510::/32",
            asPath: [2500, 64_510],
            origin: "igp",
            med: 10,
            nextHop: "2001:db8:ff00:1:3:1f:0:1",
            communities: ["2500:1", "4690:1:2"],
            filtered: true,
          },
        ],
      },
    ],
  }),
});
record("up-trace", {
  kind: "trace",
  text: text({
    version: 1,
    node: "blue-sfc",
    tookMs: 1_103,
    trace: {
      version: 1,
      source: "blue-sfc",
      sourceAddress: "2001:db8:ff00::1",
      target: "wide",
      targetAddress: "3fff:250::1",
      protocol: "udp",
      startedAt: 1_767_225_600_000,
      endedAt: 1_767_225_601_103,
      flows: [
        {
          flow: 0,
          flowLabel: 0x2_1f3a,
          sourcePort: 61_440,
          destinationPort: 33_434,
          hops: [
            {
              hop: 1,
              sent: 3,
              answers: [{ address: "2001:db8:ff00::7", rttUs: 151.5, kind: "time-exceeded" }],
              rateLimited: true,
            },
            {
              hop: 2,
              sent: 3,
              answers: [{ address: "3fff:250::1", rttUs: 240, kind: "unreachable", detail: 4 }],
              rateLimited: false,
            },
          ],
          end: { kind: "reached", hop: 2 },
        },
        { flow: 1, flowLabel: 7, hops: [], end: { kind: "failed", reason: "no route to 3fff:250::1" } },
      ],
      pathMtu: 1500,
      allPathsSeen: 0.9375,
    },
  }),
});
for (const [name, message] of Object.entries(EGRESS_MESSAGES))
  record(name, { kind: message.kind, text: text(message.value) });
record("up-egress", { kind: "egress", text: text(EGRESS_MESSAGE) });
record("refused-manifest-version", {
  kind: "manifest",
  text: '{"version":2}',
  refused: "wrong-version",
  path: "/version",
});
record("refused-manifest-shape", {
  kind: "manifest",
  text: '{"version":1,"node":7}',
  refused: "wrong-shape",
});
for (const [name, vector] of Object.entries(REFUSED)) record(name, vector);
record("refused-part-json", { kind: "part", part: "bgp", text: "{", refused: "not-json" });
record("refused-part-path", {
  kind: "part",
  part: "steering",
  text: '{"version":1,"edges":[{"name":"edge-1","med":-1}]}',
  refused: "wrong-shape",
  path: "/edges/0/med",
});
