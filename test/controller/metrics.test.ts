import assert from "node:assert/strict";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { type IncomingMessage, request } from "node:http";
import { test } from "node:test";
import { parseFabric } from "@vsix/shared/fabric/parse.ts";
import type { Status } from "../../controller/src/status/model.ts";
import { FakeFleet } from "../fakes/fake-fleet.ts";
import { parseExposition, type Sample, sampleOf } from "./exposition.ts";
import { Bench, freePort, QUICK, until } from "./harness.ts";

async function scrape(socketPath: string): Promise<readonly Sample[]> {
  const asked = request({ socketPath, path: "/metrics" }).end();
  const [response] = (await once(asked, "response")) as [IncomingMessage];
  let text = "";
  for await (const chunk of response) text += String(chunk);
  assert.equal(response.statusCode, 200, text);
  assert.match(String(response.headers["content-type"]), /^text\/plain; version=0\.0\.4/);
  return parseExposition(text);
}

test("the controller's metrics say what its status says, and no caller or node can invent a label", async () => {
  const port = await freePort();
  await using bench = await Bench.make(undefined, { http: { host: "127.0.0.1", port } });
  await bench.start();
  assert.equal(sampleOf(await scrape(bench.socket), "vsix_controller_fabric_revision"), 0);
  await bench.vsixctl("apply", QUICK);
  const parsed = parseFabric(await readFile(QUICK, "utf8"), QUICK);
  assert.ok(parsed.ok);
  await using fleet = await FakeFleet.connect(bench.url, parsed.fabric, await bench.trusted());
  await until("everything is ready", async () => (await bench.get<Status>("/v1/status")).ready);
  await bench.vsixctl("edge", "steer", "edge-1", "--plane", "green");
  await fleet.beat();

  for (const path of ["/v1/status", "/v1/nodes/made-up-by-me", "/made/up/by/me", "/metrics?x=made-up"]) {
    for (const method of ["GET", "DELETE"]) {
      const answer = await fetch(`http://127.0.0.1:${port}${path}`, { method });
      assert.equal(answer.status, 401);
      await answer.arrayBuffer();
    }
  }
  const status = await bench.json<Status>("status");
  const samples = await scrape(bench.socket);
  assert.equal(sampleOf(samples, "vsix_controller_ready"), status.ready ? 1 : 0);
  assert.equal(sampleOf(samples, "vsix_controller_epoch"), status.epoch);
  assert.equal(sampleOf(samples, "vsix_controller_fabric_revision"), status.revision);
  assert.equal(sampleOf(samples, "vsix_controller_nodes"), status.nodes.length);
  assert.equal(sampleOf(samples, "vsix_controller_nodes_online"), status.nodes.length);
  for (const { name, wantedGeneration, generation } of status.nodes) {
    const of = { node: name };
    assert.equal(sampleOf(samples, "vsix_controller_node_online", of), 1);
    assert.equal(sampleOf(samples, "vsix_controller_node_generation_wanted", of), wantedGeneration);
    assert.equal(sampleOf(samples, "vsix_controller_node_generation_reported", of), generation);
  }
  for (const { plane, edgesWanted, edgesObserved } of status.planes) {
    assert.equal(sampleOf(samples, "vsix_controller_edges_wanted", { plane }), edgesWanted);
    assert.equal(sampleOf(samples, "vsix_controller_edges_observed", { plane }), edgesObserved);
  }
  // Nothing but `start` (before the first fabric there is none), apply and steer.
  assert.equal(sampleOf(samples, "vsix_controller_audit_records"), 2);
  assert.ok(sampleOf(samples, "vsix_controller_messages_total", { result: "accepted" }) > 0);
  assert.equal(sampleOf(samples, "vsix_controller_messages_total", { result: "refused" }), 0);
  assert.ok(sampleOf(samples, "vsix_controller_publishes_total", { result: "done" }) >= status.nodes.length);
  assert.equal(sampleOf(samples, "vsix_controller_api_refusals_total", { reason: "unauthenticated" }), 8);
  const route = { method: "POST", route: "/v1/edges/:edge/steer", status: "200" };
  assert.equal(sampleOf(samples, "vsix_controller_api_requests_total", route), 1);
  const unmatched = { method: "GET", route: "none", status: "401" };
  assert.equal(sampleOf(samples, "vsix_controller_api_requests_total", unmatched), 1);
  assert.ok(sampleOf(samples, "vsix_controller_process_resident_memory_bytes") > 10_000_000);
  assert.ok(sampleOf(samples, "vsix_controller_nodejs_eventloop_lag_seconds") >= 0);
  assert.ok(!JSON.stringify(samples).includes("made"), "an invented name is in a label");
  assert.ok(samples.every(({ name }) => name.startsWith("vsix_controller_")));
});
