import assert from "node:assert/strict";
import { test } from "node:test";
import { topics } from "@vsix/shared/contract/topics.ts";
import type { Report } from "@vsix/shared/contract/up.ts";
import { insideNamespace } from "../kernel/in-namespace.ts";
import { AgentHost, until } from "./agent-process.ts";
import { OpenBroker } from "./broker.ts";
import { document, NODE } from "./documents.ts";
import { makePorts } from "./kernel-dump.ts";

const MANIFEST = topics.manifest(NODE);
const faultOf = (report: Report): string | undefined =>
  report.conditions.find(({ object }) => object === "broker subscription")?.reason;

if (await insideNamespace("agent-subscription", import.meta.url)) {
  makePorts();
  const broker = await OpenBroker.start();
  const host = new AgentHost(broker.url);

  test("a refused subscription is in the report, locally and at the broker, and is tried again", async () => {
    broker.refusedFilters.add(MANIFEST);
    await host.startGobgpd();
    await host.start();
    await broker.document(document(5));
    const report = await host.reportWhere("refusal reported", (it) => faultOf(it) !== undefined);
    assert.match(faultOf(report) ?? "", /refuses to let this node hear vsix\/v1\/r1\/manifest/);
    assert.equal(report.generation, 0);
    assert.match((await host.ask("report")).stdout, /"object": "broker subscription"/);
    await until("the broker has the report", async () => {
      const told = await broker.retained(topics.up(NODE, "report"));
      return told !== undefined && faultOf(JSON.parse(told.toString()) as Report) !== undefined;
    });
    const count = (filter: string): number => broker.asked.filter((asked) => asked === filter).length;
    await until("it has tried again", () => count(MANIFEST) >= 3);
    // What was granted is not asked for again.
    assert.equal(count(topics.parts(NODE)), 1);
  });

  test("once it is granted, the document arrives and the condition goes", async () => {
    broker.refusedFilters.clear();
    await host.reportWhere(
      "converged",
      (report) => report.converged && report.generation === 5 && faultOf(report) === undefined,
      60_000,
    );
  });

  test.after(async () => {
    await host[Symbol.asyncDispose]();
    await broker[Symbol.asyncDispose]();
  });
}
