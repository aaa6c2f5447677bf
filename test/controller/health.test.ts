import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { createServer, get } from "node:http";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { topics } from "@vsix/shared/contract/topics.ts";
import type { Health } from "@vsix/shared/contract/up-health.ts";
import { connectAsync } from "mqtt";
import type { HealthOverview, HealthRunView, NodeHealthWhole } from "../../controller/src/health/view.ts";
import { parseExposition, sampleOf } from "./exposition.ts";
import { Bench, QUICK, until } from "./harness.ts";

const VECTOR = new URL("../../shared/vectors/v1/up-health.json", import.meta.url);

interface Hook {
  readonly kind: string;
  readonly event: { readonly type: string; readonly node: string; readonly verdicts: readonly string[] };
}

/** Takes notices, and tells those of health. */
async function receiver() {
  const heard: Hook[] = [];
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const notice = JSON.parse(body) as Hook;
      if (notice.kind === "health") heard.push(notice);
      response.end("ok");
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return { heard, port, [Symbol.dispose]: () => void server.close() };
}

test("what nodes tell of the network is shown, compared, kept over a restart, scraped, and told when it turns", async () => {
  const vector = JSON.parse(await readFile(VECTOR, "utf8")) as { text: string };
  const bad = JSON.parse(vector.text) as Health;
  using hook = await receiver();
  await using bench = await Bench.make(undefined, {});
  const config = join(bench.directory, "config.json");
  const receivers = join(bench.directory, "receivers.yaml");
  await writeFile(join(bench.directory, "secret"), `whsec_${Buffer.alloc(32, 7).toString("base64")}\n`, {
    mode: 0o600,
  });
  await writeFile(
    receivers,
    `version: 1\nreceivers:\n  - { name: ops, format: json, url: "http://127.0.0.1:${hook.port}/", allowLoopbackHttp: true, secretFile: secret }\n`,
    { mode: 0o600 },
  );
  await writeFile(
    config,
    JSON.stringify({ ...JSON.parse(await readFile(config, "utf8")), notify: receivers }),
  );
  await bench.start();

  const refused = await bench.vsixctl("health");
  assert.match(refused.stderr, /no fabric is in force/);
  await bench.vsixctl("apply", QUICK);
  assert.match((await bench.vsixctl("health")).stderr, /write a section `health`/);
  const file = join(bench.directory, "fabric.yaml");
  await writeFile(file, `${await readFile(QUICK, "utf8")}\nhealth: { intervalS: 60 }\n`);
  assert.equal((await bench.vsixctl("apply", file)).code, 0);
  assert.match((await bench.vsixctl("health")).stdout, /edge-1 +sfc +- +not yet/);

  await using clients = new AsyncDisposableStack();
  const client = await connectAsync(bench.url, { protocolVersion: 4, clientId: "fake-edge-1" });
  clients.defer(() => client.endAsync(true));
  const tell = async (message: Health): Promise<void> => {
    await client.publishAsync(topics.up(message.node, "health"), JSON.stringify(message), { qos: 1 });
  };
  const good: Health = {
    ...bad,
    state: "good",
    verdicts: [],
    layers: [{ layer: "names", state: "good" }],
    checks: [],
  };
  const seen = async (state: string, run: number): Promise<void> => {
    await until(`run ${run} is ${state}`, async () => {
      const { latest } = await bench.get<NodeHealthWhole>("/v1/nodes/edge-1/health");
      return latest?.state === state && latest.run === run;
    });
  };
  await tell({ ...bad, run: 1 });
  await seen("bad", 1);
  await tell({ ...bad, run: 2 }); // too soon behind the one before: not taken
  await new Promise((resolve) => setTimeout(resolve, 3200));
  assert.equal(hook.heard.length, 0);
  await tell({ ...bad, run: 3 });
  await seen("bad", 3);
  await until("people are told", () => hook.heard.length === 1);
  assert.deepEqual([hook.heard[0]?.event.type, hook.heard[0]?.event.node], ["turned-bad", "edge-1"]);
  assert.match(hook.heard[0]?.event.verdicts[0] ?? "", /NAT64 at note/);

  const shown = (await bench.vsixctl("health")).stdout;
  assert.match(shown, /edge-1 +sfc +\d+s +BAD +ok .*BAD .*poor/);
  assert.match(shown, /BAD +edge-1: DNS64 answers, but translated fetches fail: NAT64 at note/);
  assert.match(shown, /PLANE +LOOKED[\s\S]*green +1 +0 +1 +12ms +20%/);
  const overview = await bench.json<HealthOverview>("health");
  assert.deepEqual(overview.sites[0]?.layers.translation, { looked: 1, poor: 0, bad: 1 });
  const unknown = await bench.vsixctl("health", "blue-sfc");
  assert.deepEqual([unknown.code, /does not look/.test(unknown.stderr)], [1, true]);

  await bench.stop();
  await bench.start();
  assert.match(
    (await bench.vsixctl("health", "edge-1")).stdout,
    /poor +planes +green-sfc +12\.3 ms, 20% lost/,
  );
  const again = await connectAsync(bench.url, { protocolVersion: 4, clientId: "fake-edge-1b" });
  clients.defer(() => again.endAsync(true));
  const instance = "another";
  for (const run of [1, 2]) {
    // A report too soon behind the one before is not taken, and a restart can be quicker than that.
    await new Promise((resolve) => setTimeout(resolve, 3200));
    await again.publishAsync(topics.up("edge-1", "health"), JSON.stringify({ ...good, instance, run }), {
      qos: 1,
    });
    await seen("good", run);
  }
  await until("people are told that it is over", () => hook.heard.length === 2);
  assert.equal(hook.heard[1]?.event.type, "turned-good");
  const history = await bench.json<HealthRunView[]>("health", "edge-1", "--history");
  assert.deepEqual(
    history.map(({ state }) => state),
    ["good", "good", "bad", "bad"],
  );
  const { rows } = await bench.get<{ rows: { layer: string; bad: number; looked: number }[] }>(
    `/v1/health/troubles?from=0&to=${Date.now() + 1000}`,
  );
  assert.deepEqual(
    rows.map(({ layer, bad: times, looked }) => [layer, times, looked]),
    [
      ["translation", 2, 2],
      ["planes", 0, 2],
    ],
  );
  const metrics = await textOf(bench.socket, "/metrics");
  assert.equal(
    sampleOf(parseExposition(metrics), "vsix_controller_health_layer", {
      node: "edge-1",
      site: "sfc",
      layer: "names",
    }),
    1,
  );
});

async function textOf(socketPath: string, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    get({ socketPath, path, agent: false }, (response) => text(response).then(resolve, reject)).on(
      "error",
      reject,
    );
  });
}
