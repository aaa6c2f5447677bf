import assert from "node:assert/strict";
import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { Status } from "../../controller/src/status/model.ts";
import type { RolloutEvidence, RolloutView } from "../../controller/src/status/rollout-model.ts";
import { until } from "./harness.ts";
import { FABRIC, Network } from "./network.ts";

/** As short as can be: a rehearsal of a second each, steps of one. */
const QUICKLY = ["--interval", "1s", "--rehearsal", "1s", "--deadline", "300s"];

test("a healthy rollout ends with everybody moved; its evidence is in the API and in one file that only its owner reads", async () => {
  await using network = await Network.start();
  const { bench } = network;
  const dry = await network.rollout("create", "--to", "green", "--dry-run", ...QUICKLY);
  assert.equal(dry.dryRun, true);
  assert.deepEqual(
    dry.steps.map(({ size }) => size),
    [1, 3, 11, 21],
  );
  assert.match((await bench.vsixctl("rollout", "list")).stdout, /there has been no rollout yet/);
  const created = await network.rollout("create", "--to", "green", "--steps", "1,50%,100%", ...QUICKLY);
  assert.deepEqual(
    created.cohort.map(({ edge }) => edge),
    dry.cohort.map(({ edge }) => edge),
  );
  const watched = await bench.vsixctl("rollout", "watch", String(created.id));
  assert.equal(watched.code, 0, watched.stdout + watched.stderr);
  assert.match(watched.stdout, /rehearsal: back to blue/);
  assert.match(watched.stdout, /21\/21 on green/);
  assert.deepEqual(new Set((await network.wanted()).values()), new Set(["green"]));
  const evidence = await bench.json<RolloutEvidence>("rollout", "show", "--evidence");
  const told = evidence.events.flatMap(({ kind, body }) =>
    kind === "change" ? [(body as { told: string }).told] : [],
  );
  assert.ok(
    told.some((text) => text.startsWith("passed; rehearsal: back to blue")),
    told.join("\n"),
  );
  assert.ok(
    told.some((text) => text === "passed; done"),
    told.join("\n"),
  );
  const file = join(bench.directory, "state/rollouts/1.json");
  assert.equal((await stat(file)).mode & 0o777, 0o600);
  await until("the file tells the end", async () => {
    const kept = JSON.parse(await readFile(file, "utf8")) as RolloutEvidence;
    return kept.rollout.stage === "done" && kept.events.length === evidence.events.length;
  });
  assert.match(
    (await bench.vsixctl("audit", "list")).stdout,
    /rollout\s+\{"rollout":1,.*"told":"passed; done"/,
  );
  assert.equal((await bench.vsixctl("audit", "verify")).code, 0);
});

test("an abort leads everybody back to exactly what it had, and says so", async () => {
  await using network = await Network.start();
  const { bench } = network;
  await bench.vsixctl("edge", "steer", "edge-3", "--plane", "blue", "--wait", "0");
  await bench.vsixctl("edge", "steer", "edge-9", "--plane", "green", "--wait", "5");
  const created = await network.rollout(
    "create",
    "--to",
    "green",
    "--canary",
    "edge-3",
    "--steps",
    "1,50%,100%",
    ...QUICKLY,
  );
  assert.equal(created.cohort.length, 20, "edge-9 is there already");
  assert.deepEqual(created.cohort[0], { edge: "edge-3", before: "blue", left: false, moved: false });
  await network.stage("step", 2);
  const aborted = await bench.vsixctl("rollout", "abort", "--note", "no reason");
  assert.equal(aborted.code, 0, aborted.stdout + aborted.stderr);
  assert.match((await network.newest()).why, /^aborted by \w+: no reason$/);
  const { edges } = await bench.get<Status>("/v1/status");
  for (const { edge, wanted, reason } of edges) {
    const before = edge === "edge-9" ? "green steered" : edge === "edge-3" ? "blue steered" : "blue prefers";
    assert.equal(`${wanted} ${reason}`, before, edge);
  }
  assert.equal((await bench.vsixctl("rollout", "watch", "1")).code, 5);
  assert.match((await bench.vsixctl("rollout", "pause", "1")).stderr, /rollout 1 has ended: aborted/);
});

test("a plane that carries nobody is found by the canaries, and they go back", async () => {
  await using network = await Network.start();
  network.fleet.obeysMed = false;
  const { id } = await network.rollout("create", "--to", "green", "--move", "2s", ...QUICKLY);
  const failed = await network.bench.vsixctl("rollout", "watch", String(id));
  assert.equal(failed.code, 5, failed.stdout);
  assert.match(failed.stdout, /not seen within 2 s: .*: inbound blue, outbound blue at xe-sfc/);
  assert.deepEqual(new Set((await network.wanted()).values()), new Set(["blue"]));
});

test("what would disturb a rollout is refused, or is an exception that is recorded", async () => {
  await using network = await Network.start();
  const { bench } = network;
  const refused = async (pattern: RegExp, ...args: readonly string[]) => {
    const { code, stderr } = await bench.vsixctl(...args);
    assert.equal(code, 1, args.join(" "));
    assert.match(stderr, pattern);
  };
  const create = ["rollout", "create", ...QUICKLY, "--to"];
  await refused(/no plane "red"/, ...create, "red");
  await refused(/edge-99/, ...create, "green", "--select", "edge-99");
  await refused(/no Edge that is chosen is wanted on blue/, ...create, "green", "--select", "tier=lead");
  await refused(/no Edge that is chosen is wanted on green/, ...create, "blue");
  await refused(/edge-1 is wanted on blue, not on green/, ...create, "blue", "--select", "edge-1");
  await refused(
    /edge-9 cannot be a canary/,
    ...create,
    "green",
    "--select",
    "tier=gold",
    "--canary",
    "edge-9",
  );
  await refused(/"x" is no step/, ...create, "green", "--steps", "x");
  await refused(
    /4 steps take 15 s at least/,
    "rollout",
    "create",
    "--to",
    "green",
    "--interval",
    "3s",
    "--rehearsal",
    "1s",
    "--deadline",
    "14s",
  );
  await bench.vsixctl("plane", "drain", "green", "--wait", "0");
  await refused(/green is drained/, ...create, "green");
  await bench.vsixctl("plane", "undrain", "green", "--wait", "0");
  await until("the routers have taken it", async () => (await bench.get<Status>("/v1/status")).ready);

  await network.rollout(
    "create",
    "--to",
    "green",
    "--steps",
    "2,100%",
    "--canary",
    "edge-1",
    "edge-2",
    ...QUICKLY,
    "--interval",
    "10s",
  );
  await refused(/rollout 1 from blue to green is still running/, ...create, "blue");
  await network.stage("step", 1);
  await refused(
    /rollout 1 .* is running, and edge-1 is in it: abort it .* or say --exception/,
    "edge",
    "steer",
    "edge-1",
    "--plane",
    "blue",
  );
  await refused(/edge-2 is in it/, "edge", "release", "edge-2");
  await refused(/green is one of its planes/, "plane", "drain", "green");
  const text = await readFile(FABRIC, "utf8");
  const changed = join(bench.directory, "changed.yaml");
  await writeFile(changed, text.replace("id: 107,", "id: 207,"));
  await refused(/this would change blue-sfc, green-sfc/, "apply", changed);
  await writeFile(changed, text.replace(/(id: 101,[^}]*?)prefers: blue/, "$1prefers: green"));
  await refused(/edge-1 could not go back to blue as before/, "apply", changed);
  await writeFile(changed, `${text}\n# nothing\n`);
  await refused(/nothing can be on trial beside it/, "apply", changed, "--confirm", "5");
  assert.equal((await bench.vsixctl("apply", changed)).code, 0);

  const steered = await bench.vsixctl("edge", "steer", "edge-1", "--plane", "blue", "--exception");
  assert.equal(steered.code, 0, steered.stderr);
  assert.deepEqual(
    (await network.newest()).cohort.filter(({ left }) => left).map(({ edge }) => edge),
    ["edge-1"],
  );
  const drained = await bench.vsixctl("plane", "drain", "blue", "--exception");
  assert.equal(drained.code, 0, drained.stdout + drained.stderr);
  const ended = await network.newest();
  assert.equal(ended.stage, "aborted");
  assert.match(ended.why, /blue was drained by/);
  const { edges } = await bench.get<Status>("/v1/status");
  assert.equal(edges.find(({ edge }) => edge === "edge-2")?.reason, "drained", "as before, and then drained");
  const { stdout } = await bench.vsixctl("rollout", "show", "--evidence");
  assert.match(stdout, /revision 2 came into force beside it/);
  assert.match(stdout, /edge-1 left the cohort: steered by/);
});

