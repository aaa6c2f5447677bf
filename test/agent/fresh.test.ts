import assert from "node:assert/strict";
import { test } from "node:test";
import { topics } from "@vsix/shared/contract/topics.ts";
import { insideNamespace } from "../kernel/in-namespace.ts";
import { AgentHost, until } from "./agent-process.ts";
import { OpenBroker } from "./broker.ts";
import { document, fabricPart, NODE } from "./documents.ts";
import { dumpKernel, makePorts } from "./kernel-dump.ts";

if (await insideNamespace("agent-fresh", import.meta.url)) {
  makePorts();

  test("a broker that plays an old genuine manifest to a fresh agent achieves nothing; the answer to its number is taken", async () => {
    await using broker = await OpenBroker.start();
    await using host = new AgentHost(broker.url);
    const old = document(3, { fabric: fabricPart({ blackholes: ["2001:db8:dead::/48"] }) });
    for (const { sha256, bytes } of old.parts) await broker.send(topics.part(NODE, sha256), bytes);
    await broker.manifest(old.envelope);
    const before = dumpKernel();
    await host.start();
    const report = await host.reportWhere("it is refused", ({ refused }) => refused?.code === "no-nonce");
    assert.equal(report.generation, 0);
    assert.deepEqual(dumpKernel(), before);
    await broker.document(document(5));
    await host.reportWhere("the answer is taken", ({ generation }) => generation === 5);
    await until("the question is taken back", async () => {
      const hello = await broker.retained(topics.up(NODE, "hello"));
      return hello === undefined || hello.length === 0;
    });
    await host.stop("SIGKILL");
    await host.start();
    assert.equal((await host.report()).generation, 5);
    assert.equal(await broker.retained(topics.up(NODE, "hello")), undefined);
  });
}
