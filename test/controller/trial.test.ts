import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import type { ApplyAnswer, RevisionsAnswer } from "../../controller/src/http/schemas.ts";
import type { TrialAnswer } from "../../controller/src/http/schemas-trust.ts";
import { FakeNode } from "../fakes/fake-node.ts";
import { Bench, QUICK, until } from "./harness.ts";

const CONNECTION = "0123456789abcdef";

/** A change of two nodes: blue-sfc and green-sfc. */
async function secondFabric(bench: Bench): Promise<string> {
  const file = join(bench.directory, "second.yaml");
  const text = await readFile(QUICK, "utf8");
  await writeFile(file, text.replace("2001:db8:1::/48], prefers: blue", "2001:db8:1::/48], prefers: green"));
  return file;
}

async function node(bench: Bench, name: string): Promise<FakeNode> {
  const fake = await FakeNode.connect(bench.url, name, await bench.trusted());
  await until("it has a manifest", () => fake.manifests.length > 0);
  await fake.alive();
  return fake;
}

/** Says what an agent says; `change` on top. */
async function say(fake: FakeNode, change: object = {}): Promise<void> {
  const manifest = fake.manifests.at(-1);
  await fake.say("report", {
    version: 1,
    node: fake.name,
    epoch: manifest?.epoch,
    generation: manifest?.generation,
    parts: {},
    converged: true,
    objects: {},
    conditions: [],
    sessions: [],
    abilities: ["confirm"],
    ...change,
  });
}

const trialOf = async (bench: Bench) => (await bench.json<TrialAnswer>("trial")).trial;
/** Starts it in the background: it ends with the trial. */
const applyOnTrial = (bench: Bench, file: string, seconds = "60") =>
  bench.vsixctl("apply", file, "--confirm", seconds, "--json");

