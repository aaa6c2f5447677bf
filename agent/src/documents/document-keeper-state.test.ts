import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { manifestType } from "@vsix/shared/contract/envelope.ts";
import type { Manifest } from "@vsix/shared/contract/manifest.ts";
import {
  encodeEnvelope,
  generateKey,
  type SigningKey,
  sign,
  trustedKeys,
} from "@vsix/shared/crypto/ed25519.ts";
import { signTransition } from "@vsix/shared/crypto/transitions.ts";
import { pino } from "pino";
import { openDocumentStore } from "../io/document-store.ts";
import { sha256Hex } from "./document.ts";
import { DocumentKeeper } from "./document-keeper.ts";
import { FenceKeeper } from "./fence-keeper.ts";
import { Keyring } from "./keyring.ts";

const NODE = "edge-1";
const NONCE = "0123456789abcdef0123456789abcdef";
const CONNECTION = "0123456789abcdef";
const NOW = Date.parse("2026-01-01T12:00:00Z");
const YEAR_MS = 365 * 86_400_000;
const first = generateKey();
const log = pino({ enabled: false });
const bytesOf = (value: object): Uint8Array => Buffer.from(JSON.stringify(value));

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

const fabricPart = (site: string): Uint8Array =>
  bytesOf({
    version: 1,
    node: { name: NODE, role: "edge", id: 11, site, loopback: "2001:db8:1::1" },
    loopbackAddresses: ["2001:db8:1::1/128"],
    interfaces: [],
    sids: [],
    blackholes: [],
    overrides: [],
    sidBlock: "2001:db8:ff01::/48",
  });

interface Sent {
  readonly key?: SigningKey;
  readonly transitions?: readonly ReturnType<typeof signTransition>[];
}

function envelopeOf(
  generation: number,
  change: Partial<Manifest> = {},
  { key = first, transitions }: Sent = {},
): Uint8Array {
  const fabric = fabricPart(`site-${generation}`);
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
    parts: [part("fabric", fabric), part("bgp", bgpPart)],
    ...change,
  };
  const envelope = sign(manifestType(NODE), bytesOf(value), key);
  return encodeEnvelope(
    transitions === undefined ? envelope : { ...envelope, transitions: [...transitions] },
  );
}

/** A folder, and an agent's memory in it that can be started anew. */
class Disk {
  readonly directory: string;
  nowMs = NOW;
  #keeper: DocumentKeeper | undefined;

  constructor(context: TestContext) {
    this.directory = mkdtempSync(join(tmpdir(), "vsix-disk-"));
    context.after(() => {
      this.#keeper?.[Symbol.dispose]();
      rmSync(this.directory, { recursive: true });
    });
  }

  file(name: string): string {
    return join(this.directory, name);
  }

  /** As a killed process comes back. */
  start() {
    this.#keeper?.[Symbol.dispose]();
    const taken: number[] = [];
    const keyring = new Keyring(this.file("trust.json"), trustedKeys([first.publicKey]), log);
    const keeper = new DocumentKeeper({
      node: NODE,
      keyring,
      store: openDocumentStore(this.directory),
      fence: new FenceKeeper(this.file("fence.json"), log, () => this.nowMs),
      nonce: NONCE,
      log,
      now: () => this.nowMs,
      check: () => {},
      onDocument: (document) => taken.push(document.manifest.generation),
      onRefused: () => {},
      connection: () => CONNECTION,
    });
    this.#keeper = keeper;
    keeper.load();
    const deliver = (
      generation: number,
      change: Partial<Manifest> = {},
      sent: Sent = {},
    ): string | undefined => {
      for (const bytes of [fabricPart(`site-${generation}`), bgpPart]) keeper.part(sha256Hex(bytes), bytes);
      keeper.manifest(envelopeOf(generation, change, sent));
      return keeper.refusal?.code;
    };
    return { keeper, keyring, taken, deliver };
  }
}

test("a node that remembers nothing takes only what answers its own number", (context) => {
  const { keeper, taken, deliver } = new Disk(context).start();
  assert.equal(keeper.wantsNonce, true);
  assert.equal(deliver(5), "no-nonce");
  assert.equal(deliver(5, { nonce: "f".repeat(32) }), "no-nonce");
  assert.deepEqual(taken, []);
  assert.equal(deliver(6, { nonce: NONCE }), undefined);
  assert.equal(keeper.wantsNonce, false);
  // From now on the fence holds, with or without the number.
  assert.equal(deliver(5, { nonce: NONCE }), "old-generation");
  assert.equal(deliver(7), undefined);
  assert.deepEqual(taken, [6, 7]);
});

