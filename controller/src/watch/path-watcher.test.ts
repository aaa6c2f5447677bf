import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { parseFabric } from "@vsix/shared/fabric/parse.ts";
import { pino } from "pino";
import { systemClock } from "../clock.ts";
import { NO_INTENT } from "../core/intent.ts";
import { fitToFabric } from "../desired/expected-in-force.ts";
import { steeringOf } from "../desired/in-force.ts";
import { Store } from "../store/store.ts";
import { PathWatcher } from "./path-watcher.ts";

const PATHS = `version: 1
paths:
  - source: edge-1
    target: { name: wide, address: "3fff:250::1" }
    allowed:
      - ["..."]
`;

test("who silences a path is told when it could not be written down who did", async () => {
  const directory = await mkdtemp(join(tmpdir(), "vsix-watcher-"));
  try {
    const store = await Store.open(join(directory, "controller.db"));
    const paths = await PathWatcher.open({
      ...{ store, clock: systemClock, log: pino({ enabled: false }), least: "warning" },
      ...{ tell: () => {}, waiting: () => ({ waiting: {}, rollouts: {}, epe: {} }) },
    });
    const quick = new URL("../../../examples/quick.yaml", import.meta.url);
    const parsed = parseFabric(await readFile(quick, "utf8"), "quick.yaml");
    assert.ok(parsed.ok);
    const { fabric } = parsed;
    const row = { revision: 1, text: PATHS, file: "paths.yaml", sha256: "", author: "", note: "", at: "" };
    const expected = fitToFabric(row, fabric);
    assert.deepEqual(expected.unfit, []);
    paths.setInForce({
      ...{ revision: 1, fabric, intent: NO_INTENT, steering: steeringOf(fabric, NO_INTENT) },
      ...{ nodes: new Map(), expected, orders: expected.orders },
    });
    const order = { who: "somebody", source: "edge-1", target: "wide", note: "works" };
    await paths.silence(order, 60_000);
    assert.equal((await store.read.audit(1))[0]?.what, "path-silence");
    await store[Symbol.asyncDispose]();
    await assert.rejects(paths.endSilence(order), { code: "store" });
    assert.equal(paths.silences.length, 0);
    await assert.rejects(paths.endSilence(order), { code: "not-silenced" });
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
});
