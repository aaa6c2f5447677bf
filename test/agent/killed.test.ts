import assert from "node:assert/strict";
import { readFileSync, rmSync } from "node:fs";
import { test } from "node:test";
import { setImmediate, setTimeout as sleep } from "node:timers/promises";
import type { EpePart } from "@vsix/shared/contract/part-epe.ts";
import type { Report } from "@vsix/shared/contract/up.ts";
import { insideNamespace, ip, ipJson } from "../kernel/in-namespace.ts";
import { AgentHost, until } from "./agent-process.ts";
import { OpenBroker } from "./broker.ts";
import { document, EDGE_PORT, fabricPart } from "./documents.ts";
import { dumpKernel, makePorts } from "./kernel-dump.ts";

const ROUNDS = 10;
/** Spreads the kills over the time that a first apply takes here; where they fall is checked afterwards. */
const KILL_STEP_MS = 45;
/** Enough objects for a kill to fall between two of them. */
const LARGE = fabricPart({
  blackholes: Array.from({ length: 8000 }, (_, i) => `2001:db8:${i.toString(16)}::/48`),
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

/** Two classes, one for each encapsulation: 1,000 routes more and two rules. */
const CLASSES: EpePart = {
  version: 1,
  keepS: 0,
  classes: ["first", "second"].map((name, place) => ({
    name,
    match: place === 0 ? { dscp: 46 } : {},
    interfaces: [EDGE_PORT],
    overrides: Array.from({ length: 500 }, (_, i) => ({
      prefix: `3fff:${i.toString(16)}::/32`,
      peer: "xe/wide",
      segments: [`2001:db8:ff:2::${place + 1}`],
    })),
  })),
};

const isMade = ({ objects, conditions }: Report): boolean =>
  objects["route"] === 9200 &&
  objects["sid"] === 200 &&
  objects["address"] === 52 &&
  objects["rule"] === 3 &&
  objects["nftables"] === 1 &&
  conditions.every(({ object }) => object === "bgp engine");

/** IPv6 routes of this namespace, all protocols: cheap enough to ask all the time. */
function routeEntries(): number {
  return Number.parseInt(readFileSync("/proc/self/net/rt6_stats", "utf8").split(" ")[3] ?? "0", 16);
}

/** Resolves in the very moment when there are more routes than this; after ten seconds whatever there is. */
async function routesBeyond(count: number): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (routeEntries() <= count && performance.now() < deadline) await setImmediate();
}

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
    await broker.document(document(1, { fabric: LARGE, epe: CLASSES }));
    await host.start();
    await host.reportWhere("everything is made", isMade);
    const whole = JSON.stringify(dumpKernel());
    const partial = new Set<number>();
    // Ten rounds, and more if too few kills fell part-way: where they fall is the machine's affair.
    for (let round = 0; round < ROUNDS || (partial.size <= 2 && round < 4 * ROUNDS); round++) {
      await host.stop("SIGKILL");
      clear();
      const empty = routeEntries();
      rmSync(host.stateDir, { recursive: true, force: true });
      host.spawn();
      await until("the document has come", () => host.log.includes("document in force"));
      if (round % 2 === 0) await sleep((round % ROUNDS) * KILL_STEP_MS);
      else await routesBeyond(empty + 700 * round);
      await host.stop("SIGKILL");
      partial.add(own());
      await host.start();
      await host.reportWhere(`round ${round} is made`, isMade);
      const plan = await host.plan();
      assert.deepEqual(
        plan.filter((line) => !line.startsWith("! bgp")),
        [],
        `round ${round}`,
      );
      assert.equal(JSON.stringify(dumpKernel()), whole, `round ${round}`);
    }
    assert.ok(partial.size > 2, `the kills fell at ${[...partial].join()} routes`);
    await host.startGobgpd();
    await host.reportWhere("converged", ({ converged }) => converged);
    assert.deepEqual(await host.plan(), []);
    assert.equal(JSON.stringify(dumpKernel()), whole);
  });

  const own = (): number => ipJson(["-6", "route", "show", "table", "all", "proto", "118"]).length;

  /** As after a reboot, but for what is not ours. */
  function clear(): void {
    const ours = ipJson(["-6", "route", "show", "table", "all", "proto", "118"]);
    for (const table of new Set(ours.map((route) => String(route["table"] ?? "main"))))
      ip(["-6", "route", "flush", "table", table, "proto", "118"]);
    for (const { id, protocol } of ipJson(["nexthop", "show"]))
      if (protocol === "118") ip(["nexthop", "del", "id", String(id)]);
    for (const { priority, protocol } of ipJson(["-6", "rule", "show"]))
      if (protocol === "118") ip(["-6", "rule", "del", "priority", String(priority)]);
  }
}
