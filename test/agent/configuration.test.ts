import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { FEED_PORT } from "../../agent/src/core/ownership.ts";
import { insideNamespace } from "../kernel/in-namespace.ts";
import { AgentHost } from "./agent-process.ts";
import { OpenBroker } from "./broker.ts";
import { document, fabricPart } from "./documents.ts";
import { dumpKernel, makePorts } from "./kernel-dump.ts";

if (await insideNamespace("agent-config", import.meta.url)) {
  makePorts();
  // The kernel tells of a carrier up to a second later: that is no change of the agent's.
  for (let i = 0; i < 100 && JSON.stringify(dumpKernel()).includes("NO-CARRIER"); i++) await sleep(50);

  // `ip netns exec` gives this process mounts of its own: they go with it.
  const mount = (args: readonly string[]): void => {
    const { status, stderr } = spawnSync("mount", args, { encoding: "utf8" });
    assert.equal(status, 0, stderr);
  };
  const umount = (path: string): void => void spawnSync("umount", ["-l", path]);

  /** Runs an agent that must end by itself, and returns what it said. */
  const refused = async (change: object): Promise<string> => {
    await using host = new AgentHost("mqtt://[::1]:1", change);
    const before = dumpKernel();
    host.spawn();
    assert.equal(await host.ended(60_000), 2, host.log);
    assert.deepEqual(dumpKernel(), before);
    assert.doesNotMatch(host.log, /\n\s+at /);
    return host.log;
  };

  test("a wrong field is named and the exit status is 2", async () => {
    const controller = { url: "mqtt://[::1]:1", publicKeyFiles: ["/nonexistent/controller.pub"] };
    assert.match(await refused({ node: "Not A Name" }), /\/node/);
    assert.match(await refused({ unknown: 1 }), /\/unknown/);
    assert.match(await refused({ stateDir: 7 }), /\/stateDir/);
    assert.match(await refused({ controller: { ...controller, url: "http://[::1]" } }), /\/controller\/url/);
    assert.match(await refused({ controller: { ...controller, url: "mqtt://[::1" } }), /\/controller\/url/);
    assert.match(await refused({ controller }), /\/controller\/publicKeyFiles\/0.*nonexistent/);
    assert.match(await refused({ gobgp: {} }), /\/gobgp\/socket/);
    assert.match(await refused({ logLevel: "loud" }), /\/logLevel/);
  });

  test("a key that is none, a file that is no JSON and an unknown option are told in one line", async () => {
    await using host = new AgentHost("mqtt://[::1]:1");
    writeFileSync(join(host.directory, "controller.pub"), "not a key\n");
    host.spawn();
    assert.equal(await host.ended(60_000), 2);
    assert.match(host.log, /publicKeyFiles\/0/);
    writeFileSync(host.configFile, "{");
    host.spawn();
    assert.equal(await host.ended(60_000), 2);
    assert.match(host.log, /agent\.json/);
    assert.equal((await host.ask("plan", "--nonsense")).code, 2);
  });

  test("a state directory that cannot be written to is named, nothing runs on and nothing is changed", async () => {
    await using host = new AgentHost("mqtt://[::1]:1");
    writeFileSync(host.stateDir, "a file is in the way");
    host.spawn();
    assert.equal(await host.ended(60_000), 2);
    assert.match(host.log, /\/stateDir.*state/);
    // Read-only even for root.
    rmSync(host.stateDir);
    mkdirSync(host.stateDir);
    mount(["-t", "tmpfs", "-o", "ro", "none", host.stateDir]);
    try {
      host.spawn();
      assert.equal(await host.ended(60_000), 2);
      assert.match(host.log, /\/stateDir.*(EROFS|read-only)/i);
    } finally {
      umount(host.stateDir);
    }
  });

  test("a disk that takes no more does not stop steering; it is told, and the document is written once it can be", async () => {
    await using broker = await OpenBroker.start();
    await using host = new AgentHost(broker.url);
    mkdirSync(host.stateDir);
    mount(["-t", "tmpfs", "-o", "size=256k", "none", host.stateDir]);
    try {
      await host.start();
      await broker.document(document(1));
      await host.reportWhere("generation 1", ({ generation }) => generation === 1);
      mount(["-o", "remount,ro", host.stateDir]);
      await broker.document(document(2, { fabric: fabricPart({ blackholes: [] }) }));
      const report = await host.reportWhere(
        "generation 2, not on disk",
        ({ generation, conditions }) =>
          generation === 2 && conditions.some(({ object }) => object === "document store"),
      );
      const found = report.conditions.find(({ object }) => object === "document store");
      assert.equal(found?.state, "error");
      assert.match(found?.reason ?? "", /EROFS|read-only/i);
      mount(["-o", "remount,rw", host.stateDir]);
      await host.reportWhere("on disk", ({ conditions }) =>
        conditions.every(({ object }) => object !== "document store"),
      );
      await host.stop("SIGKILL");
      await host.start();
      assert.equal((await host.report()).generation, 2);
      await host.stop();
    } finally {
      await host.stop("SIGKILL");
      umount(host.stateDir);
    }
  });

  test("a second agent on the same state directory is refused and the first goes on", async () => {
    await using broker = await OpenBroker.start();
    await using first = new AgentHost(broker.url);
    await using second = new AgentHost(broker.url, { stateDir: first.stateDir });
    await first.start();
    await broker.document(document(1));
    await first.reportWhere("generation 1", ({ generation }) => generation === 1);
    second.spawn();
    assert.equal(await second.ended(60_000), 1);
    assert.match(second.log, /another agent is running/);
    assert.equal((await first.report()).generation, 1);
  });

  test("while the receiver's port is taken the rest is made and the condition says so; freed, it is used", async () => {
    await using broker = await OpenBroker.start();
    await using host = new AgentHost(broker.url);
    const squatter = createServer().listen(FEED_PORT, "::1");
    await once(squatter, "listening");
    await host.startGobgpd();
    await host.start();
    await broker.document(document(1));
    const report = await host.reportWhere(
      "the port is taken",
      ({ generation, objects, conditions }) =>
        generation === 1 &&
        objects["sid"] === 2 &&
        conditions.some(({ object }) => object === "best-path receiver"),
    );
    const found = report.conditions.find(({ object }) => object === "best-path receiver");
    assert.match(found?.reason ?? "", /EADDRINUSE/);
    squatter.close();
    await host.reportWhere("converged", ({ converged }) => converged);
  });

  test("a damaged or forged document on disk is not used, and said so", async () => {
    await using host = new AgentHost("mqtt://[::1]:1");
    host.makeStateDir();
    writeFileSync(join(host.stateDir, "document.json"), "{");
    mkdirSync(join(host.stateDir, "document.previous.json"));
    const before = dumpKernel();
    await host.start();
    const report = await host.report();
    assert.equal(report.generation, 0);
    assert.equal(report.refused?.code, "malformed");
    assert.deepEqual(dumpKernel(), before);
  });
}
