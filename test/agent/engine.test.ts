import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { insideNamespace, ipJson } from "../kernel/in-namespace.ts";
import { AgentHost, until } from "./agent-process.ts";
import { OpenBroker } from "./broker.ts";
import { document, EDGE_PEER } from "./documents.ts";
import { dumpKernel, makePorts } from "./kernel-dump.ts";

const PREFIXES = Array.from({ length: 20 }, (_, i) => `2001:db8:c0:${i.toString(16)}::/64`);

if (await insideNamespace("agent-engine", import.meta.url)) {
  makePorts();
  const broker = await OpenBroker.start();
  const host = new AgentHost(broker.url);
  test.after(async () => {
    await host[Symbol.asyncDispose]();
    await broker[Symbol.asyncDispose]();
  });
  const learned = (): number =>
    ipJson(["-6", "route", "show", "proto", "118"]).filter(({ dst }) => /^2001:db8:c0:/.test(String(dst)))
      .length;

  /** Best paths as a neighbour would bring them. */
  const announce = async (): Promise<void> => {
    for (const prefix of PREFIXES) {
      const args = ["global", "rib", "add", "-a", "ipv6", prefix, "nexthop", EDGE_PEER];
      const { code, stderr, stdout } = await host.gobgp(...args);
      assert.equal(code, 0, stderr + stdout);
    }
  };

  test("without GoBGP addresses, SIDs and routes of the document are made, and the condition says why it is not converged", async () => {
    await host.start();
    await broker.document(document(1));
    const report = await host.reportWhere(
      "the rest is made",
      ({ objects, conditions }) =>
        objects["sid"] === 2 && conditions.some(({ object }) => object === "bgp engine"),
    );
    const engine = report.conditions.find(({ object }) => object === "bgp engine");
    assert.equal(engine?.state, "error");
    assert.match(engine?.reason ?? "", /gobgp\.sock|ENOENT|connect/i);
    assert.equal(report.converged, false);
    assert.deepEqual([report.objects["address"], report.objects["route"], report.objects["rule"]], [3, 2, 1]);
  });

  test("when GoBGP appears the agent converges by itself", async () => {
    await host.startGobgpd();
    const report = await host.reportWhere("converged", ({ converged }) => converged);
    assert.deepEqual(report.conditions, []);
    assert.deepEqual(await host.plan(), []);
  });

  test("routes outlive a killed and restarted GoBGP, an agent killed meanwhile, and both", async () => {
    await announce();
    await host.reportWhere("learned", () => learned() === PREFIXES.length);
    const before = dumpKernel();
    await host.stopGobgpd();
    await host.reportWhere("missed", ({ converged }) => !converged);
    assert.deepEqual(dumpKernel(), before);
    await host.stop("SIGKILL");
    await host.start();
    await sleep(1000);
    assert.deepEqual(dumpKernel(), before);
    await host.startGobgpd();
    await until("configured again", async () => (await host.gobgp("global")).stdout.includes("65100"));
    await announce();
    await host.reportWhere("converged again", ({ converged }) => converged);
    assert.deepEqual(dumpKernel(), before);
    assert.deepEqual(await host.plan(), []);
  });

  test("routes that a restarted GoBGP no longer has go once its RIB is complete", async () => {
    await host.stopGobgpd();
    await host.startGobgpd();
    await host.reportWhere("swept", ({ converged }) => converged && learned() === 0);
    assert.deepEqual(await host.plan(), []);
  });
}