test("a change on trial is confirmed node by node, on the connection that each has named, and only once all have", async () => {
  await using bench = await Bench.make();
  await bench.start();
  await bench.vsixctl("apply", QUICK);
  await using blue = await node(bench, "blue-sfc");
  await using green = await node(bench, "green-sfc");
  for (const one of [blue, green]) await say(one);
  const applied = applyOnTrial(bench, await secondFabric(bench));
  await until("both have it", () => [blue, green].every((one) => one.manifests.at(-1)?.generation === 2));
  assert.deepEqual(blue.manifests.at(-1)?.confirm, { withinS: 60 });
  const refused = await bench.vsixctl("edge", "steer", "edge-1", "--plane", "blue", "--wait", "0");
  assert.match(refused.stderr, /revision 2 is on trial/);
  const trial = { epoch: blue.manifests.at(-1)?.epoch, generation: 2, leftMs: 50_000 };
  await say(blue, { trial: { ...trial, connection: CONNECTION } });
  await say(green, { trial });
  await until("blue is ready, green not", async () => {
    const nodes = (await trialOf(bench))?.nodes ?? [];
    return nodes.map(({ state }) => state).join() === "ready,waiting";
  });
  assert.equal(blue.manifests.at(-1)?.confirm?.connection, undefined);
  await say(green, { trial: { ...trial, connection: "f".repeat(16) } });
  await until("both are confirmed", () =>
    [blue, green].every((one) => one.manifests.at(-1)?.confirm?.connection !== undefined),
  );
  assert.equal(blue.manifests.at(-1)?.confirm?.connection, CONNECTION);
  assert.equal(green.manifests.at(-1)?.confirm?.connection, "f".repeat(16));
  // A connection that was lost again is named anew, and confirmed anew.
  await say(green, { trial: { ...trial, connection: "e".repeat(16) } });
  await until("that one too", () => green.manifests.at(-1)?.confirm?.connection === "e".repeat(16));
  for (const one of [blue, green]) await say(one);
  const { code, stdout } = await applied;
  assert.equal(code, 0);
  assert.equal((JSON.parse(stdout) as { trial: { state: string } }).trial.state, "confirmed");
  await until("nothing is left of it", () => blue.manifests.at(-1)?.confirm === undefined);
  assert.match((await bench.vsixctl("audit")).stdout, /confirm\s+\{"revision":2/);
});

test("a node that goes back takes the whole change with it: the revision before returns as a new one", async () => {
  await using bench = await Bench.make();
  await bench.start();
  await bench.vsixctl("apply", QUICK);
  await using blue = await node(bench, "blue-sfc");
  await using green = await node(bench, "green-sfc");
  for (const one of [blue, green]) await say(one);
  const applied = applyOnTrial(bench, await secondFabric(bench));
  await until("blue has it", () => blue.manifests.at(-1)?.generation === 2);
  const epoch = blue.manifests.at(-1)?.epoch;
  const takenBack = {
    at: "2026-01-01T00:00:00Z",
    epoch,
    generation: 2,
    reason: "no confirm came within 60 s",
  };
  await say(blue, { generation: 1, takenBack });
  await until("both get what was before", () =>
    [blue, green].every((one) => one.manifests.at(-1)?.generation === 3),
  );
  for (const one of [blue, green]) await say(one, one === blue ? { takenBack } : {});
  const { code, stdout } = await applied;
  assert.equal(code, 5);
  const { trial } = JSON.parse(stdout) as ApplyAnswer & { trial: NonNullable<TrialAnswer["trial"]> };
  assert.deepEqual([trial.state, trial.restored], ["taken-back", 3]);
  assert.match(trial.nodes.find(({ name }) => name === "blue-sfc")?.why ?? "", /refused generation 2/);
  const { revisions } = await bench.json<RevisionsAnswer>("history");
  assert.match(revisions[0]?.note ?? "", /revision 2 was not confirmed; back to 1/);
});

test("a controller that is killed amid a trial goes back at its start", async () => {
  await using bench = await Bench.make();
  await bench.start();
  await bench.vsixctl("apply", QUICK);
  {
    await using blue = await node(bench, "blue-sfc");
    await say(blue);
    const applied = applyOnTrial(bench, await secondFabric(bench));
    await until("it is on trial", () => blue.manifests.at(-1)?.confirm !== undefined);
    await bench.stop("SIGKILL");
    assert.notEqual((await applied).code, 0);
  }
  await bench.start();
  const { current, revisions } = await bench.json<RevisionsAnswer>("history");
  assert.equal(current, 3);
  assert.match(revisions[0]?.note ?? "", /back to 1/);
  await using blue = await node(bench, "blue-sfc");
  assert.deepEqual([blue.manifests.at(-1)?.generation, blue.manifests.at(-1)?.confirm], [3, undefined]);
});

test("a trial of one plane that is taken back leaves that plane at its own revision before, not at the others'", async () => {
  await using bench = await Bench.make();
  await bench.start();
  const base = join(import.meta.dirname, "../lab/fixtures/triangles.yaml");
  await bench.vsixctl("apply", base);
  const file = join(bench.directory, "green.yaml");
  const cost = async (value: number): Promise<string> => {
    const text = await readFile(base, "utf8");
    await writeFile(
      file,
      text.replace("[green-sfc, green-note], cost: 10", `[green-sfc, green-note], cost: ${value}`),
    );
    return file;
  };
  assert.equal((await bench.vsixctl("apply", await cost(20), "--plane", "green")).code, 0);
  {
    await using one = await node(bench, "green-sfc");
    await using other = await node(bench, "green-note");
    for (const each of [one, other]) await say(each);
    const applied = bench.vsixctl("apply", await cost(30), "--plane", "green", "--confirm", "60", "--json");
    await until("it is on trial", () => one.manifests.at(-1)?.confirm !== undefined);
    await bench.stop("SIGKILL");
    assert.notEqual((await applied).code, 0);
  }
  await bench.start();
  const { current, revisions } = await bench.json<RevisionsAnswer>("history");
  assert.deepEqual([current, revisions[0]?.madeOf], [4, { base: 1, planes: { green: 2 } }]);
  const again = await bench.json<ApplyAnswer>("apply", await cost(20), "--plane", "green");
  assert.equal(again.stored, false, "that is in force");
});

test("the first revision, agents that are too old and nodes that are away cannot be asked", async () => {
  await using bench = await Bench.make();
  await bench.start();
  assert.match((await applyOnTrial(bench, QUICK)).stderr, /nothing to go back to/);
  await bench.vsixctl("apply", QUICK);
  const file = await secondFabric(bench);
  assert.match((await applyOnTrial(bench, file)).stderr, /none of the nodes that would change is online/);
  await using blue = await node(bench, "blue-sfc");
  await blue.report([]);
  await until("it is heard", async () =>
    (await applyOnTrial(bench, file)).stderr.includes("agents of blue-sfc"),
  );
  assert.equal((await bench.json<RevisionsAnswer>("history")).current, 1);
});
