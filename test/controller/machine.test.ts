import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { get } from "node:http";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import type { Machine } from "@vsix/shared/contract/up-machine.ts";
import { parseFabric } from "@vsix/shared/fabric/parse.ts";
import type { NodeAnswer } from "../../controller/src/cli/show-node.ts";
import type { Status } from "../../controller/src/status/model.ts";
import { MACHINE } from "../contract/node-vectors.ts";
import { FakeFleet } from "../fakes/fake-fleet.ts";
import { parseExposition } from "./exposition.ts";
import { Bench, QUICK, until } from "./harness.ts";

test("what a node's machine is, and what of it should be seen to, is shown, scraped, and in nobody's way", async () => {
  await using bench = await Bench.make();
  await bench.start();
  await bench.vsixctl("apply", QUICK);
  const parsed = parseFabric(await readFile(QUICK, "utf8"), QUICK);
  assert.ok(parsed.ok);
  await using fleet = await FakeFleet.connect(bench.url, parsed.fabric, await bench.trusted());
  const status = () => bench.get<Status>("/v1/status");
  await until("everything is ready", async () => (await status()).ready);
  const edge = fleet.nodes.get("edge-1") ?? assert.fail("no edge-1");
  assert.deepEqual(edge.manifests.at(-1)?.hears, ["machine"]);
  const detail = () => bench.get<NodeAnswer>("/v1/nodes/edge-1");
  assert.equal((await detail()).machine, null);
  assert.doesNotMatch((await bench.vsixctl("node", "show", "edge-1")).stdout, /MACHINE/);

  const say = async (change: Partial<Machine>): Promise<void> => {
    const told: Machine = { ...MACHINE, at: new Date().toISOString(), ...change };
    await edge.say("machine", told);
    await until("it has come", async () => (await detail()).machine?.at === told.at);
    assert.deepEqual((await detail()).machine, told);
  };
  await say({});
  assert.deepEqual((await detail()).node.warnings, []);

  const anHourAgo = new Date(Date.now() - 3_600_000).toISOString();
  const disk = { path: "/var", usedOctets: 99_000_000, availableOctets: 1_000_000 };
  await say({ at: anHourAgo, clockSynchronised: false, filesystems: [disk] });
  const { ready, nodes } = await status();
  assert.ok(ready, "a machine that wants somebody is no network that does not work");
  const warnings = nodes.find(({ name }) => name === "edge-1")?.warnings ?? [];
  assert.deepEqual(
    warnings.map(({ code, subject }) => [code, subject]),
    [
      ["disk-nearly-full", "/var"],
      ["clock-not-synchronised", ""],
      ["clock-differs", ""],
    ],
  );
  // The message was an hour old when it was sent: not less, and not much more.
  assert.ok((warnings[2]?.value ?? 0) <= -3599);
  const shown = (await bench.vsixctl("node", "show", "edge-1")).stdout;
  for (const words of [
    /BOARD +Raspberry Pi 4 Model B/,
    /gobgp +3\.36\.0/,
    /LOAD +0\.12 0\.20 0\.15/,
    /MEMORY +1\.4 GiB of 1\.8 GiB available/,
    /UP FOR +14 d 06:56/,
    /warning: \/var is nearly full: 1% are left/,
    /kernel 0123456789abcdef: as wanted/,
    /route +3 +0123456789abcdef +0123456789abcdef/,
  ])
    assert.match(shown, words);
  assert.match((await bench.vsixctl("node", "list")).stdout, /as wanted; \/var is nearly full/);
  const scraped = await new Promise<string>((resolve) => {
    get({ socketPath: bench.socket, path: "/metrics" }, (response) => void text(response).then(resolve));
  });
  const gauges = parseExposition(scraped).filter(({ name }) => name === "vsix_controller_node_warnings");
  assert.deepEqual(
    gauges.map(({ labels, value }) => [labels["node"], labels["warning"], value]),
    warnings.map(({ code }) => ["edge-1", code, 1]),
  );

  const { messages } = await status();
  await edge.say("machine", {
    ...MACHINE,
    inventory: { versions: [{ name: "node", version: "\u001b[2J" }] },
  });
  await until("a message that a terminal might obey is refused", async () => {
    return (await status()).messages.refused === messages.refused + 1;
  });
  assert.equal((await detail()).machine?.at, anHourAgo);
});