test("paused, a rollout takes no step; promoted, it does not wait", async () => {
  await using network = await Network.start();
  // So long that each step is a person's: on a busy machine a rollout is as slow as that.
  const slowly = ["--rehearsal", "5m", "--interval", "5m", "--move", "60s", "--deadline", "2h"];
  await network.rollout("create", "--to", "green", ...slowly);
  const promote = async (stage: string, step: number): Promise<void> => {
    const promoted = await network.rollout("promote");
    assert.deepEqual([promoted.stage, promoted.step], [stage, step]);
    await until("everybody is seen", async () => (await network.newest()).seen);
  };
  await promote("there", 1);
  await network.rollout("pause");
  const paused = await network.bench.vsixctl("rollout", "promote");
  assert.match(paused.stderr, /is paused by \w+; resume it first/);
  await network.rollout("resume");
  await promote("back", 1);
  await promote("step", 1);
  await promote("step", 2);
  assert.equal((await network.bench.vsixctl("rollout", "abort")).code, 0);

  await network.rollout("create", "--to", "green", ...QUICKLY, "--deadline", "300s");
  const held = await network.rollout("pause");
  await until("it could go on", async () => (await network.newest()).verdict?.verdict === "pass");
  await sleep(2500);
  assert.equal((await network.newest()).stage, held.stage, "paused, it does not");
  await network.rollout("resume");
  await network.stage("step", 1);
  assert.equal((await network.bench.vsixctl("rollout", "abort")).code, 0);
});

