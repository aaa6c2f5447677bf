import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { FakeNode } from "../fakes/fake-node.ts";
import { Bench, QUICK, type Running, until } from "./harness.ts";

interface Line {
  readonly at: string;
  readonly type: string;
  readonly [field: string]: unknown;
}

/** Whole lines only: the last may still be coming. */
function eventsOf(watch: Running): readonly Line[] {
  const lines = watch.stdout.split("\n").slice(0, -1);
  return lines.map((line) => JSON.parse(line) as Line);
}

/** Has a node's report change until a watch that is starting shows it. */
async function untilHeard(node: FakeNode, ...watches: readonly Running[]): Promise<void> {
  const report = { version: 1, node: node.name, epoch: 1, parts: {}, converged: true, objects: {} };
  for (let attempt = 0; attempt < 100; attempt++) {
    // A generation that the controller never made would be a conflict: it comes and goes.
    await node.say("report", { ...report, generation: attempt % 2, conditions: [], sessions: [] });
    await sleep(100);
    if (watches.every(({ stdout }) => stdout !== "")) return;
  }
  throw new Error(`watch shows nothing: ${watches.map(({ stderr }) => stderr).join("; ")}`);
}

test("watch shows an agent's report and a steer as they happen, and Ctrl-C ends it with 0", async () => {
  await using bench = await Bench.make();
  await bench.start();
  assert.equal((await bench.vsixctl("apply", QUICK)).code, 0);
  await using node = await FakeNode.connect(bench.url, "edge-1", await bench.trusted());
  await using json = bench.spawnVsixctl("watch", "--json");
  await using text = bench.spawnVsixctl("watch");
  await untilHeard(node, json, text);

  const [report] = eventsOf(json);
  assert.equal(report?.type, "report");
  assert.equal(report["node"], "edge-1");
  assert.ok(Number.isFinite(Date.parse(report.at)));
  assert.match(text.stdout, /^\d\d:\d\d:\d\d\.\d{3} {2}edge-1 holds manifest \d+ of epoch 1, converged$/m);

  // Nobody observes anything here: not seen in time is the answer.
  const steered = await bench.vsixctl("edge", "steer", "edge-1", "--plane", "green", "--wait", "1");
  assert.equal(steered.code, 4, steered.stderr);
  const isCommit = ({ type }: Line): boolean => type === "commit";
  await until("the commit is shown", () => eventsOf(json).some(isCommit));
  assert.deepEqual(eventsOf(json).find(isCommit)?.["moved"], [
    { edge: "edge-1", plane: "green", reason: "steered" },
  ]);
  await until("the commit is told", () => /edge-1 wanted on green \(steered\)/.test(text.stdout));

  for (const watch of [json, text]) {
    watch.signal("SIGINT");
    assert.equal(await watch.ended(), 0);
    assert.equal(watch.stderr, "");
  }
});

test("a watch whose controller stops, is killed or was never there says so and exits 3", async () => {
  await using bench = await Bench.make();
  await using never = bench.spawnVsixctl("watch");
  assert.equal(await never.ended(), 3);
  assert.match(never.stderr, /controller out of reach at /);
  for (const signal of ["SIGTERM", "SIGKILL"] as const) {
    await bench.start();
    await using node = await FakeNode.connect(bench.url, "edge-1", await bench.trusted());
    await using json = bench.spawnVsixctl("watch", "--json");
    await using text = bench.spawnVsixctl("watch");
    await untilHeard(node, json, text);
    await bench.stop(signal);
    assert.equal(await text.ended(), 3);
    assert.match(text.stderr, /the controller at \S+ (ended the stream|has gone away)/);
    assert.equal(await json.ended(), 3);
    assert.deepEqual(Object.keys(eventsOf(json).at(-1) ?? {}), ["error"]);
  }
});
