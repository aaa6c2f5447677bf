import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { topics } from "@vsix/shared/contract/topics.ts";
import { generateKey } from "@vsix/shared/crypto/ed25519.ts";
import { insideNamespace } from "../kernel/in-namespace.ts";
import { AgentHost } from "./agent-process.ts";
import { OpenBroker } from "./broker.ts";
import { bgpPart, document, EDGE_PEER, fabricPart, NODE, port } from "./documents.ts";
import { dumpKernel, makePorts } from "./kernel-dump.ts";

const OTHER = fabricPart({ blackholes: ["2001:db8:dead::/48"] });
const NOTHING_SENT = Buffer.alloc(0);

if (await insideNamespace("agent-messages", import.meta.url)) {
  makePorts();
  const broker = await OpenBroker.start();
  const host = new AgentHost(broker.url);

  /** Sends, waits for the refusal, and shows that nothing else has changed. */
  const refuses = async (code: string, send: () => Promise<void>): Promise<string> => {
    const before = dumpKernel();
    const startedMs = Date.now();
    await send();
    const report = await host.reportWhere(
      `${code} is refused`,
      ({ refused }) => refused?.code === code && Date.parse(refused.at) >= startedMs - 1,
    );
    assert.equal(report.generation, 5);
    assert.deepEqual(dumpKernel(), before);
    assert.ok(host.alive);
    return report.refused?.reason ?? "";
  };

  test("a first document is made true and a plan after it is empty", async () => {
    await host.startGobgpd();
    await host.start();
    await broker.document(document(5));
    await host.reportWhere("converged", (report) => report.converged && report.generation === 5);
    assert.deepEqual(await host.plan(), []);
  });

  test("a manifest with a signature that does not fit, or by a stranger, changes nothing", async () => {
    const { envelope, parts } = document(6, { fabric: OTHER });
    for (const { sha256, bytes } of parts) await broker.send(topics.part(NODE, sha256), bytes);
    const value = JSON.parse(envelope.toString()) as { signatures: { sig: string }[] };
    const [signature] = value.signatures;
    assert.ok(signature);
    signature.sig = Buffer.alloc(64, 7).toString("base64");
    await refuses("bad-signature", () => broker.manifest(Buffer.from(JSON.stringify(value))));
    await refuses("unknown-key", () =>
      broker.manifest(document(6, { fabric: OTHER, key: generateKey() }).envelope),
    );
  });

  test("an older generation, an older epoch, an expired manifest and other content of the same generation change nothing", async () => {
    const cases = [
      ["old-generation", document(4, { fabric: OTHER })],
      ["old-epoch", document(9, { fabric: OTHER, manifest: { epoch: 1 } })],
      ["conflicting-generation", document(5, { fabric: OTHER })],
      ["expired", document(6, { fabric: OTHER, manifest: { acceptUntil: "2020-01-01T00:00:00Z" } })],
      ["bad-expiry", document(6, { fabric: OTHER, manifest: { acceptUntil: "soon" } })],
    ] as const;
    for (const [code, signed] of cases) await refuses(code, () => broker.document(signed));
  });

  test("a truncated manifest, a huge one and an unknown version are refused by name", async () => {
    const { envelope } = document(6, { fabric: OTHER });
    await refuses("malformed", () => broker.manifest(envelope.subarray(0, envelope.length - 40)));
    const reason = await refuses("too-large", () => broker.manifest(randomBytes(300 * 1024)));
    assert.match(reason, /307200 octets/);
    await refuses("wrong-version", () =>
      broker.document(document(6, { fabric: OTHER, manifest: { version: 7 as 1 } })),
    );
  });

  test("a part with other bytes than its SHA-256 and a part too large are refused, and said so", async () => {
    const [part] = document(6, { fabric: fabricPart({ blackholes: ["2001:db8:bad::/48"] }) }).parts;
    assert.ok(part);
    const topic = topics.part(NODE, part.sha256);
    await refuses("bad-digest", () => broker.send(topic, Buffer.from("{}"), false));
    await refuses("too-large", () => broker.send(topic, Buffer.alloc(8 * 1024 * 1024 + 1, 1), false));
  });

  test("a part that parses but makes no sense is refused before anything of it is done", async () => {
    const other = fabricPart({ node: { ...fabricPart().node, name: "r2" } });
    await refuses("wrong-node", () => broker.document(document(6, { fabric: other })));
    const cases = [
      [{ fabric: fabricPart({ sidBlock: "all of it" }) }, /fabric \/sidBlock: "all of it"/],
      [{ fabric: fabricPart({ blackholes: ["2001:db8::/129"] }) }, /fabric \/blackholes\/0/],
      [
        { fabric: fabricPart({ interfaces: [port("a/b", "fd00::/127", EDGE_PEER, "edge")] }) },
        /interfaces\/0\/name/,
      ],
      [{ bgp: bgpPart({ routerId: "one" }) }, /bgp \/routerId/],
    ] as const;
    for (const [change, pattern] of cases) {
      const reason = await refuses("senseless", () => broker.document(document(6, change)));
      assert.match(reason, pattern);
    }
  });

  test("an empty retained manifest and empty parts delete nothing", async () => {
    const before = dumpKernel();
    await broker.manifest(NOTHING_SENT);
    for (const { sha256 } of document(5).parts) await broker.send(topics.part(NODE, sha256), NOTHING_SENT);
    await sleep(500);
    assert.deepEqual(dumpKernel(), before);
    assert.equal((await host.report()).generation, 5);
    assert.deepEqual(await host.plan(), []);
  });

  test("a flood of random bytes on every topic neither changes anything nor fills the memory", async () => {
    const before = dumpKernel();
    for (let i = 0; i < 400; i++) {
      const bytes = randomBytes(1 + ((i * 7919) % 200_000));
      await broker.send(topics.manifest(NODE), bytes, false);
      await broker.send(topics.part(NODE, randomBytes(32).toString("hex")), bytes, false);
      await broker.send(`${topics.manifest(NODE)}/more`, bytes, false);
      await broker.send(topics.part(NODE, "x".repeat(20_000)), bytes, false);
    }
    await host.reportWhere("still answering", (report) => report.generation === 5);
    assert.deepEqual(dumpKernel(), before);
    assert.ok(host.alive);
    assert.ok(host.log.length < 1_000_000, `${host.log.length} octets logged`);
  });

  test("genuine parts that nobody asked for stay within a bound of memory", async () => {
    const { createHash } = await import("node:crypto");
    const before = host.residentMb();
    for (let i = 0; i < 60; i++) {
      const bytes = Buffer.alloc(7 * 1024 * 1024, i);
      const sha256 = createHash("sha256").update(bytes).digest("hex");
      await broker.send(topics.part(NODE, sha256), bytes, false);
    }
    await host.reportWhere("still answering", (report) => report.generation === 5);
    const grown = host.residentMb() - before;
    assert.ok(grown < 250, `grown by ${grown.toFixed(0)} MB`);
  });

  test("a part that is missing is named, and taken when it comes", async () => {
    const signed = document(6, { fabric: fabricPart({ blackholes: ["2001:db8:7a7e::/48"] }) });
    const [fabric, bgp] = signed.parts;
    assert.ok(fabric && bgp);
    await broker.send(topics.part(NODE, bgp.sha256), bgp.bytes);
    const reason = await refuses("missing-part", () => broker.manifest(signed.envelope));
    assert.match(reason, /fabric/);
    // An older manifest that is replayed meanwhile does not take its place.
    await refuses("old-generation", () => broker.manifest(document(4, { fabric: OTHER }).envelope));
    await broker.send(topics.part(NODE, fabric.sha256), fabric.bytes);
    await host.reportWhere("generation 6", (report) => report.generation === 6 && report.converged);
    assert.deepEqual(await host.plan(), []);
  });

  test.after(async () => {
    await host[Symbol.asyncDispose]();
    await broker[Symbol.asyncDispose]();
  });
}
