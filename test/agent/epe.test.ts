import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { EpePart } from "@vsix/shared/contract/part-epe.ts";
import type { Report } from "@vsix/shared/contract/up.ts";
import type { OverrideStatus } from "../../agent/src/loop/overrides.ts";
import { insideNamespace, ip, ipJson } from "../kernel/in-namespace.ts";
import { AgentHost, until } from "./agent-process.ts";
import { OpenBroker } from "./broker.ts";
import { document, EDGE_PORT, fabricPart, PLANE_PORT } from "./documents.ts";
import { makePorts } from "./kernel-dump.ts";

const OWN = "118";

/** Two classes of 20 overrides by two encapsulations. */
const epe = (change: Partial<EpePart> = {}): EpePart => ({
  version: 1,
  keepS: 0,
  classes: ["voice", "default"].map((name, place) => ({
    name,
    match: place === 0 ? { dscp: 46 } : {},
    interfaces: [EDGE_PORT],
    overrides: Array.from({ length: 20 }, (_, i) => ({
      prefix: `3fff:${i.toString(16)}::/32`,
      peer: "xe/wide",
      segments: [`2001:db8:ff:2::${place + 1}`],
    })),
  })),
  ...change,
});
/** Without the fabric file's own override. */
const fabric = fabricPart({ overrides: [] });

