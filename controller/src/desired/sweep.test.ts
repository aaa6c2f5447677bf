import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { parseFabric } from "@vsix/shared/fabric/parse.ts";
import { pino } from "pino";
import { AccessBook } from "../access/book.ts";
import { systemClock } from "../clock.ts";
import { NO_INTENT, steerEdge } from "../core/intent.ts";
import type { Broker } from "../fleet/broker.ts";
import { Publisher } from "../fleet/publish.ts";
import { Store } from "../store/store.ts";
import { DesiredState } from "./desired-state.ts";

const QUICK = new URL("../../../examples/quick.yaml", import.meta.url);

let directory: string;
let store: Store;
let publisher: Publisher;
let desired: DesiredState;
/** What the broker holds, by topic. */
const retained = new Map<string, Uint8Array>();

before(async () => {
  directory = await mkdtemp(join(tmpdir(), "vsix-sweep-"));
  store = await Store.open(join(directory, "c.db"));
  const broker: Broker = {
    url: "mqtt://nowhere",
    publishRetained: async (topic, payload) => {
      if (payload.length === 0) retained.delete(topic);
      else retained.set(topic, payload);
    },
    subscribe: async () => {},
    onReconnect: () => {},
    [Symbol.asyncDispose]: async () => {},
  };
  const log = pino({ enabled: false });
  const sign = (payloadType: string, payload: Uint8Array) => ({
    payloadType,
    payload: Buffer.from(payload).toString("base64"),
    signatures: [],
  });
  const common = { clock: systemClock, log };
  publisher = new Publisher({ broker, sign, epoch: () => 1, acceptForMs: 60_000, ...common });
  desired = new DesiredState({ store, publisher, captureKey: "key", access: new AccessBook(), ...common });
});

after(async () => {
  await publisher[Symbol.asyncDispose]();
  await store[Symbol.asyncDispose]();
  await rm(directory, { recursive: true, force: true });
});

/** Leads edge-1 to this plane, and waits until the broker has it. */
async function steerTo(plane: string): Promise<void> {
  const parsed = parseFabric(await readFile(QUICK, "utf8"), "quick.yaml");
  assert.ok(parsed.ok);
  const { fabric } = parsed;
  const intent = steerEdge(NO_INTENT, "edge-1", plane);
  const commit = await desired.commit({ who: "test", what: "steer" }, async () => ({
    ...{ revision: 1, fabric, intent, detail: {} },
  }));
  await commit.published;
}

function partsOf(node: string): readonly string[] {
  return [...retained.keys()].filter((topic) => topic.includes(`/${node}/part/`)).sort();
}

function generationOf(node: string): number {
  return desired.inForce?.nodes.get(node)?.generation ?? assert.fail(`no ${node}`);
}

test("old parts of a node are cleared once it reports the generation without them, each time that some are left behind", async () => {
  await steerTo("blue");
  const first = partsOf("blue-sfc");
  // Nothing is old yet: this is remembered, and must not outlive the next change.
  for (const node of ["blue-sfc", "green-sfc", "edge-1"]) await desired.sweep(node, generationOf(node));
  assert.deepEqual(partsOf("blue-sfc"), first);
  for (const plane of ["green", "blue", "green"]) {
    await steerTo(plane);
    const both = partsOf("blue-sfc");
    assert.ok(both.length > first.length, "new parts beside the old ones");
    await desired.sweep("blue-sfc", generationOf("blue-sfc") - 1);
    assert.deepEqual(partsOf("blue-sfc"), both, "the node still holds what names them");
    await desired.sweep("green-sfc", generationOf("green-sfc"));
    assert.deepEqual(partsOf("blue-sfc"), both, "another node's word is none of this one");
    await desired.sweep("blue-sfc", generationOf("blue-sfc"));
    assert.equal(partsOf("blue-sfc").length, first.length);
    const wanted = desired.inForce?.nodes.get("blue-sfc")?.parts ?? [];
    for (const { sha256 } of wanted)
      assert.ok(
        partsOf("blue-sfc").some((topic) => topic.endsWith(sha256)),
        sha256,
      );
  }
});

test("the database is asked once for any number of reports between two changes", async (t) => {
  await steerTo("blue");
  const asked = t.mock.method(store.read, "retired");
  await desired.sweep("edge-1", generationOf("edge-1"));
  await desired.sweep("edge-1", generationOf("edge-1"));
  const before = asked.mock.callCount();
  for (let i = 0; i < 500; i++) await desired.sweep("edge-1", generationOf("edge-1"));
  assert.equal(asked.mock.callCount(), before);
});
