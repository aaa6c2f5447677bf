import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { Store } from "./store.ts";

test("a node whose paths change all the time pushes its own events out of the log, and no other's", async () => {
  const directory = await mkdtemp(join(tmpdir(), "vsix-events-"));
  try {
    await using store = await Store.open(join(directory, "controller.db"));
    const keep = { all: 10, ofSource: 4 };
    const row = { at: "2026-01-01T00:00:00Z", target: "far", body: "{}" };
    const add = (source: string, count: number) =>
      store.transaction(async (tx) => {
        for (let i = 0; i < count; i++) await tx.addPathEvent({ ...row, source }, keep);
      });
    const idsOf = async (source: string) =>
      (await store.read.pathEvents(100, { source })).map(({ id }) => id);
    await add("edge-1", 2);
    await add("edge-2", 7);
    assert.deepEqual(await idsOf("edge-2"), [9, 8, 7, 6]);
    assert.deepEqual(await idsOf("edge-1"), [2, 1]);
    await add("edge-3", 2);
    assert.deepEqual(await idsOf("edge-1"), [2]);
    assert.deepEqual(await idsOf("edge-3"), [11, 10]);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
});