test("killed in any stage, the controller goes on or goes back; never both, never half", async () => {
  await using network = await Network.start();
  const { bench } = network;
  const restart = async () => {
    await bench.stop("SIGKILL");
    await bench.start();
    // What is told before a node has connected again goes nowhere.
    await until("the fleet is back", async () => {
      const { nodes } = await bench.get<Status>("/v1/status");
      return nodes.every(({ online }) => online);
    });
    network.fleet.tellAgain();
  };
  const agree = async (): Promise<RolloutView> => {
    const rollout = await network.newest();
    const wanted = await network.wanted();
    const { stage, step } = await network.newest();
    // It went on between two answers: they tell of different moments.
    if (stage !== rollout.stage || step !== rollout.step) return agree();
    const { from, to } = rollout;
    for (const { edge, moved } of rollout.cohort)
      assert.equal(wanted.get(edge), moved ? to : from, rollout.stage);
    return rollout;
  };
  const missing = new Set(["baseline 0", "there 1", "back 1", "step 1", "step 2", "step 3"]);
  const killedOnItsWay = async (to: string): Promise<void> => {
    await network.rollout(
      ...["create", "--to", to, "--steps", "1,50%,100%", ...QUICKLY, "--deadline", "300s"],
    );
    for (let seen = await network.newest(); seen.stage !== "done"; seen = await network.other(seen)) {
      if (!missing.delete(`${seen.stage} ${seen.step}`)) continue;
      await restart();
      const after = await agree();
      assert.ok(after.step >= seen.step && after.stage !== "aborted", `${after.stage} after ${seen.stage}`);
    }
    assert.equal((await agree()).cohort.filter(({ moved }) => moved).length, 21);
  };
  await killedOnItsWay("green");
  // On a busy machine it may have gone through a stage while the one before was looked at.
  for (let more = 0; more < 2 && missing.size > 0; more++) {
    await killedOnItsWay("blue");
    await killedOnItsWay("green");
  }
  assert.deepEqual([...missing], [], "stages in which it was never killed");

  await network.rollout("create", "--to", "blue", "--steps", "50%,100%", ...QUICKLY);
  await network.stage("step", 1);
  network.fleet.obeysMed = false;
  const aborting = bench.vsixctl("rollout", "abort");
  await network.stage("going-back");
  await restart();
  network.fleet.obeysMed = true;
  assert.equal((await aborting).code, 0, "it waits for the controller, and tells the end");
  assert.equal((await network.stage("aborted")).cohort.filter(({ moved }) => moved).length, 0);
  assert.deepEqual(new Set((await network.wanted()).values()), new Set(["green"]));
});
