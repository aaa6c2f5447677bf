import assert from "node:assert/strict";
import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { topics } from "@vsix/shared/contract/topics.ts";
import type { Fabric } from "@vsix/shared/fabric/model.ts";
import { parseFabric } from "@vsix/shared/fabric/parse.ts";
import type { MoveAnswer, RevisionsAnswer } from "../../controller/src/http/schemas.ts";
import type { Status } from "../../controller/src/status/model.ts";
import { FakeFleet } from "../fakes/fake-fleet.ts";
import { FakeNode } from "../fakes/fake-node.ts";
import { Bench, QUICK, until } from "./harness.ts";

async function quickFabric(): Promise<Fabric> {
  const parsed = parseFabric(await readFile(QUICK, "utf8"), QUICK);
  if (!parsed.ok) throw new Error("examples/quick.yaml has faults");
  return parsed.fabric;
}

test("an Edge is steered, a plane drained, and each says what was observed", async () => {
  await using bench = await Bench.make();
  await bench.start();
  assert.equal((await bench.vsixctl("apply", QUICK, "--note", "first")).code, 0);
  await using fleet = await FakeFleet.connect(bench.url, await quickFabric(), await bench.trusted());
  await until("everything is ready", async () => (await bench.get<Status>("/v1/status")).ready);

  const green = await bench.json<MoveAnswer>("edge", "steer", "edge-1", "--plane", "green");
  assert.equal(green.observed, true, green.missing.join("; "));
  assert.deepEqual(
    green.sightings.map(({ direction, before, now }) => [direction, before, now]),
    [
      ["inbound", "blue", "green"],
      ["outbound", "blue", "green"],
    ],
  );
  assert.ok(green.sightings.every(({ ms }) => ms !== null));

  await fleet.beat();
  const drained = await bench.vsixctl("plane", "drain", "blue");
  assert.equal(drained.code, 0, drained.stdout + drained.stderr);
  assert.match(drained.stdout, /noc wanted on green \(drained\)/);

  const refused = await bench.vsixctl("plane", "drain", "green");
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /would leave no working plane to edge-1, noc/);
  const toDrained = await bench.vsixctl("edge", "steer", "edge-1", "--plane", "blue");
  assert.equal(toDrained.code, 1);
  assert.match(toDrained.stderr, /blue is drained/);
  assert.equal((await bench.vsixctl("plane", "undrain", "blue")).code, 0);

  const unknown = await bench.vsixctl("edge", "steer", "edge-9", "--plane", "blue");
  assert.equal(unknown.code, 1);
  assert.match(unknown.stderr, /no Edge "edge-9"; Edges: edge-1, noc/);
  assert.match((await bench.vsixctl("edge", "steer", "noc", "--plane", "red")).stderr, /planes: blue, green/);
  assert.match((await bench.vsixctl("audit")).stdout, /drain\s+\{"plane":"blue"/);

  const cleared = fleet.nodes.get("blue-sfc");
  assert.ok(cleared !== undefined && cleared.manifests.length >= 4);
});

test("a plane whose routers are offline is not drained towards, unless forced", async () => {
  await using bench = await Bench.make();
  await bench.start();
  await bench.vsixctl("apply", QUICK);
  const refused = await bench.vsixctl("plane", "drain", "blue", "--wait", "0");
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /no working plane/);
  assert.equal((await bench.vsixctl("plane", "drain", "blue", "--force", "--wait", "0")).code, 4);
});

test("a steer that packets do not follow exits 4 and says what was seen, and status says MED is overruled", async () => {
  await using bench = await Bench.make();
  await bench.start();
  await bench.vsixctl("apply", QUICK);
  await using fleet = await FakeFleet.connect(bench.url, await quickFabric(), await bench.trusted());
  await until("everything is ready", async () => (await bench.get<Status>("/v1/status")).ready);
  fleet.obeysMed = false;
  const steered = await bench.vsixctl("edge", "steer", "edge-1", "--plane", "green", "--wait", "5");
  assert.equal(steered.code, 4);
  assert.match(steered.stdout, /edge-1 inbound on green was not seen by xe-sfc: it is on blue/);
  await until("the note is there", async () => {
    await fleet.beat();
    return (await bench.vsixctl("edge", "list")).stdout.includes("MED is overruled");
  });
});

test("after kill -9 the epoch grows, generations stay, and all is retained again", async () => {
  await using bench = await Bench.make();
  await bench.start();
  await bench.vsixctl("apply", QUICK);
  await bench.vsixctl("edge", "steer", "edge-1", "--plane", "green", "--wait", "0");
  const trusted = await bench.trusted();
  const before = await manifestOf(bench, "blue-sfc", trusted);
  await bench.stop("SIGKILL");
  await bench.start();
  const after = await manifestOf(bench, "blue-sfc", trusted);
  assert.equal(after.epoch, before.epoch + 1);
  assert.equal(after.generation, before.generation);
  assert.deepEqual(after.parts, before.parts);
  const status = await bench.json<Status>("status");
  assert.equal(status.edges.find(({ edge }) => edge === "edge-1")?.wanted, "green");
  assert.equal(await bench.stop(), 0);
});

async function manifestOf(bench: Bench, name: string, trusted: Awaited<ReturnType<Bench["trusted"]>>) {
  await using node = await FakeNode.connect(bench.url, name, trusted);
  await until("manifest and parts are there", () => {
    const newest = node.manifests.at(-1);
    return newest?.parts.every(({ sha256 }) => node.parts.has(sha256)) ?? false;
  });
  const manifest = node.manifests.at(-1);
  assert.ok(manifest);
  return manifest;
}