test("a disk put back to an older state is noticed and used, and the node takes nothing older than it once held", (context) => {
  const disk = new Disk(context);
  const { deliver } = disk.start();
  deliver(1, { nonce: NONCE });
  const old = readFileSync(disk.file("document.json"));
  deliver(2);
  deliver(3);
  writeFileSync(disk.file("document.json"), old);
  const again = disk.start();
  assert.deepEqual(again.taken, [1]);
  assert.match(again.keeper.storeFault ?? "", /of generation 1 of epoch 1, but generation 3 .* gone back/);
  assert.equal(again.keeper.wantsNonce, false);
  assert.equal(again.deliver(2), "old-generation");
  const other = { parts: [] };
  assert.equal(again.deliver(3, other), "conflicting-generation");
  assert.equal(again.deliver(3), undefined);
  assert.deepEqual(again.taken, [1, 3]);
  assert.equal(again.keeper.storeFault, undefined);
  assert.equal(disk.start().keeper.storeFault, undefined);
});

test("documents that are gone leave the fence: nothing older comes in, though nothing is held", (context) => {
  const disk = new Disk(context);
  disk.start().deliver(4, { nonce: NONCE });
  rmSync(disk.file("document.json"));
  const again = disk.start();
  assert.match(again.keeper.storeFault ?? "", /generation 4 of epoch 1 that was held is not on disk/);
  assert.equal(again.deliver(3, { nonce: NONCE }), "old-generation");
  assert.equal(again.deliver(4), undefined);
  assert.deepEqual(again.taken, [4]);
});

test("every half-written or damaged document gives way to the one before, and is told", (context) => {
  const disk = new Disk(context);
  const { deliver } = disk.start();
  deliver(1, { nonce: NONCE });
  deliver(2);
  const whole = readFileSync(disk.file("document.json"));
  for (const bytes of [whole.subarray(0, whole.length / 2), Buffer.alloc(0), Buffer.alloc(whole.length)]) {
    writeFileSync(disk.file("document.json"), bytes);
    const { keeper, taken } = disk.start();
    assert.deepEqual(taken, [1]);
    assert.match(keeper.storeFault ?? "", /document\.json is not usable/);
  }
});

test("a damaged fence gives way to the one before; without one the document tells its generation", (context) => {
  const disk = new Disk(context);
  const { deliver } = disk.start();
  deliver(1, { nonce: NONCE });
  deliver(2);
  const text = readFileSync(disk.file("fence.json"), "utf8");
  writeFileSync(disk.file("fence.json"), text.replaceAll("2", "9"));
  const again = disk.start();
  assert.deepEqual(again.taken, [2]);
  assert.match(again.keeper.storeFault ?? "", /checksum does not fit; the one before is used/);
  writeFileSync(disk.file("fence.json"), "{");
  writeFileSync(disk.file("fence.json.previous"), "");
  const third = disk.start();
  assert.deepEqual(third.taken, [2]);
  assert.match(third.keeper.storeFault ?? "", /what is held tells the generation/);
  assert.equal(third.deliver(1), "old-generation");
  assert.equal(disk.start().keeper.storeFault, undefined);
});

test("a state folder of an agent that kept no fence is taken over", (context) => {
  const disk = new Disk(context);
  disk.start().deliver(4, { nonce: NONCE });
  rmSync(disk.file("fence.json"));
  const again = disk.start();
  assert.deepEqual([again.taken, again.keeper.storeFault], [[4], undefined]);
  assert.ok(existsSync(disk.file("fence.json")));
});

test("a clock wrong by a year keeps what is held, and what answers the node's number is taken all the same", (context) => {
  const disk = new Disk(context);
  disk.start().deliver(1, { nonce: NONCE });
  for (const [offsetMs, generation] of [
    [YEAR_MS, 2],
    [-YEAR_MS, 4],
  ] as const) {
    disk.nowMs = NOW + offsetMs;
    const { keeper, taken, deliver } = disk.start();
    assert.equal(taken.length, 1, "held across the restart");
    const refused = deliver(generation);
    assert.equal(refused, offsetMs > 0 ? "expired" : undefined);
    assert.equal(keeper.wantsNonce, offsetMs > 0);
    assert.equal(deliver(generation + 1, { nonce: NONCE }), undefined);
    assert.equal(keeper.held?.manifest.generation, generation + 1);
    assert.equal(keeper.wantsNonce, false);
  }
});

test("a trial that nobody confirms goes back by itself, and its generation is never taken again", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const disk = new Disk(context);
  const { keeper, taken, deliver } = disk.start();
  deliver(1, { nonce: NONCE });
  deliver(2, { confirm: { withinS: 60 } });
  assert.equal(keeper.trial?.mark.generation, 2);
  assert.deepEqual(taken, [1, 2]);
  context.mock.timers.tick(59_999);
  assert.deepEqual(taken, [1, 2]);
  context.mock.timers.tick(1);
  assert.deepEqual(taken, [1, 2, 1]);
  assert.equal(keeper.takenBack?.generation, 2);
  assert.match(keeper.takenBack?.reason ?? "", /no confirm came within/);
  assert.equal(deliver(2), "taken-back");
  assert.equal(deliver(2, { confirm: { withinS: 60, connection: CONNECTION } }), "taken-back");
  const again = disk.start();
  assert.deepEqual([again.taken, again.keeper.storeFault], [[1], undefined]);
  assert.equal(again.deliver(2), "taken-back");
  assert.equal(again.deliver(3), undefined);
});

