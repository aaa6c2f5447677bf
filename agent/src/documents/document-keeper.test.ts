import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { manifestType } from "@vsix/shared/contract/envelope.ts";
import type { Manifest } from "@vsix/shared/contract/manifest.ts";
import { encodeEnvelope, generateKey, sign, trustedKeys } from "@vsix/shared/crypto/ed25519.ts";
import fc from "fast-check";
import { pino } from "pino";
import { openDocumentStore } from "../io/document-store.ts";
import { type AgentDocument, sha256Hex } from "./document.ts";
import { DocumentKeeper } from "./document-keeper.ts";
import { FenceKeeper } from "./fence-keeper.ts";
import { Keyring } from "./keyring.ts";

const NODE = "edge-1";
const NONCE = "0123456789abcdef0123456789abcdef";
const log = pino({ enabled: false });
const key = generateKey();
const NOW = Date.parse("2026-01-01T12:00:00Z");
const bytesOf = (value: object): Uint8Array => Buffer.from(JSON.stringify(value));

function fabricPart(site: string): Uint8Array {
  return bytesOf({
    version: 1,
    node: { name: NODE, role: "edge", id: 11, site, loopback: "2001:db8:1::1" },
    loopbackAddresses: ["2001:db8:1::1/128"],
    interfaces: [],
    sids: [],
    blackholes: [],
    overrides: [],
    sidBlock: "2001:db8:ff01::/48",
  });
}

const bgpPart = bytesOf({
  version: 1,
  asn: 65001,
  routerId: "10.0.0.11",
  as: 4690,
  originate: [],
  neighbours: [],
  ownPrefixes: [],
  bogons: [],
});

function manifest(generation: number, fabric: Uint8Array, change: Partial<Manifest> = {}): Uint8Array {
  const part = (name: "fabric" | "bgp", bytes: Uint8Array) => ({
    name,
    sha256: sha256Hex(bytes),
    generation,
    size: bytes.length,
  });
  const value: Manifest = {
    version: 1,
    node: NODE,
    epoch: 1,
    generation,
    revision: 1,
    issuedAt: "2026-01-01T00:00:00Z",
    acceptUntil: "2026-01-02T00:00:00Z",
    nonce: NONCE,
    parts: [part("fabric", fabric), part("bgp", bgpPart)],
    ...change,
  };
  return encodeEnvelope(sign(manifestType(value.node), bytesOf(value), key));
}

function keeperIn(directory: string, check: (document: AgentDocument) => void = () => {}) {
  const taken: number[] = [];
  const keeper = new DocumentKeeper({
    node: NODE,
    keyring: new Keyring(join(directory, "trust.json"), trustedKeys([key.publicKey]), log),
    store: openDocumentStore(directory),
    fence: new FenceKeeper(join(directory, "fence.json"), log, () => NOW),
    nonce: NONCE,
    log,
    now: () => NOW,
    check,
    onDocument: (document) => taken.push(document.manifest.generation),
    onRefused: () => {},
  });
  return { keeper, taken };
}

function setUp(context: TestContext) {
  const directory = mkdtempSync(join(tmpdir(), "vsix-keeper-"));
  const made = keeperIn(directory);
  context.after(() => {
    made.keeper[Symbol.dispose]();
    rmSync(directory, { recursive: true });
  });
  return { directory, ...made };
}

function deliver(keeper: DocumentKeeper, generation: number, site: string): void {
  const fabric = fabricPart(site);
  keeper.part(sha256Hex(bgpPart), bgpPart);
  keeper.part(sha256Hex(fabric), fabric);
  keeper.manifest(manifest(generation, fabric));
}

test("a signed manifest is taken once all its parts are there, in whatever order they come", (context) => {
  const { keeper, taken } = setUp(context);
  const fabric = fabricPart("sfc");
  keeper.manifest(manifest(1, fabric));
  keeper.part(sha256Hex(fabric), fabric);
  assert.deepEqual(taken, []);
  keeper.part(sha256Hex(bgpPart), bgpPart);
  assert.deepEqual(taken, [1]);
});

test("a part of a name that nobody here knows is waited for and kept like the others, and otherwise passed over", (context) => {
  const { keeper, taken, directory } = setUp(context);
  const fabric = fabricPart("sfc");
  const unknown = bytesOf({ version: 7, anything: ["at", "all"] });
  const parts = [
    ...(["fabric", "bgp"] as const).map((name) => [name, name === "fabric" ? fabric : bgpPart] as const),
    ["tomorrow-2", unknown] as const,
  ].map(([name, bytes]) => ({ name, sha256: sha256Hex(bytes), generation: 1, size: bytes.length }));
  for (const bytes of [fabric, bgpPart]) keeper.part(sha256Hex(bytes), bytes);
  keeper.manifest(manifest(1, fabric, { parts }));
  assert.deepEqual(taken, []);
  keeper.part(sha256Hex(unknown), unknown);
  assert.deepEqual([taken, keeper.refusal], [[1], undefined]);
  const again = keeperIn(directory);
  again.keeper.load();
  assert.deepEqual(again.taken, [1]);
  assert.deepEqual(
    [...(again.keeper.held?.partBytes.get(sha256Hex(unknown)) ?? [])],
    [...unknown],
    "a newer agent finds it on the disk",
  );
  again.keeper[Symbol.dispose]();
});

