import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync, statfsSync } from "node:fs";
import { availableParallelism, machine, release } from "node:os";
import { test } from "node:test";
import { promisify } from "node:util";
import { Value } from "@sinclair/typebox/value";
import { parseUp } from "@vsix/shared/contract/parse.ts";
import { topics } from "@vsix/shared/contract/topics.ts";
import { MachineInventory } from "@vsix/shared/contract/up-machine.ts";
import { insideNamespace } from "../kernel/in-namespace.ts";
import { agentMain } from "../programs/bundles.ts";
import { AgentHost, until } from "./agent-process.ts";
import { OpenBroker } from "./broker.ts";
import { document, fabricPart, NODE } from "./documents.ts";
import { makePorts } from "./kernel-dump.ts";

if (await insideNamespace("agent-machine", import.meta.url)) {
  makePorts();
  const broker = await OpenBroker.start();
  const host = new AgentHost(broker.url);
  const topic = topics.up(NODE, "machine");

  test("a node tells of its machine once its controller hears it, and what it tells is so", async () => {
    await host.startGobgpd();
    await host.start();
    await broker.document(document(5));
    await host.reportWhere("converged", (report) => report.converged && report.generation === 5);
    assert.equal(broker.last.get(topic), undefined);
    await broker.document(document(6, { manifest: { hears: ["machine", "weather"] } }));
    await until("it is told", () => broker.last.has(topic));
    const told = parseUp("machine", broker.last.get(topic) ?? new Uint8Array());
    assert.equal(told.node, NODE);
    assert.equal(told.processors, availableParallelism());
    const total = Number(/^MemTotal: +(\d+) kB$/m.exec(readFileSync("/proc/meminfo", "utf8"))?.[1]) * 1024;
    assert.equal(told.memory?.totalOctets, total);
    assert.ok((told.memory?.availableOctets ?? 0) > 0 && (told.memory?.availableOctets ?? 0) < total);
    const [root] = told.filesystems;
    const { bsize, blocks, bfree, bavail } = statfsSync("/");
    assert.equal(root?.path, "/");
    // Others write meanwhile: within a hundredth of the disk.
    const near = (then: number, now: number) => assert.ok(Math.abs(then - now) < (blocks * bsize) / 100);
    near(root?.usedOctets ?? 0, (blocks - bfree) * bsize);
    near(root?.availableOctets ?? 0, bavail * bsize);
    const up = Number.parseFloat(readFileSync("/proc/uptime", "utf8"));
    assert.ok((told.uptimeS ?? 0) > 0 && (told.uptimeS ?? 0) <= up);
    assert.equal(told.load?.length, 3);
    assert.ok(await broker.retained(topic));
  });

  test("digests of the kernel and of what is wanted are the same, stay while nothing changes, and are others for another document", async () => {
    const { kernel } = await host.reportWhere("counted", (report) => report.kernel?.observed !== undefined);
    assert.equal(kernel?.observed, kernel?.wanted);
    for (const { kind, observed, wanted } of kernel?.kinds ?? []) assert.equal(observed, wanted, kind);
    assert.deepEqual((await host.report()).kernel, kernel, "nothing has changed");
    await broker.document(
      document(7, { fabric: fabricPart({ blackholes: ["2001:db8:dead::/48"] }), manifest: { hears: [] } }),
    );
    const later = await host.reportWhere("made so", ({ generation, kernel: now }) => {
      return generation === 7 && now?.wanted !== kernel?.wanted && now?.observed === now?.wanted;
    });
    assert.notEqual(later.kernel?.observed, kernel?.observed);
  });

  test("what the machine is, is found out by a process of its own that says nothing else", async () => {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [
      agentMain(),
      "machine",
      "--json",
    ]);
    assert.equal(stderr, "");
    const inventory: unknown = JSON.parse(stdout);
    assert.ok(Value.Check(MachineInventory, inventory), stdout);
    const versions = new Map(inventory.versions.map(({ name, version }) => [name, version]));
    assert.equal(versions.get("node"), process.versions.node);
    assert.equal(versions.get("kernel"), release());
    assert.equal(inventory.architecture, machine());
    const { stdout: gobgpd } = await promisify(execFile)("gobgpd", ["--version"]);
    assert.ok(gobgpd.includes(versions.get("gobgp") ?? "no version"), gobgpd);
  });

  test.after(async () => {
    await host[Symbol.asyncDispose]();
    await broker[Symbol.asyncDispose]();
  });
}
