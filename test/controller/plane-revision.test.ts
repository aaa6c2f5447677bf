import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { parseFabric } from "@vsix/shared/fabric/parse.ts";
import type { ApplyAnswer, RevisionsAnswer } from "../../controller/src/http/schemas.ts";
import type { Status } from "../../controller/src/status/model.ts";
import type { RolloutView } from "../../controller/src/status/rollout-model.ts";
import { FakeFleet } from "../fakes/fake-fleet.ts";
import { Bench, until } from "./harness.ts";

const FABRIC = join(import.meta.dirname, "../lab/fixtures/triangles.yaml");
const QUICKLY = ["--interval", "1s", "--rehearsal", "1s", "--move", "60s", "--deadline", "300s"];

class Network implements AsyncDisposable {
  readonly bench: Bench;
  readonly fleet: FakeFleet;
  readonly text: string;
  readonly #stop = new AbortController();
  readonly #telling: Promise<void>;

  private constructor(bench: Bench, fleet: FakeFleet, text: string) {
    this.bench = bench;
    this.fleet = fleet;
    this.text = text;
    this.#telling = this.#tell();
  }

  static async start(): Promise<Network> {
    const bench = await Bench.make();
    await bench.start();
    const text = await readFile(FABRIC, "utf8");
    assert.equal((await bench.vsixctl("apply", FABRIC)).code, 0);
    const parsed = parseFabric(text, FABRIC);
    assert.ok(parsed.ok);
    const network = new Network(
      bench,
      await FakeFleet.connect(bench.url, parsed.fabric, await bench.trusted()),
      text,
    );
    await network.ready();
    return network;
  }

  async ready(): Promise<void> {
    await until("everything is ready", async () => (await this.status()).ready);
  }

  async status(): Promise<Status> {
    return this.bench.get<Status>("/v1/status");
  }

  /** A file in which these words are others. */
  async file(...changes: readonly (readonly [string, string])[]): Promise<string> {
    const path = join(this.bench.directory, "changed.yaml");
    await writeFile(
      path,
      changes.reduce((all, [from, to]) => all.replace(from, to), this.text),
    );
    return path;
  }

  async generations(): Promise<Readonly<Record<string, number>>> {
    const { nodes } = await this.status();
    return Object.fromEntries(nodes.map(({ name, wantedGeneration }) => [name, wantedGeneration]));
  }

  async planes(): Promise<Readonly<Record<string, number>>> {
    const { planes } = await this.status();
    return Object.fromEntries(planes.map(({ plane, revision }) => [plane, revision]));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#telling;
    await this.fleet[Symbol.asyncDispose]();
    await this.bench[Symbol.asyncDispose]();
  }

  async #tell(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      await this.fleet.tell().catch(() => undefined);
      await sleep(250, undefined, { signal: this.#stop.signal }).catch(() => undefined);
    }
  }
}

const GREEN = ["[green-sfc, green-note], cost: 10", "[green-sfc, green-note], cost: 25"] as const;
const BLUE = ["[blue-sfc, blue-note], cost: 10", "[blue-sfc, blue-note], cost: 15"] as const;

/** Nodes whose manifest grew. */
function grown(before: Readonly<Record<string, number>>, after: Readonly<Record<string, number>>): string[] {
  return Object.keys(after).filter((name) => after[name] !== before[name]);
}

