import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { parseFabric } from "@vsix/shared/fabric/parse.ts";
import { buildFlow, buildTrace } from "@vsix/shared/paths/build-trace.ts";
import { until } from "./harness.ts";
import type { Visitor } from "./visitor.ts";
import { egressCycle, egressRoutes, healthOfABadDay, richFabric, tellDns } from "./web-noc-data.ts";
import { barriersEverywhere, operator } from "./web-operator.ts";
import { WebSite } from "./web-site.ts";

const TARGET = "3fff:250::1";
let site: WebSite;
let admin: Visitor;
let fabricText: string;

before(async () => {
  site = await WebSite.start({ hasFleet: true });
  fabricText = await richFabric();
  const file = join(site.bench.directory, "rich.yaml");
  await writeFile(file, fabricText);
  await site.done("apply", file);
  admin = await operator(site, "ada", "admin");
});

after(async () => {
  await site[Symbol.asyncDispose]();
});

test("a path that went another way is drawn beside what is expected, parts where it does, and the table says so", async () => {
  const { page } = admin;
  const parsed = parseFabric(fabricText, "rich.yaml");
  assert.ok(parsed.ok);
  const link = parsed.fabric.links.find(
    ({ name }) => name.includes("edge-1--") && name.includes("green-sfc"),
  );
  const wrong = link?.ends.find(({ node }) => node === "green-sfc")?.address ?? assert.fail("no link");
  const file = join(site.bench.directory, "expected.yaml");
  const allowed = "allowed: [[plane: blue, ...]]";
  const target = `{ name: wide-0, address: "${TARGET}" }`;
  await writeFile(
    file,
    `version: 1\npaths:\n  - { source: edge-1, target: ${target}, flows: 1, intervalS: 2, ${allowed} }\n`,
  );
  await site.done("path", "apply", file);
  const about = { source: "edge-1", target: "wide-0", targetAddress: TARGET };
  await page.goto("/noc/paths/one?source=edge-1&target=wide-0");
  for (let look = 0; look < 3; look++) {
    const now = Date.now();
    const trace = buildTrace([buildFlow(0, [wrong])], { ...about, startedAt: now - 100, endedAt: now });
    await site.fleet.nodes.get("edge-1")?.say("trace", { version: 1, node: "edge-1", tookMs: 100, trace });
    await sleep(20);
  }
  await page.locator('[data-expected="edge-1 blue-sfc xe-sfc wide"]').waitFor();
  await page.locator('[data-way="plane-changed"] [data-standing="parts"]').getByText("green-sfc").waitFor();
  await page.locator('[data-ways="2"] canvas').first().waitFor();
  await page.getByRole("img", { name: /Now: edge-1 → green-sfc → wide.*They part after edge-1/ }).waitFor();
  assert.deepEqual(await barriersEverywhere(admin, "noc-path-parted"), []);
});

test("captured DNS is plotted, and what is in names is text; the event report shows the same hour", async () => {
  const { page } = admin;
  await tellDns(site.bench.url, "edge-1", Date.now());
  await until(
    "it is stored",
    async () => (await site.bench.get<{ readonly pairs: number }>("/v1/dns/status")).pairs === 3000,
  );
  await until("its minutes are summed up", async () => {
    const path = `/v1/dns/outcomes?fromMs=${Date.now() - 7_200_000}`;
    const { total } = await site.bench.get<{ readonly total: Record<string, number> }>(path);
    return (total["client.pairs"] ?? 0) > 2000;
  });
  await page.getByRole("link", { name: "DNS", exact: true }).click();
  await page.locator("[data-plot] canvas").first().waitFor();
  await page.getByText("<b>bold</b>.example").first().waitFor();
  assert.deepEqual(await barriersEverywhere(admin, "noc-dns-data"), []);
  await page.getByRole("link", { name: "Event report" }).click();
  await page.getByRole("button", { name: "Make the report" }).click();
  await page.locator("[data-plot] canvas").first().waitFor();
  assert.deepEqual(await barriersEverywhere(admin, "noc-report-data"), []);
});