test("a fabric file with faults names each by line, and nothing of it is applied", async () => {
  await using bench = await Bench.make();
  await bench.start();
  const file = join(bench.directory, "bad.yaml");
  const text = await readFile(QUICK, "utf8");
  await writeFile(
    file,
    text.replace("role: edge, site: sfc, as: 65001", "role: edgy, site: nowhere, as: 65001"),
  );
  const applied = await bench.vsixctl("apply", file);
  assert.equal(applied.code, 1);
  const [first] = applied.stderr.split("\n");
  assert.match(first ?? "", /bad\.yaml:\d+:\d+: /);
  assert.equal((await bench.json<RevisionsAnswer>("history")).revisions.length, 0);
});

test("dry run stores nothing; rollback makes a new revision of an old text; the same file is no new revision", async () => {
  await using bench = await Bench.make();
  await bench.start();
  const dry = await bench.vsixctl("apply", QUICK, "--dry-run");
  assert.match(dry.stdout, /dry run: 5 nodes would change, nothing is stored/);
  await bench.vsixctl("apply", QUICK);
  assert.match((await bench.vsixctl("apply", QUICK)).stdout, /nothing to do/);
  const file = join(bench.directory, "second.yaml");
  const text = await readFile(QUICK, "utf8");
  await writeFile(file, text.replace("2001:db8:1::/48], prefers: blue", "2001:db8:1::/48], prefers: green"));
  const second = await bench.vsixctl("apply", file);
  assert.match(second.stdout, /~ steering edges edge-1 med/);
  assert.match((await bench.vsixctl("rollback", "1")).stdout, /revision 3: 3 nodes changed/);
  const history = await bench.json<RevisionsAnswer>("history");
  assert.deepEqual(
    history.revisions.map(({ revision, note }) => [revision, note]),
    [
      [3, "rollback to 1"],
      [2, ""],
      [1, ""],
    ],
  );
  assert.match((await bench.vsixctl("rollback", "9")).stderr, /no revision 9/);
  const out = join(bench.directory, "bundle.json");
  assert.equal((await bench.vsixctl("node", "bundle", "xe-sfc", "--out", out)).code, 0);
  const bundle = JSON.parse(await readFile(out, "utf8")) as { parts: unknown[] };
  assert.equal(bundle.parts.length, 3);
  assert.match((await bench.vsixctl("node", "bundle", "wide", "--out", out)).stderr, /wide runs bird/);
});

test("hostile messages change nothing: wrong shapes, a foreign name, a huge payload, unknown topics", async () => {
  await using bench = await Bench.make();
  await bench.start();
  await bench.vsixctl("apply", QUICK);
  const trusted = await bench.trusted();
  {
    await using node = await FakeNode.connect(bench.url, "edge-1", trusted);
    await node.say("report", { version: 1 });
    await node.sayRaw(topics.up("edge-1", "report"), "{");
    await node.sayRaw(topics.up("edge-1", "observation"), Buffer.from([0xff, 0xfe]));
    await node.say("alive", {
      version: 1,
      node: "noc",
      state: "online",
      beat: 1,
      agentVersion: "x",
      instance: "x",
    });
    await node.sayRaw(topics.up("edge-1", "alive"), "x".repeat(10_000));
  }
  await until("all are counted", async () => (await bench.get<Status>("/v1/status")).messages.refused === 5);
  for (const [topic, payload] of [
    [topics.up("edge-1", "report"), Buffer.alloc(2 * 1024 * 1024)],
    [topics.manifest("edge-1"), Buffer.from("{}")],
    ["vsix/v1/edge-1/nonsense", Buffer.from("{}")],
    ["something/else", Buffer.from("{}")],
  ] as const) {
    await using node = await FakeNode.connect(bench.url, "edge-1", trusted);
    const sent = node.sayRaw(topic, payload).then(
      () => "taken",
      () => "cut off",
    );
    const outcome = await Promise.race([
      sent,
      new Promise((resolve) => setTimeout(resolve, 500, "not acknowledged")),
    ]);
    assert.notEqual(outcome, "taken", topic);
  }
  const status = await bench.json<Status>("status");
  assert.equal(status.messages.accepted, 0);
  assert.equal(
    status.nodes.every(({ online }) => !online),
    true,
  );
  await using good = await FakeNode.connect(bench.url, "edge-1", trusted);
  await good.alive();
  await until("it is online", async () => {
    const { nodes } = await bench.json<Status>("status");
    return nodes.find(({ name }) => name === "edge-1")?.online ?? false;
  });
});

test("the socket is for its owner only, a second controller is refused, and vsixctl says when there is none", async () => {
  await using bench = await Bench.make();
  const none = await bench.vsixctl("status");
  assert.equal(none.code, 3);
  assert.match(none.stderr, /out of reach/);
  assert.equal((await bench.vsixctl("edge", "steer")).code, 2);
  await bench.start();
  assert.equal((await stat(bench.socket)).mode & 0o777, 0o600);
  const second = await bench.runSecond();
  assert.equal(second.code, 1);
  assert.match(second.stderr, /another controller uses this stateDir/);
  assert.equal((await bench.vsixctl("status")).code, 0);
  assert.equal((await stat(join(bench.directory, "state/signing.key"))).mode & 0o777, 0o600);
});