test("a revision comes to one plane alone, over a restart too; a rollout brings the rest when everybody is there", async () => {
  await using network = await Network.start();
  const { bench } = network;
  const before = await network.generations();
  const file = await network.file(GREEN, BLUE);
  const dry = await bench.json<ApplyAnswer>("apply", file, "--plane", "green", "--dry-run");
  assert.deepEqual(
    [dry.diff.map(({ node }) => node), dry.held],
    [["green-sfc", "green-note"], ["the link blue-sfc--blue-note would change"]],
  );
  const applied = await bench.vsixctl("apply", file, "--plane", "green");
  assert.equal(applied.code, 0, applied.stderr);
  assert.match(applied.stdout, /waits for an apply of the whole file: the link blue-sfc--blue-note/);
  assert.match(applied.stdout, /revision 2 of green alone: 2 nodes changed/);
  assert.deepEqual(grown(before, await network.generations()), ["green-sfc", "green-note"]);
  assert.deepEqual(await network.planes(), { blue: 1, green: 2 });
  assert.match(
    (await bench.vsixctl("apply", file, "--plane", "green")).stdout,
    /this very file; nothing to do/,
  );
  assert.match((await bench.vsixctl("history")).stdout, /2\*\s+green 2, else 1/);

  // Steering keeps it, and so does a restart.
  await bench.vsixctl("edge", "steer", "edge-3", "--plane", "green", "--wait", "5");
  await bench.vsixctl("edge", "release", "edge-3", "--wait", "5");
  const held = await network.generations();
  await bench.stop("SIGKILL");
  await bench.start();
  await network.ready();
  assert.deepEqual(await network.planes(), { blue: 1, green: 2 });
  assert.deepEqual(await network.generations(), held);

  // Some Edges only: blue still carries the others, and keeps what it has.
  network.fleet.tellAgain();
  const some = ["--select", "edge-1,edge-2", "--steps", "100%", ...QUICKLY];
  await bench.json<RolloutView>("rollout", "create", "--to", "green", ...some);
  // By its number: it may have ended before it is watched.
  const partly = await bench.vsixctl("rollout", "watch", "1");
  assert.equal(partly.code, 0, partly.stdout + partly.stderr);
  await sleep(2500);
  assert.deepEqual(await network.planes(), { blue: 1, green: 2 });

  await bench.json<RolloutView>("rollout", "create", "--to", "green", "--steps", "100%", ...QUICKLY);
  const watched = await bench.vsixctl("rollout", "watch", "2");
  assert.equal(watched.code, 0, watched.stdout + watched.stderr);
  await until("the rest is brought", async () => (await network.planes())["blue"] === 3);
  assert.deepEqual(await network.planes(), { blue: 3, green: 3 });
  const { revisions } = await bench.json<RevisionsAnswer>("history");
  assert.equal(revisions[0]?.note, "rollout 2 is done: revision 2 for the whole network");
  assert.equal(revisions[0]?.madeOf, null);
  const blue = Object.entries(await network.generations()).filter(
    ([name, generation]) => name.startsWith("blue") && generation === (held[name] ?? 0),
  );
  assert.deepEqual(
    blue.map(([name]) => name),
    ["blue-kote"],
    "which the file leaves alone",
  );
});

test("an apply of the whole file and a rollback know of planes that are of different revisions", async () => {
  await using network = await Network.start();
  const { bench } = network;
  const file = await network.file(GREEN, BLUE);
  assert.equal((await bench.vsixctl("apply", file, "--plane", "green")).code, 0);
  const whole = await bench.json<ApplyAnswer>("apply", file);
  assert.deepEqual([whole.stored, whole.diff.map(({ node }) => node)], [true, ["blue-sfc", "blue-note"]]);
  assert.deepEqual(await network.planes(), { blue: 3, green: 3 });
  assert.equal((await bench.vsixctl("rollback", "2")).code, 0);
  assert.deepEqual(await network.planes(), { blue: 1, green: 2 });
  // Blue's turn: two planes of two files.
  assert.equal((await bench.vsixctl("apply", file, "--plane", "blue")).code, 0);
  assert.deepEqual(await network.planes(), { blue: 5, green: 2 });
  assert.equal((await bench.vsixctl("rollback", "1")).code, 0);
  assert.deepEqual(await network.planes(), { blue: 6, green: 6 });
  const policies = await network.file(["policies:", "policies:\n  holdS: 3"], GREEN);
  const refused = await bench.vsixctl("apply", policies, "--plane", "green");
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /not of green alone: the policies: of the whole network/);
  assert.match((await bench.vsixctl("apply", policies, "--plane", "red")).stderr, /there is no plane "red"/);
  assert.deepEqual(await network.planes(), { blue: 6, green: 6 });
});

test("no rollout begins towards a plane with a router that is away, behind, or not converged", async () => {
  await using network = await Network.start();
  const { bench, fleet } = network;
  const refused = async (pattern: RegExp): Promise<void> => {
    const { code, stderr } = await bench.vsixctl("rollout", "create", "--to", "green", ...QUICKLY);
    assert.equal(code, 1);
    assert.match(stderr, pattern);
  };
  const kote = fleet.nodes.get("green-kote");
  assert.ok(kote !== undefined);
  const manifest = kote.manifests.at(-1);
  const report = {
    ...{ version: 1, node: "green-kote", epoch: manifest?.epoch ?? 0, generation: manifest?.generation ?? 0 },
    ...{ parts: {}, converged: false, objects: {}, conditions: [], sessions: [] },
  };
  await kote.say("report", report);
  await until("it has told", async () => !(await network.status()).ready);
  await refused(/green is not ready: green-kote has not converged/);
  // It does not take what the plane is given.
  await kote[Symbol.asyncDispose]();
  fleet.nodes.delete("green-kote");
  const file = await network.file(["[green-sfc, green-kote], cost: 10", "[green-sfc, green-kote], cost: 25"]);
  assert.equal((await bench.vsixctl("apply", file, "--plane", "green")).code, 0);
  await refused(/green is not ready: green-kote holds manifest 1, 2 is published/);
  await until("its lease is over", async () => {
    const { nodes } = await network.status();
    return nodes.find(({ name }) => name === "green-kote")?.online === false;
  });
  await refused(/green is not ready: green-kote is offline/);
  assert.match((await bench.vsixctl("rollout", "list")).stdout, /there has been no rollout yet/);
});
