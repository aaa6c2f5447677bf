import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { Store } from "../store/store.ts";
import type { CompiledNode } from "./document.ts";
import { recordGenerations } from "./generations.ts";

const node = (name: string, fabric: string, bgp: string): CompiledNode => ({
  node: name,
  parts: [
    { name: "fabric", bytes: Buffer.from(fabric), sha256: fabric },
    { name: "bgp", bytes: Buffer.from(bgp), sha256: bgp },
  ],
});

test("generations grow exactly when bytes change, also for a node that left and came back", async () => {
  const directory = await mkdtemp(join(tmpdir(), "vsix-store-"));
  try {
    await using store = await Store.open(join(directory, "c.db"));
    const record = (nodes: readonly CompiledNode[], revision: number) =>
      store.transaction((tx) => recordGenerations(tx, nodes, revision));
    const first = await record([node("a", "f1", "b1"), node("b", "f1", "b1")], 1);
    assert.deepEqual(first.changed, ["a", "b"]);
    assert.deepEqual((await record([node("a", "f1", "b1"), node("b", "f1", "b1")], 2)).changed, []);

    const third = await record([node("a", "f1", "b2"), node("b", "f1", "b1")], 3);
    assert.deepEqual(third.changed, ["a"]);
    const a = third.nodes.get("a");
    assert.equal(a?.generation, 2);
    assert.deepEqual(
      a?.parts.map(({ generation }) => generation),
      [1, 2],
    );
    assert.deepEqual(await store.read.retired(), [{ node: "a", sha256: "b1", generation: 2 }]);

    await record([node("a", "f1", "b1"), node("b", "f1", "b1")], 4);
    assert.deepEqual(
      await store.read.retired(),
      [{ node: "a", sha256: "b2", generation: 3 }],
      "b1 is wanted again",
    );

    assert.deepEqual((await record([node("a", "f1", "b1")], 5)).removed, ["b"]);
    const back = await record([node("a", "f1", "b1"), node("b", "f1", "b1")], 6);
    assert.equal(back.nodes.get("b")?.generation, 3);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
});

test("a transaction that throws leaves nothing behind", async () => {
  const directory = await mkdtemp(join(tmpdir(), "vsix-store-"));
  try {
    await using store = await Store.open(join(directory, "c.db"));
    const failing = store.transaction(async (tx) => {
      await recordGenerations(tx, [node("a", "f", "b")], 1);
      await tx.setCounter("epoch", 9);
      throw new Error("in the middle");
    });
    await assert.rejects(failing, /in the middle/);
    assert.equal(await store.read.counter("epoch"), 0);
    assert.deepEqual(await store.read.manifests(), []);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
});