if (await insideNamespace("agent-epe", import.meta.url)) {
  makePorts();
  const broker = await OpenBroker.start();
  const host = new AgentHost(broker.url);
  test.after(async () => {
    await host[Symbol.asyncDispose]();
    await broker[Symbol.asyncDispose]();
  });
  const rules = (): readonly unknown[] =>
    ipJson(["-6", "rule", "show"]).filter(({ protocol }) => protocol === OWN);
  const routes = (): number =>
    ipJson(["-6", "route", "show", "table", "all", "proto", OWN]).filter(({ dst }) =>
      String(dst).startsWith("3fff:"),
    ).length;
  const encapsulations = (): number =>
    ip(["-6", "nexthop", "show", "proto", OWN]).match(/^id \d+\s+encap/gm)?.length ?? 0;
  const kernel = (): readonly number[] => [rules().length, routes(), encapsulations()];
  const conditionOf = ({ conditions }: Report, object: string) =>
    conditions.find((condition) => condition.object === object);
  const status = async (
    word: "status" | "off" | "on",
  ): Promise<OverrideStatus & { readonly code: number | null }> => {
    const { code, stdout, stderr } = await host.ask("epe", word, "--json");
    assert.equal(stderr, "");
    return { ...(JSON.parse(stdout) as OverrideStatus), code };
  };

  test("part epe becomes rules, routes and encapsulations; the agent says that it can", async () => {
    await host.startGobgpd();
    await host.start();
    await broker.document(document(1, { fabric, epe: epe() }));
    const report = await host.reportWhere(
      "converged",
      ({ converged, generation }) => converged && generation === 1,
    );
    assert.ok(report.abilities?.includes("epe"));
    assert.equal(report.parts["epe"], 1);
    assert.deepEqual(kernel(), [2, 40, 2]);
    const { code, state, classes, kernel: standing } = await status("status");
    assert.deepEqual([code, state, standing.missing, standing.left], [0, "on", 0, 0]);
    assert.deepEqual(classes, [
      { name: "voice", overrides: 20 },
      { name: "default", overrides: 20 },
    ]);
    assert.deepEqual(await host.plan(), []);
  });

  test("a part that is for other ports than Edges' is refused as a whole", async () => {
    const wrong = epe();
    const [first] = wrong.classes;
    await broker.document(
      document(2, {
        fabric,
        epe: {
          ...wrong,
          classes: [{ ...first, interfaces: [PLANE_PORT] } as (typeof wrong.classes)[number]],
        },
      }),
    );
    const { refused, generation } = await host.reportWhere("refused", ({ refused }) => refused !== undefined);
    assert.equal(generation, 1);
    assert.match(
      refused?.reason ?? "",
      /epe \/classes\/0\/interfaces\/0: "pb" faces plane-internal, not an Edge/,
    );
    assert.deepEqual(kernel(), [2, 40, 2]);
  });

  test("an encapsulation taken out, an object deleted by hand: put back without waiting for the next dump, and told", async () => {
    const [, id = ""] = /^id (\d+)\s+encap/m.exec(ip(["-6", "nexthop", "show", "proto", OWN])) ?? [];
    ip(["-6", "nexthop", "replace", "id", id, "dev", PLANE_PORT, "proto", OWN]);
    await until("the encapsulation is back", () => encapsulations() === 2);
    const report = await host.reportWhere("told", (now) => conditionOf(now, "overrides") !== undefined);
    const told = conditionOf(report, "overrides");
    assert.equal(told?.state, "done");
    assert.match(
      told?.reason ?? "",
      /changed 1 of their objects .* put back: nexthop id \d+ encap seg6 .* \(overrides by xe\/wide\)/,
    );
    assert.equal(report.converged, true);
    ip(["nexthop", "del", "id", id]);
    ip(["-6", "rule", "del", "priority", "7603"]);
    await until("all is back", () => kernel().join() === "2,40,2");
    assert.deepEqual(await host.plan(), []);
  });

  test("an override that stands on somebody else's object is an alarm for as long as it does", async () => {
    const [, id = ""] = /^id (\d+)\s+encap/m.exec(ip(["-6", "nexthop", "show", "proto", OWN])) ?? [];
    ip(["-6", "nexthop", "replace", "id", id, "dev", PLANE_PORT, "proto", "99"]);
    const report = await host.reportWhere("alarm", (now) => conditionOf(now, "overrides")?.state === "error");
    assert.match(
      conditionOf(report, "overrides")?.reason ?? "",
      /1 of their objects are not in the kernel .*: nexthop id/,
    );
    assert.equal((await status("status")).code, 10);
    ip(["nexthop", "del", "id", id]);
    await host.reportWhere("all well", (now) => conditionOf(now, "overrides")?.state === "done");
    assert.deepEqual(kernel(), [2, 40, 2]);
  });

  test("epe off takes everything away at once; restarts and new documents do not bring it back, epe on does", async () => {
    ip(["-6", "rule", "add", "priority", "7603", "iif", EDGE_PORT, "lookup", "main"]);
    const off = await status("off");
    assert.deepEqual([off.code, off.state, kernel()], [0, "off", [0, 0, 0]]);
    assert.equal(ipJson(["-6", "rule", "show", "priority", "7603"]).length, 1, "a foreign rule survives");
    assert.equal((await status("status")).code, 10);
    assert.match(conditionOf(await host.report(), "epe")?.reason ?? "", /switched off on this router at/);
    await broker.document(document(3, { fabric, epe: epe({ keepS: 3600 }) }));
    await host.reportWhere("taken", ({ generation }) => generation === 3);
    await host.stop("SIGKILL");
    await host.start();
    const report = await host.reportWhere("up", ({ generation }) => generation === 3);
    assert.equal(conditionOf(report, "epe")?.state, "pending");
    assert.deepEqual(kernel(), [0, 0, 0]);
    const on = await status("on");
    assert.deepEqual([on.code, on.state, kernel()], [0, "on", [2, 40, 2]]);
    assert.equal(conditionOf(await host.report(), "epe"), undefined);
  });

  test("epe off without a running agent removes by hand, and who starts then keeps to it", async () => {
    await host.stop("SIGKILL");
    assert.deepEqual(kernel(), [2, 40, 2]);
    const { code, stdout } = await host.ask("epe", "off", "--json");
    assert.equal(code, 0);
    const removed = { rules: 2, routes: 40, encapsulations: 2 };
    assert.deepEqual(JSON.parse(stdout), { state: "off", agent: false, removed });
    assert.deepEqual(kernel(), [0, 0, 0]);
    assert.equal(ipJson(["-6", "rule", "show", "priority", "7603"]).length, 1, "a foreign rule survives");
    assert.equal((await host.ask("epe", "status")).code, 3, "nobody to ask");
    await host.start();
    await until("it has reconciled", () => host.log.includes("first reconcile done"));
    assert.deepEqual(kernel(), [0, 0, 0]);
    await status("on");
    assert.deepEqual(kernel(), [2, 40, 2]);
  });

  test("a controller that no longer answers has its overrides kept for as long as it said, across a restart; then BGP decides", async () => {
    await broker.document(document(4, { fabric, epe: epe({ keepS: 8 }) }));
    await host.reportWhere("taken", ({ generation }) => generation === 4);
    await new Promise((resolve) => setTimeout(resolve, 10_000));
    assert.deepEqual(kernel(), [2, 40, 2], "asked again and again, it answers");
    broker.answers = false;
    await host.stop("SIGKILL");
    await host.start();
    await until("they have aged out", () => rules().length === 0);
    const report = await host.reportWhere("told", (now) => conditionOf(now, "epe") !== undefined);
    assert.match(conditionOf(report, "epe")?.reason ?? "", /kept for 8 s: BGP decides/);
    await until("their routes are gone", () => kernel().join() === "0,0,0");
    assert.equal(existsSync(join(host.stateDir, "epe.off")), false);
    broker.answers = true;
    await until("heard again", () => kernel().join() === "2,40,2");
  });
}