test("health says in words what a site feels, layer by layer", async () => {
  const { page } = admin;
  await site.fleet.nodes.get("edge-1")?.say("health", await healthOfABadDay("edge-1"));
  await page.getByRole("link", { name: "Health", exact: true }).click();
  await page.locator('[data-site="sfc"]').getByText("bad: 1 of 1").first().waitFor();
  await page.locator('[data-health="edge-1"]').getByText("bad", { exact: true }).waitFor();
  assert.deepEqual(await barriersEverywhere(admin, "noc-health"), []);
});

test("a token is shown once and revoked; a project has members and a quota of its own", async () => {
  const { page } = admin;
  const dialogue = page.getByRole("dialog");
  await page.getByRole("link", { name: "API tokens" }).click();
  await page.getByRole("button", { name: "Make a token" }).click();
  await dialogue.getByLabel("Name").fill("grafana");
  assert.deepEqual(await admin.barriers("noc-token-make"), []);
  await dialogue.getByRole("button", { name: "Make a token" }).click();
  await page.locator('[data-made="grafana"]').waitFor();
  assert.deepEqual(await barriersEverywhere(admin, "noc-tokens"), []);
  await page.getByRole("button", { name: "Revoke: grafana" }).click();
  await dialogue.getByRole("button", { name: "Revoke" }).click();
  await page.locator('[data-token="grafana"]').getByText("revoked").waitFor();

  await site.done("user", "create", "alice");
  await page.getByRole("link", { name: "Projects" }).click();
  await page.getByRole("button", { name: "New project" }).click();
  await dialogue.getByLabel("Name").fill("camp");
  await dialogue.getByLabel("What it is for").fill("<i>a camp</i>");
  await dialogue.getByRole("button", { name: "New project" }).click();
  await page.locator('[data-project="camp"]').getByText("<i>a camp</i>").waitFor();
  assert.deepEqual(await barriersEverywhere(admin, "noc-projects"), []);
  await page.getByRole("link", { name: "camp" }).click();
  await page.getByRole("button", { name: "Add or change a member" }).click();
  await dialogue.getByLabel("User").fill("alice");
  await dialogue.getByRole("button", { name: "Add or change a member" }).click();
  await page.locator('[data-member="alice"]').waitFor();
  await page.getByRole("button", { name: "Change the quota: generic-tunneling" }).click();
  await dialogue.getByLabel("At most").fill("7");
  await dialogue.getByRole("button", { name: "Change the quota" }).click();
  await page.locator('[data-quota="generic-tunneling"]').getByText("0 / 7").waitFor();
  assert.deepEqual(await barriersEverywhere(admin, "noc-project"), []);
  await page.goto("/noc/users/alice");
  await page.getByRole("link", { name: "camp" }).waitFor();
  assert.deepEqual(await barriersEverywhere(admin, "noc-user"), []);
});

test("a move of egress peers is plotted with both ways out before and after it", async () => {
  const { page } = admin;
  await site.done("epe", "observe", "--wait", "1s");
  const telling = new AbortController();
  const told = (async () => {
    for (let cycle = 1; !telling.signal.aborted; cycle++) {
      // The first fifty are told at once, each as old as it would be.
      const ageMs = cycle <= 50 ? (51 - cycle) * 1000 : 1000;
      await site.fleet.nodes.get("blue-sfc")?.say("egress", egressCycle(cycle, ageMs));
      await site.fleet.nodes.get("xe-sfc")?.say("egress-routes", egressRoutes(new Date().toISOString()));
      if (cycle > 50) await sleep(1000, undefined, { signal: telling.signal }).catch(() => undefined);
    }
  })();
  try {
    await page.goto("/noc/epe/explain?destination=3fff:250::1");
    await until("a move is in the log", async () => {
      const { rows } = await site.bench.get<{ rows: { body: { kind: string } }[] }>("/v1/epe/history");
      return rows.some(({ body }) => body.kind === "move");
    });
    await page.reload();
    await page.locator("[data-move] canvas").first().waitFor();
    await page.locator('[data-peer-moved="old"]').getByText("xe-sfc/beta").first().waitFor();
    await page.locator('[data-peer-moved="new"]').getByText("xe-sfc/wide").first().waitFor();
    assert.deepEqual(await barriersEverywhere(admin, "noc-epe-move"), []);
  } finally {
    telling.abort();
    await told;
  }
});

test("no browser has complained of anything", () => {
  assert.deepEqual(site.complaints, []);
});
