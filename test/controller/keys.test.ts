import assert from "node:assert/strict";
import { copyFile, readFile, rename, stat } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { manifestType } from "@vsix/shared/contract/envelope.ts";
import { topics } from "@vsix/shared/contract/topics.ts";
import { openEnvelope } from "@vsix/shared/crypto/ed25519.ts";
import { followTransitions } from "@vsix/shared/crypto/transitions.ts";
import { connectAsync } from "mqtt";
import type { KeyChange, KeysAnswer } from "../../controller/src/http/schemas-trust.ts";
import { FakeNode } from "../fakes/fake-node.ts";
import { Bench, QUICK, until } from "./harness.ts";

/** The envelope that the broker retains for a node. */
async function retained(bench: Bench, node: string): Promise<Uint8Array> {
  const client = await connectAsync(bench.url, { protocolVersion: 4, clientId: "looker" });
  const bytes = new Promise<Uint8Array>((resolve) =>
    client.on("message", (_topic, payload) => resolve(payload)),
  );
  await client.subscribeAsync(topics.manifest(node), { qos: 1 });
  const envelope = await bytes;
  await client.endAsync(true);
  return envelope;
}

test("after two rotations a node that trusts the first key follows to the third; the retired keys sign nothing", async () => {
  await using bench = await Bench.make();
  await bench.start();
  await bench.vsixctl("apply", QUICK);
  const trust = { trusted: await bench.trusted(), retired: new Map() };
  const [first] = trust.trusted.keys();
  const one = await bench.json<KeyChange>("key", "rotate");
  assert.equal(one.from, first);
  const two = await bench.json<KeyChange>("key", "rotate");
  assert.equal(two.from, one.to);
  for (let starts = 0; starts < 2; starts++) {
    let opened: ReturnType<typeof openEnvelope> | undefined;
    await until("the newest key signs", async () => {
      const envelope = await retained(bench, "blue-sfc");
      const { trusted } = followTransitions(envelope, trust);
      assert.equal(openEnvelope(envelope, manifestType("blue-sfc"), trust.trusted).ok, false);
      opened = openEnvelope(envelope, manifestType("blue-sfc"), trusted);
      return opened.ok && opened.keyId === two.to;
    });
    await bench.stop();
    await bench.start();
  }
  const list = await bench.json<KeysAnswer>("key", "list");
  assert.deepEqual([list.current, list.changes.map(({ from }) => from)], [two.to, [first, one.to]]);
  assert.match((await bench.vsixctl("audit")).stdout, /key-rotate/);
  assert.equal((await stat(join(bench.directory, "state/signing.key"))).mode & 0o777, 0o600);
  assert.deepEqual([...(await bench.trusted()).keys()], [two.to]);
});

test("a rotation that was cut off is finished or undone at the next start", async () => {
  await using bench = await Bench.make();
  await bench.start();
  const state = (name: string): string => join(bench.directory, "state", name);
  await copyFile(state("signing.key"), state("old.key"));
  const { to, from } = await bench.json<KeyChange>("key", "rotate");
  await bench.stop();
  // As if killed between the statement and the renaming.
  await rename(state("signing.key"), state("signing.next.key"));
  await rename(state("old.key"), state("signing.key"));
  await bench.start();
  assert.equal((await bench.json<KeysAnswer>("key", "list")).current, to);
  await bench.stop();
  // As if killed before the statement: the next key was never heard of.
  await copyFile(state("signing.key"), state("signing.next.key"));
  await bench.start();
  assert.equal((await bench.json<KeysAnswer>("key", "list")).changes[0]?.from, from);
  await assert.rejects(readFile(state("signing.next.key")), /ENOENT/);
});

test("while an agent is too old to follow, only --force rotates", async () => {
  await using bench = await Bench.make();
  await bench.start();
  await bench.vsixctl("apply", QUICK);
  await using node = await FakeNode.connect(bench.url, "blue-sfc", await bench.trusted());
  await until("it has a manifest", () => node.manifests.length > 0);
  await node.report([]);
  await until("it is heard", async () => (await bench.vsixctl("key", "list")).stdout.includes("cannot"));
  const refused = await bench.vsixctl("key", "rotate");
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /agents of blue-sfc cannot follow/);
  assert.equal((await bench.vsixctl("key", "rotate", "--force")).code, 0);
});
