import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync, statSync } from "node:fs";
import { type IncomingMessage, request } from "node:http";
import { connect } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { parse } from "yaml";
import { parseExposition, type Sample, sampleOf } from "../controller/exposition.ts";
import { insideNamespace, ip, ipJson } from "../kernel/in-namespace.ts";
import { AgentHost, until } from "./agent-process.ts";
import { OpenBroker } from "./broker.ts";
import { AGGREGATE, document, fabricPart } from "./documents.ts";
import { makePorts } from "./kernel-dump.ts";

const MANAGEMENT = "2001:db8:77::1";
const PORT = 9464;

async function get(
  where: { readonly socketPath: string } | { readonly host: string; readonly port: number },
  path = "/metrics",
  method = "GET",
): Promise<{ readonly status: number; readonly text: string }> {
  const asked = request({ ...where, path, method, agent: false }).end();
  const [response] = (await once(asked, "response")) as [IncomingMessage];
  let text = "";
  for await (const chunk of response) text += String(chunk);
  return { status: response.statusCode ?? 0, text };
}

test("examples/prometheus.yml scrapes both programs and holds no secret", () => {
  const text = readFileSync(new URL("../../examples/prometheus.yml", import.meta.url), "utf8");
  const { scrape_configs: jobs } = parse(text) as {
    scrape_configs: { job_name: string; scheme?: string; authorization?: object }[];
  };
  assert.deepEqual(
    jobs.map(({ job_name }) => job_name),
    ["vsix-controller", "vsix-agent"],
  );
  assert.equal(jobs[0]?.scheme, "https");
  assert.deepEqual(Object.keys(jobs[0]?.authorization ?? {}), ["credentials_file"]);
  assert.ok(!text.includes("vsixt_"));
});

if (await insideNamespace("agent-metrics", import.meta.url)) {
  makePorts();
  const broker = await OpenBroker.start();
  const host = new AgentHost(broker.url, { metrics: { host: MANAGEMENT, port: PORT } });
  const socketPath = join(host.stateDir, "metrics.sock");
  test.after(async () => {
    await host[Symbol.asyncDispose]();
    await broker[Symbol.asyncDispose]();
  });
  const scrape = async (): Promise<readonly Sample[]> => {
    const { status, text } = await get({ socketPath });
    assert.equal(status, 200, text);
    return parseExposition(text);
  };
  const own = (): number => ipJson(["-6", "route", "show", "table", "all", "proto", "118"]).length;

  test("metrics say what the kernel holds and what the report says", async () => {
    await host.startGobgpd();
    await host.start();
    assert.equal(statSync(socketPath).mode & 0o777, 0o600);
    assert.equal(sampleOf(await scrape(), "vsix_agent_generation"), 0);
    await broker.document(document(1));
    const report = await host.reportWhere("converged", ({ converged }) => converged);
    // Figures are kept for half a second.
    await until("the newest are told", async () => sampleOf(await scrape(), "vsix_agent_converged") === 1);
    const samples = await scrape();
    assert.equal(sampleOf(samples, "vsix_agent_generation"), 1);
    assert.equal(sampleOf(samples, "vsix_agent_epoch"), report.epoch);
    assert.equal(sampleOf(samples, "vsix_agent_controller_up"), 1);
    assert.equal(sampleOf(samples, "vsix_agent_info", { node: "r1" }), 1);
    for (const [kind, count] of Object.entries(report.objects)) {
      assert.equal(sampleOf(samples, "vsix_agent_objects_observed", { kind }), count, kind);
      assert.equal(sampleOf(samples, "vsix_agent_objects_failed", { kind }), 0);
    }
    // Routes and SIDs are routes to the kernel.
    const inKernel = ["route", "sid"].reduce(
      (sum, kind) => sum + sampleOf(samples, "vsix_agent_objects_desired", { kind }),
      0,
    );
    assert.equal(inKernel, own());
    for (const { neighbour, state } of report.sessions) {
      const up = sampleOf(samples, "vsix_agent_bgp_session_up", { neighbour });
      assert.equal(up, state === "established" ? 1 : 0);
    }
    const megabytes = sampleOf(samples, "vsix_agent_process_resident_memory_bytes") / 2 ** 20;
    assert.ok(Math.abs(megabytes - host.residentMb()) < host.residentMb() / 2, `${megabytes}`);
  });

  test("a route that the next document no longer has is counted as one change", async () => {
    await until("nothing changes any more", async () => {
      const [first, second] = [await host.plan(), await host.plan()];
      return first.length + second.length === 0;
    });
    const before = await scrape();
    await broker.document(document(2, { fabric: fabricPart({ blackholes: [] }) }));
    await until("it is in force", async () => sampleOf(await scrape(), "vsix_agent_generation") === 2);
    await until("it is gone", () => ipJson(["-6", "route", "show", AGGREGATE]).length === 0);
    const figure = (samples: readonly Sample[], name: string): number =>
      sampleOf(samples, `vsix_agent_reconcile_${name}_total`);
    await until("it is counted", async () => figure(await scrape(), "changes") > figure(before, "changes"));
    const after = await scrape();
    assert.equal(figure(after, "changes"), figure(before, "changes") + 1);
    assert.ok(figure(after, "cycles") > figure(before, "cycles"));
    assert.ok(figure(after, "seconds") > figure(before, "seconds"));
    assert.equal(figure(after, "failures"), 0);
  });

  test("a management address that comes late is taken up; connections beyond the bound are cut off", async () => {
    assert.match(host.log, /metrics cannot be told here yet/);
    ip(["addr", "add", `${MANAGEMENT}/128`, "dev", "lo"]);
    const where = { host: MANAGEMENT, port: PORT };
    await until("it is told there", async () => {
      const answer = await get(where).catch(() => undefined);
      return answer?.status === 200;
    });
    for (const [path, method] of [
      ["/", "GET"],
      ["/metrics", "POST"],
      ["/../../etc/passwd", "GET"],
    ] as const) {
      assert.equal((await get(where, path, method)).status, 404);
    }
    const idle = Array.from({ length: 40 }, () =>
      connect(where)
        .on("error", () => {})
        .resume(),
    );
    await until("most are cut off", () => idle.filter((one) => !one.closed).length <= 8);
    assert.equal((await get({ socketPath })).status, 200);
    await until("the rest too", () => idle.every((one) => one.closed));
    assert.equal((await get(where)).status, 200);
    assert.deepEqual(await host.plan(), []);
  });

  test("an address that is none, or stands for all, is refused with its field", async () => {
    const config = JSON.parse(readFileSync(host.configFile, "utf8")) as object;
    for (const bad of ["::", "0.0.0.0", "localhost", "::0"]) {
      host.configure({ ...config, metrics: { host: bad, port: PORT } });
      const asked = await host.ask("report");
      assert.equal(asked.code, 2, bad);
      assert.match(asked.stderr, /\/metrics\/host: one address of this machine is wanted/);
    }
    host.configure(config);
  });
}
