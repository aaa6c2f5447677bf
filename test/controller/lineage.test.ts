import assert from "node:assert/strict";
import { cp, rm } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import type { RaiseAnswer } from "../../controller/src/http/schemas-trust.ts";
import type { Status } from "../../controller/src/status/model.ts";
import { FakeNode } from "../fakes/fake-node.ts";
import { Bench, QUICK, until } from "./harness.ts";

const steer = ["edge", "steer", "edge-1", "--wait", "0", "--plane"] as const;

test("restored from an older backup it publishes nothing and says so, until the epoch is raised", async () => {
  await using bench = await Bench.make();
  const [state, backup] = [join(bench.directory, "state"), join(bench.directory, "backup")];
  await bench.start();
  assert.equal((await bench.vsixctl("apply", QUICK)).code, 0);
  await bench.stop();
  await cp(state, backup, { recursive: true });
  await bench.start();
  await bench.vsixctl(...steer, "green");
  await using node = await FakeNode.connect(bench.url, "blue-sfc", await bench.trusted());
  await until("the steer has reached the node", () => node.manifests.at(-1)?.generation === 2);
  // Its next start is of the very epoch that the node holds, and the one after that of a newer one.
  for (let restores = 0; restores < 2; restores++) {
    await bench.stop();
    if (restores === 0) {
      await rm(state, { recursive: true });
      await cp(backup, state, { recursive: true });
    }
    // Told with its first breath, as an agent does: the controller listens for a moment only before it publishes.
    const told = node.report([]);
    await bench.start();
    await told;
    await until("status says so", async () => {
      const { why, ready } = await bench.get<Status>("/v1/status");
      return !ready && why.some((one) => /NEWER .*blue-sfc holds generation 2 of epoch 2/.test(one));
    });
    const refused = await bench.vsixctl(...steer, "blue");
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, /older backup.*epoch raise/);
    assert.equal((await bench.vsixctl("apply", QUICK)).code, 0, "nothing to do is no change");
    assert.equal(node.manifests.at(-1)?.epoch, 2, "nothing was published");
  }
  const raised = await bench.json<RaiseAnswer>("epoch", "raise");
  assert.deepEqual([raised.epoch, raised.over.length], [4, 1]);
  await until("the node hears the new epoch", () => node.manifests.at(-1)?.epoch === 4);
  await node.report([]);
  assert.equal((await bench.vsixctl(...steer, "green")).code, 4);
  await until("and the steer", () => node.manifests.at(-1)?.generation === 2);
  const { why } = await bench.get<Status>("/v1/status");
  assert.ok(!why.some((one) => one.includes("NEWER")));
  const audit = (await bench.vsixctl("audit")).stdout;
  assert.match(audit, /epoch-raise/);
  assert.match(audit, /controller\s+fleet-newer/);
});

test("a second controller with a database of its own publishes nothing over the first one's nodes", async () => {
  await using bench = await Bench.make();
  await bench.start();
  await using node = await FakeNode.connect(bench.url, "blue-sfc", await bench.trusted());
  await node.say("report", {
    version: 1,
    node: "blue-sfc",
    epoch: 3,
    generation: 9,
    parts: {},
    converged: true,
    objects: {},
    conditions: [],
    sessions: [],
    refused: { at: new Date().toISOString(), code: "unknown-key", reason: "not trusted here" },
  });
  await until("it has heard", async () =>
    (await bench.get<Status>("/v1/status")).why.some((one) => /published nothing yet/.test(one)),
  );
  const applied = await bench.vsixctl("apply", QUICK);
  assert.equal(applied.code, 1);
  assert.match(applied.stderr, /another controller/);
  assert.deepEqual(node.manifests, []);
});

test("a second controller with the same key and fabric is silent, though its epochs and generations are higher", async () => {
  await using bench = await Bench.make();
  await bench.start();
  await bench.vsixctl("apply", QUICK);
  await using node = await FakeNode.connect(bench.url, "blue-sfc", await bench.trusted());
  await until("it has a manifest", () => node.manifests.length > 0);
  const first = node.manifests.at(-1)?.lineage;
  assert.ok(first !== undefined);
  await bench.stop();
  await rm(join(bench.directory, "state/controller.db"));
  await rm(join(bench.directory, "state/controller.db-wal"), { force: true });
  await rm(join(bench.directory, "state/audit.head"), { force: true });
  for (let starts = 0; starts < 3; starts++) {
    await bench.start();
    if (starts === 0) await bench.vsixctl("apply", QUICK);
    if (starts < 2) await bench.stop();
  }
  await until("it publishes, as nobody tells it of another one", () => node.manifests.at(-1)?.epoch === 3);
  const heard = node.manifests.length;
  await node.say("report", {
    version: 1,
    node: "blue-sfc",
    epoch: 1,
    generation: 1,
    lineage: first,
    parts: {},
    converged: true,
    objects: {},
    conditions: [],
    sessions: [],
  });
  await until("status says so", async () =>
    (await bench.get<Status>("/v1/status")).why.some((one) => /another controller's database/.test(one)),
  );
  assert.equal((await bench.vsixctl(...steer, "green")).code, 1);
  assert.equal(node.manifests.length, heard);
});

test("a node's newest number stands in what is signed for it, and in nobody else's", async () => {
  await using bench = await Bench.make();
  await bench.start();
  const [first, second] = ["a".repeat(32), "b".repeat(32)];
  await using fresh = await FakeNode.connect(bench.url, "blue-sfc", await bench.trusted());
  await using other = await FakeNode.connect(bench.url, "green-sfc", await bench.trusted());
  // Asked before there is a fabric, and again.
  await fresh.say("hello", { version: 1, node: "blue-sfc", nonce: first });
  await bench.vsixctl("apply", QUICK);
  await until("it is answered", () => fresh.manifests.at(-1)?.nonce === first);
  await fresh.say("hello", { version: 1, node: "blue-sfc", nonce: second });
  await until("the newest is", () => fresh.manifests.at(-1)?.nonce === second);
  await fresh.say("hello", { version: 1, node: "green-sfc", nonce: first });
  await fresh.say("hello", { version: 1, node: "blue-sfc", nonce: "short" });
  await until("both are refused", async () => (await bench.get<Status>("/v1/status")).messages.refused === 2);
  assert.ok(fresh.manifests.every(({ nonce }) => nonce === first || nonce === second));
  await until("the other has a manifest", () => other.manifests.length > 0);
  assert.ok(other.manifests.every(({ nonce }) => nonce === undefined));
});
