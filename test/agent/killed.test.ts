import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { insideNamespace, ip, ipJson } from "../kernel/in-namespace.ts";
import { AgentHost } from "./agent-process.ts";
import { OpenBroker } from "./broker.ts";
import { document, EDGE_PORT, fabricPart } from "./documents.ts";
import { dumpKernel, makePorts } from "./kernel-dump.ts";

const ROUNDS = 10;
/** Enough objects for a kill to fall between two of them. */
const LARGE = fabricPart({
  blackholes: Array.from({ length: 2000 }, (_, i) => `2001:db8:${i.toString(16)}::/48`),
  sids: Array.from({ length: 200 }, (_, i) => ({
    sid: `2001:db8:ff:1::${(i + 1).toString(16)}`,
    behavior: "End" as const,
  })),
  loopbackAddresses: Array.from({ length: 50 }, (_, i) => `2001:db8:0:1::${(i + 1).toString(16)}/128`),
  overrides: Array.from({ length: 200 }, (_, i) => ({
    prefix: `2001:db9:${i.toString(16)}::/48`,
    segments: [`2001:db8:ff:2::${(i % 5) + 1}`],
    interfaces: [EDGE_PORT],
  })),
});

if (await insideNamespace("agent-killed", import.meta.url)) {
  makePorts();
  const broker = await OpenBroker.start();
  const host = new AgentHost(broker.url);
  test.after(async () => {
    await host[Symbol.asyncDispose]();
    await broker[Symbol.asyncDispose]();
  });

  test("killed at ten moments of a first apply, the agent converges each time and plans nothing more", async () => {
    ip(["-6", "route", "add", "blackhole", "2001:db8:f1::/48", "metric", "77", "proto", "99"]);
    await host.startGobgpd();
    const large = document(1, { fabric: LARGE });
    await broker.document(large);
    await host.start();
    await host.reportWhere("converged", ({ converged }) => converged);
    const whole = JSON.stringify(dumpKernel());
    const partial = new Set<number>();
    for (let round = 0; round < ROUNDS; round++) {
      await host.stop("SIGKILL");
      clear();
      rmSync(host.stateDir, { recursive: true, force: true });
      // From the moment the document is in force, spread over the time an apply takes.
      host.spawn();
      const limit = performance.now() + 10_000;
      while (!host.log.includes("document in force") && performance.now() < limit) await sleep(1);
      await sleep(round * 12);
      await host.stop("SIGKILL");
      partial.add(own());
      await host.start();
      await host.reportWhere(`round ${round}`, ({ converged }) => converged);
      assert.deepEqual(await host.plan(), [], `round ${round}`);
      assert.equal(JSON.stringify(dumpKernel()), whole, `round ${round}`);
    }
    assert.ok(partial.size > 1, `every kill fell at ${[...partial].join()} routes`);
  });

  const own = (): number => ipJson(["-6", "route", "show", "table", "all", "proto", "118"]).length;

  /** As after a reboot, but for what is not ours. */
  function clear(): void {
    for (const table of ["main", "7600"]) ip(["-6", "route", "flush", "table", table, "proto", "118"]);
    for (const { id, protocol } of ipJson(["nexthop", "show"]))
      if (protocol === "118") ip(["nexthop", "del", "id", String(id)]);
    for (const { priority, protocol } of ipJson(["-6", "rule", "show"]))
      if (protocol === "118") ip(["-6", "rule", "del", "priority", String(priority)]);
  }
}
