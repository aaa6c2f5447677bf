import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { parseFabric } from "@vsix/shared/fabric/parse.ts";
import { buildFlow, buildTrace } from "@vsix/shared/paths/build-trace.ts";
import type { Status } from "../../controller/src/status/model.ts";
import type { RolloutEvidence, RolloutView } from "../../controller/src/status/rollout-model.ts";
import { FakeFleet } from "../fakes/fake-fleet.ts";
import { Bench, until } from "./harness.ts";

const FABRIC = join(import.meta.dirname, "../lab/fixtures/many-edges.yaml");
const TARGET = "3fff:250::1";
const parsed = parseFabric(await readFile(FABRIC, "utf8"), FABRIC);
assert.ok(parsed.ok);
const { fabric } = parsed;

/** The address of a plane's router that edge-1 sees it by. */
function hop(router: string): string {
  const link = fabric.links.find(({ name }) => name.includes("edge-1--") && name.includes(router));
  const address = link?.ends.find(({ node }) => node === router)?.address;
  assert.ok(address !== undefined);
  return address;
}

async function expect(bench: Bench, allowed: string): Promise<void> {
  const file = join(bench.directory, "expected.yaml");
  const target = `{ name: wide-0, address: "${TARGET}" }`;
  const path = `  - { source: edge-1, target: ${target}, flows: 1, intervalS: 2, allowed: [${allowed}] }`;
  await writeFile(file, ["version: 1", "paths:", path].join("\n"));
  const { code, stderr } = await bench.vsixctl("path", "apply", file);
  assert.equal(code, 0, stderr);
}

test("paths that are expected decide: by the old plane only it is refused, not traced it holds, wrong it goes back", async () => {
  await using bench = await Bench.make();
  await bench.start();
  assert.equal((await bench.vsixctl("apply", FABRIC)).code, 0);
  await using fleet = await FakeFleet.connect(bench.url, fabric, await bench.trusted());
  const stop = new AbortController();
  const telling = (async () => {
    while (!stop.signal.aborted) {
      await fleet.tell().catch(() => undefined);
      await sleep(250);
    }
  })();
  const show = async (): Promise<RolloutView> => {
    const { rollouts } = await bench.get<{ readonly rollouts: readonly RolloutView[] }>(
      "/v1/rollouts?limit=1",
    );
    return rollouts[0] ?? assert.fail("there is no rollout");
  };
  const create = ["rollout", "create", "--to", "green", "--canary", "edge-1", "--steps", "1,100%"];
  const quickly = ["--interval", "1s", "--rehearsal", "1s", "--deadline", "300s"];
  const traced = async (by: string): Promise<void> => {
    const about = { source: "edge-1", target: "wide-0", targetAddress: TARGET };
    const trace = buildTrace([buildFlow(0, [hop(by)])], about);
    await fleet.nodes.get("edge-1")?.say("trace", { version: 1, node: "edge-1", tookMs: 100, trace });
  };
  try {
    await expect(bench, "[plane: blue, ...]");
    await until("the fleet has taken it", async () => (await bench.get<Status>("/v1/status")).ready);
    const barred = await bench.vsixctl(...create, ...quickly);
    assert.equal(barred.code, 1);
    assert.match(
      barred.stderr,
      /does not allow green for edge-1 to wide-0: say there what is right by green/,
    );
    const off = ["--metric", "expected-path=off", "--dry-run"];
    const without = await bench.vsixctl(...create, ...quickly, ...off);
    assert.match(without.stdout, /not looked at: expected-path: left out by whoever began the rollout/);

    await expect(bench, "[plane: blue, ...], [plane: green, ...]");
    await until("the fleet has taken it", async () => (await bench.get<Status>("/v1/status")).ready);
    const created = await bench.json<RolloutView>(...(create as [string, ...string[]]), ...quickly);
    assert.deepEqual(created.unjudged, ["expected-path: of 20 of 21 Edges that move no path is expected"]);
    await until("it waits for a trace", async () => {
      const { stage, verdict } = await show();
      return (
        stage === "there" && verdict?.reasons.join() === "expected-path of edge-1 to wide-0: no trace of it"
      );
    });
    await sleep(2000);
    assert.equal((await show()).stage, "there", "nothing passes without");
    await traced("green-sfc");
    await until("it goes on", async () => (await show()).stage === "step");
    await until("everybody concerned is seen", async () => (await show()).seen);
    await sleep(500);
    await traced("blue-sfc");
    await until("one wrong trace holds", async () => (await show()).verdict?.verdict === "hold");
    await traced("blue-sfc");
    await until("it has gone back", async () => (await show()).stage === "aborted");
    const ended = await show();
    assert.match(ended.why, /expected-path of edge-1 to wide-0: it leaves green for blue/);
    const { events } = await bench.json<RolloutEvidence>("rollout", "show", "--evidence");
    const failed = events.findLast(({ body }) => (body as { verdict?: string }).verdict === "fail");
    assert.match(JSON.stringify(failed?.body), /"test":"path","plane":"green".*"wrongInARow":2/);
  } finally {
    stop.abort();
    await telling;
  }
});