test("an old generation, a foreign signature and another node's manifest change nothing", (context) => {
  const { keeper, taken } = setUp(context);
  deliver(keeper, 5, "sfc");
  deliver(keeper, 4, "kote");
  assert.equal(keeper.refusal?.code, "old-generation");
  const stranger = generateKey();
  keeper.manifest(encodeEnvelope(sign(manifestType(NODE), bytesOf({}), stranger)));
  assert.equal(keeper.refusal?.code, "unknown-key");
  keeper.manifest(manifest(9, fabricPart("kote"), { node: "edge-2" }));
  assert.equal(keeper.refusal?.code, "wrong-type");
  assert.deepEqual(taken, [5]);
  assert.equal(keeper.held?.fabric.node.site, "sfc");
});

test("a part whose bytes are not what its name says is refused", (context) => {
  const { keeper, taken } = setUp(context);
  const fabric = fabricPart("sfc");
  keeper.manifest(manifest(1, fabric));
  keeper.part(sha256Hex(fabric), fabricPart("kote"));
  assert.equal(keeper.refusal?.code, "bad-digest");
  assert.deepEqual(taken, []);
});

test("whatever bytes come as a manifest, nothing is thrown and nothing changes", (context) => {
  const { keeper, taken } = setUp(context);
  deliver(keeper, 1, "sfc");
  const good = manifest(2, fabricPart("kote"));
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), fc.nat(good.length - 1), (noise, cut) => {
      keeper.manifest(noise);
      keeper.manifest(good.slice(0, cut));
    }),
  );
  assert.deepEqual(taken, [1]);
});

test("after a restart the document on disk is in force; a damaged one gives way to the one before", (context) => {
  const { directory, keeper } = setUp(context);
  deliver(keeper, 1, "sfc");
  deliver(keeper, 2, "kote");
  const again = keeperIn(directory);
  assert.equal(again.keeper.load(), true);
  assert.deepEqual(again.taken, [2]);
  const file = join(directory, "document.json");
  writeFileSync(file, readFileSync(file).subarray(0, 300));
  const third = keeperIn(directory);
  assert.equal(third.keeper.load(), true);
  assert.deepEqual(third.taken, [1]);
});

test("a replayed manifest does not push aside a newer one whose parts are still coming", (context) => {
  const { keeper, taken } = setUp(context);
  deliver(keeper, 1, "sfc");
  const newest = fabricPart("note");
  keeper.manifest(manifest(9, newest));
  keeper.manifest(manifest(5, fabricPart("kote")));
  assert.equal(keeper.refusal?.code, "old-generation");
  keeper.part(sha256Hex(newest), newest);
  assert.deepEqual(taken, [1, 9]);
});

test("a document that makes no sense is neither held nor written, and the one in force stays", (context) => {
  const directory = mkdtempSync(join(tmpdir(), "vsix-keeper-"));
  context.after(() => rmSync(directory, { recursive: true }));
  const { keeper, taken } = keeperIn(directory, ({ fabric }) => {
    if (fabric.node.site === "nowhere") throw new Error("no such site");
  });
  deliver(keeper, 1, "sfc");
  deliver(keeper, 2, "nowhere");
  assert.equal(keeper.refusal?.reason, "no such site");
  assert.equal(keeper.held?.manifest.generation, 1);
  const again = keeperIn(directory);
  again.keeper.load();
  assert.deepEqual(again.taken, [1]);
  deliver(keeper, 3, "kote");
  assert.deepEqual(taken, [1, 3]);
});

test("a disk that refuses stops nothing, and is told", (context) => {
  const { directory, keeper, taken } = setUp(context);
  deliver(keeper, 1, "sfc");
  rmSync(directory, { recursive: true });
  deliver(keeper, 2, "kote");
  assert.deepEqual(taken, [1, 2]);
  assert.match(keeper.storeFault ?? "", /ENOENT/);
  mkdirSync(directory);
  deliver(keeper, 3, "sfc");
  assert.equal(keeper.storeFault, undefined);
});

test("parts that nobody asked for do not push out one that is needed, nor pile up", (context) => {
  const { keeper, taken } = setUp(context);
  const fabric = fabricPart("sfc");
  keeper.manifest(manifest(1, fabric));
  keeper.part(sha256Hex(bgpPart), bgpPart);
  for (let i = 0; i < 200; i++) {
    const stray = Buffer.from(`stray ${i}`);
    keeper.part(sha256Hex(stray), stray);
  }
  keeper.part("../../etc/passwd", fabric);
  assert.equal(keeper.refusal?.code, "bad-digest");
  keeper.part(sha256Hex(fabric), fabric);
  assert.deepEqual(taken, [1]);
});
