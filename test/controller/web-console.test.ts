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

test("no browser has complained of anything in the console", () => {
  assert.deepEqual(site.complaints, []);
});
