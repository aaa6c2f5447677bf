import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { barriersEverywhere, operator } from "./web-operator.ts";
import { type Visitor, WebSite } from "./web-site.ts";

let site: WebSite;
let admin: Visitor;

before(async () => {
  site = await WebSite.start({ hasFleet: true });
  admin = await operator(site, "ada", "admin");
});

after(async () => {
  await site[Symbol.asyncDispose]();
});

test("the live screen draws the network, says the same in lists, and an Edge that moves is seen to without reloading", async () => {
  const { page } = admin;
  await page.getByText("Everything is as it is wanted").waitFor();
  await page.locator('[data-graph="25"] canvas').first().waitFor();
  await page.locator('[data-plane="blue"]').getByText("20 of 21 Edges seen").waitFor({ state: "detached" });
  assert.deepEqual(await barriersEverywhere(admin, "noc-live"), []);
  await page.getByText("Lists", { exact: true }).click();
  const row = page.locator('[data-listed="edge-3"]');
  await row.getByRole("cell", { name: "blue", exact: true }).waitFor();
  await site.done("edge", "steer", "edge-3", "--plane", "green");
  await row.getByRole("cell", { name: "green", exact: true }).waitFor();
  assert.deepEqual(await barriersEverywhere(admin, "noc-live-lists"), []);
  await site.done("edge", "release", "edge-3");
  await row.getByRole("cell", { name: "blue", exact: true }).waitFor();
});

test("an operator plans a rollout, starts it, sees what the judge sees, holds it, lets it go on, and brings it back", async () => {
  const { page } = admin;
  await page.getByRole("link", { name: "Rollouts" }).click();
  await page.getByRole("link", { name: "New rollout" }).click();
  await page.getByLabel("To", { exact: true }).selectOption("green");
  await page.getByLabel("Each step is observed for at least, seconds").fill("2");
  await page.getByLabel("Rehearsal and its halves, seconds").fill("1");
  await page.getByLabel("Note").fill("<b>try</b>");
  await page.getByRole("button", { name: "Show what it would do" }).click();
  await page.locator('[data-plan="21"]').waitFor();
  assert.deepEqual(await barriersEverywhere(admin, "noc-rollout-new"), []);
  await page.getByRole("button", { name: "Start the rollout" }).click();
  await page.getByRole("heading", { name: /^Rollout \d+: blue → green$/ }).waitFor();
  await page.getByText("Note: <b>try</b>").waitFor();
  await page.locator('[data-distribution="wide-0 green"]').waitFor();
  await page.locator("[data-plot] canvas").first().waitFor();
  await page.locator('[data-metric="rtt"]').waitFor();
  await page.locator('[data-step="1"][aria-current="step"]').waitFor();
  await page.getByRole("button", { name: "Pause" }).click();
  await page.getByLabel("Reason").fill("lunch");
  await page.getByRole("dialog").getByRole("button", { name: "Pause" }).click();
  await page.getByRole("cell", { name: "paused by user:ada" }).waitFor();
  assert.deepEqual(await barriersEverywhere(admin, "noc-rollout"), []);
  await page.getByRole("button", { name: "Resume" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Resume" }).click();
  await page.getByRole("button", { name: "Pause" }).waitFor();
  await page.getByRole("button", { name: "Abort" }).click();
  await page.getByLabel("Reason").fill("seen enough");
  await page.getByRole("dialog").getByRole("button", { name: "Abort" }).click();
  await page.getByText("aborted, all are back").waitFor();
  await page.getByText("seen enough").first().waitFor();
});

test("no browser has complained of anything in the console", () => {
  assert.deepEqual(site.complaints, []);
});
