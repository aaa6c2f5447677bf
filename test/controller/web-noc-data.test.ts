import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { parseFabric } from "@vsix/shared/fabric/parse.ts";
import { buildFlow, buildTrace } from "@vsix/shared/paths/build-trace.ts";
import { until } from "./harness.ts";
import { healthOfABadDay, richFabric, tellDns } from "./web-noc-data.ts";
import { barriersEverywhere, operator } from "./web-operator.ts";
import { type Visitor, WebSite } from "./web-site.ts";

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

test("no browser has complained of anything", () => {
  assert.deepEqual(site.complaints, []);
});
