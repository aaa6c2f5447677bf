import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { WebSite } from "./web-site.ts";

let site: WebSite;

before(async () => {
  site = await WebSite.start({ hasFleet: true });
});

after(async () => {
  await site[Symbol.asyncDispose]();
});

test("whoever may only look sees a rollout begin, move and go back without reloading, in both languages", async () => {
  const visitor = await site.visitor();
  const { page } = visitor;
  await site.invited("rita", visitor, "--role", "read-only");
  await page.getByText("Everything is as it is wanted").waitFor();
  await page.getByRole("link", { name: "Rollouts" }).click();
  await page.getByText("There has been no rollout yet.").waitFor();
  await site.done("rollout", "create", "--to", "green", "--interval", "90s", "--rehearsal", "1s");
  const row = page.locator('[data-rollout="1"]');
  await row.getByText("blue → green").waitFor();
  await row.getByText(/^step 1 of 4$/).waitFor();
  assert.deepEqual(await visitor.barriers("noc-rollouts-en"), []);
  await site.done("rollout", "abort", "1");
  await row.getByText("aborted, all are back").waitFor();
  const japanese = await site.visitor("ja-JP");
  await site.invited("ren", japanese, "--role", "read-only");
  await japanese.page.getByRole("link", { name: "ロールアウト" }).click();
  await japanese.page.getByText("中止(すべて元に戻りました)").waitFor();
  assert.deepEqual(await japanese.barriers("noc-rollouts-ja"), []);
});

test("no browser has complained of anything on operators' pages", () => {
  assert.deepEqual(site.complaints, []);
});