test("a restart amid a trial goes back to what was confirmed, whatever kills it", (context) => {
  const disk = new Disk(context);
  const { deliver } = disk.start();
  deliver(1, { nonce: NONCE });
  deliver(2, { confirm: { withinS: 60 } });
  assert.match(readFileSync(disk.file("fence.json"), "utf8"), /deadline/);
  const again = disk.start();
  assert.deepEqual(again.taken, [1]);
  assert.match(again.keeper.takenBack?.reason ?? "", /ended before it was confirmed/);
  assert.equal(again.deliver(2, { confirm: { withinS: 60 } }), "taken-back");
});

test("only a confirm for exactly that generation and the new connection counts", (context) => {
  const disk = new Disk(context);
  const { keeper, taken, deliver } = disk.start();
  deliver(1, { nonce: NONCE });
  deliver(2, { confirm: { withinS: 60 } });
  const still = (): void => assert.equal(keeper.trial?.mark.generation, 2);
  deliver(2);
  still();
  deliver(2, { confirm: { withinS: 60, connection: "ffffffffffffffff" } });
  still();
  deliver(1, { confirm: { withinS: 60, connection: CONNECTION } });
  still();
  keeper.manifest(
    envelopeOf(2, { confirm: { withinS: 60, connection: CONNECTION } }, { key: generateKey() }),
  );
  still();
  deliver(2, { confirm: { withinS: 60, connection: CONNECTION } });
  assert.equal(keeper.trial, undefined);
  assert.deepEqual(taken, [1, 2]);
  assert.deepEqual(disk.start().taken, [2]);
});

test("a newer document ends a trial; a node that holds nothing takes one on trial for good", (context) => {
  const disk = new Disk(context);
  const { keeper, deliver } = disk.start();
  deliver(1, { nonce: NONCE, confirm: { withinS: 60 } });
  assert.equal(keeper.trial, undefined);
  deliver(2, { confirm: { withinS: 60 } });
  deliver(3);
  assert.equal(keeper.trial, undefined);
  assert.deepEqual(disk.start().taken, [3]);
});

test("a node that was offline for two rotations follows, remembers, and obeys no retired key, not even after a restart", (context) => {
  const disk = new Disk(context);
  const [second, third] = [generateKey(), generateKey()];
  const transitions = [signTransition(first, second, "x"), signTransition(second, third, "x")];
  const { keyring, taken, deliver } = disk.start();
  deliver(1, { nonce: NONCE });
  assert.equal(deliver(2, {}, { key: third }), "unknown-key");
  // A chain that leads to a manifest which is not genuine teaches nothing.
  assert.equal(deliver(2, {}, { key: generateKey(), transitions }), "unknown-key");
  assert.deepEqual(keyring.ids, [first.id]);
  assert.equal(deliver(2, {}, { key: third, transitions }), undefined);
  assert.deepEqual(keyring.ids, [third.id]);
  assert.equal(deliver(3), "unknown-key");
  const again = disk.start();
  assert.deepEqual(again.keyring.ids, [third.id]);
  assert.deepEqual(again.taken, [2]);
  assert.equal(again.deliver(3), "unknown-key");
  assert.equal(again.deliver(3, {}, { key: third }), undefined);
  assert.deepEqual(taken, [1, 2]);
});

test("what was signed by a key that has gone since is still loaded from the disk", (context) => {
  const disk = new Disk(context);
  const second = generateKey();
  const { keyring, keeper, deliver } = disk.start();
  deliver(1, { nonce: NONCE });
  // Learned from a manifest whose parts never came.
  keeper.manifest(envelopeOf(2, {}, { key: second, transitions: [signTransition(first, second, "x")] }));
  assert.deepEqual(keyring.ids, [second.id]);
  assert.deepEqual(disk.start().taken, [1]);
});

test("a damaged record of keys is told, and the chain in the kept document leads on", (context) => {
  const disk = new Disk(context);
  const second = generateKey();
  const { deliver } = disk.start();
  deliver(1, { nonce: NONCE });
  deliver(2, {}, { key: second, transitions: [signTransition(first, second, "x")] });
  writeFileSync(disk.file("trust.json"), "{");
  const again = disk.start();
  assert.deepEqual(again.taken, [2]);
  assert.deepEqual(again.keyring.ids, [second.id]);
});
