import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { MACHINE } from "../contract/node-vectors.ts";
import { FABRIC } from "./network.ts";
import type { Visitor } from "./visitor.ts";
import { barriersEverywhere, operator } from "./web-operator.ts";
import { WebSite } from "./web-site.ts";

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
  await page.getByText("paused by user:ada", { exact: true }).nth(1).waitFor({ state: "detached" });
  await page.locator("#main").getByRole("button", { name: "Pause" }).waitFor();
  await page.getByRole("button", { name: "Abort" }).click();
  await page.getByLabel("Reason").fill("seen enough");
  await page.getByRole("dialog").getByRole("button", { name: "Abort" }).click();
  await page.getByText("aborted, all are back").waitFor();
  await page.getByText("seen enough").first().waitFor();
});

test("who would move is shown before an Edge is steered or a plane drained, and then they are seen to move", async () => {
  const { page } = admin;
  await page.getByRole("link", { name: "Edges and planes" }).click();
  const row = page.locator('[data-edge="edge-7"]');
  await row.getByText("blue / blue").waitFor();
  await row.getByRole("button", { name: "Lead to green: edge-7" }).click();
  const dialogue = page.getByRole("dialog");
  await dialogue.locator('[data-moves="1"]').getByText("edge-7 → green (steered)").waitFor();
  await dialogue.getByRole("button", { name: "Lead to green" }).click();
  await row.getByText("green / green").waitFor();
  await row.getByRole("button", { name: "Release: edge-7" }).click();
  await dialogue.getByRole("button", { name: "Release" }).click();
  await row.getByText("blue / blue").waitFor();
  assert.deepEqual(await barriersEverywhere(admin, "noc-edges"), []);
  await page.getByRole("button", { name: "Drain: blue" }).click();
  await dialogue.locator('[data-moves="21"]').waitFor();
  assert.deepEqual(await admin.barriers("noc-drain-preview"), []);
  await dialogue.getByRole("button", { name: "Drain" }).click();
  await row.getByText("green / green").waitFor();
  await page.getByRole("button", { name: "Use again: blue" }).click();
  await dialogue.locator('[data-moves="21"]').waitFor();
  await dialogue.getByRole("button", { name: "Use again" }).click();
  await row.getByText("blue / blue").waitFor();
});

test("a node says what it is and what is not done; a claim for it is shown once", async () => {
  const { page } = admin;
  await page.getByRole("link", { name: "Nodes" }).click();
  await page.getByRole("link", { name: "blue-sfc" }).click();
  await page.locator('[data-online="true"]').waitFor();
  await page.locator('[data-session="green-sfc"], [data-session="xe-sfc"]').first().waitFor();
  await page.locator('[data-kernel="same"]').getByText("as wanted").waitFor();
  const disk = { path: "/", usedOctets: 31_000_000_000, availableOctets: 600_000_000 };
  const told = { ...MACHINE, node: "blue-sfc", at: new Date().toISOString(), filesystems: [disk] };
  await site.fleet.nodes.get("blue-sfc")?.say("machine", told);
  await page.reload();
  await page.locator('[data-program="gobgp"]').getByText("3.36.0").waitFor();
  await page.locator('[data-warning="disk-nearly-full"]').getByText("1 % are left").waitFor();
  await page.getByRole("button", { name: "Enrol: blue-sfc" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Enrol" }).click();
  await page.locator("[data-claim]").waitFor();
  assert.deepEqual(await barriersEverywhere(admin, "noc-node"), []);
});

test("the fabric is changed in an editor: faults at their lines, what it would change, applied, and put back", async () => {
  const { page } = admin;
  const dialogue = page.getByRole("dialog");
  await page.getByRole("link", { name: "Fabric" }).click();
  const editor = page.locator("[data-editor] .cm-content");
  await editor.click();
  await page.keyboard.press("Control+Home");
  await page.keyboard.type("nonsense: 1\n");
  await page.getByRole("button", { name: "Check" }).click();
  await page
    .locator("[data-faults]")
    .getByText(/Line 1, column 1/)
    .waitFor();
  await page.locator(".cm-lint-marker-error").first().waitFor();
  assert.deepEqual(await barriersEverywhere(admin, "noc-fabric-faults"), []);
  await page.getByRole("button", { name: "As it was" }).click();
  await page.locator("[data-faults]").waitFor({ state: "detached" });
  await editor.click();
  await page.keyboard.press("Control+End");
  await page.keyboard.type("  med: { preferred: 20 }\n");
  await page.getByRole("button", { name: "Check" }).click();
  await page.locator("[data-diff]").getByText("blue-sfc: changed").waitFor();
  assert.deepEqual(await barriersEverywhere(admin, "noc-fabric-diff"), []);
  await page.getByRole("button", { name: "Apply" }).click();
  await dialogue.getByLabel("Reason").fill("another MED");
  await dialogue.getByRole("button", { name: "Apply" }).click();
  await page.locator("[data-stored]").waitFor();
  await page.getByRole("cell", { name: "another MED" }).waitFor();
  await page.getByRole("button", { name: "Put in force again: 1" }).click();
  await dialogue.getByRole("button", { name: "Put in force again" }).click();
  await page.getByRole("rowheader", { name: /in force/ }).waitFor();
  await page.getByRole("link", { name: "Show: 1", exact: true }).click();
  await page.getByText("This is revision 1, which is not in force any more.").waitFor();
});

test("applications are decided with a reason, pools show how full they are, and a user is invited and suspended", async () => {
  const { page } = admin;
  const dialogue = page.getByRole("dialog");
  await site.done("user", "create", "mallory");
  await site.done("pool", "create", "p1", "--purpose", "tunnel", "--prefix", "2001:db8:e000::/40");
  const created = ["application", "create", "mallory", "generic-tunneling", "--endpoint"];
  await site.done(...created, "3fff:250::1", "--device", "one", "--note", "<img src=x onerror=alert(1)>");
  await site.done(...created, "3fff:251::1", "--device", "two");
  await page.getByRole("link", { name: "Applications" }).click();
  await page.locator('[data-waiting="2"]').waitFor();
  await page.getByText("<img src=x onerror=alert(1)>").waitFor();
  assert.deepEqual(await barriersEverywhere(admin, "noc-applications"), []);
  await page.getByRole("button", { name: "Approve: mallory/one" }).click();
  await dialogue.getByRole("button", { name: "Approve" }).click();
  await page.locator('[data-waiting="1"]').waitFor();
  await page.getByRole("button", { name: "Refuse: mallory/two" }).click();
  await dialogue.getByLabel("Reason").fill("no such place");
  await dialogue.getByRole("button", { name: "Refuse" }).click();
  await page.locator('[data-waiting="0"]').waitFor();
  await page.getByRole("row").filter({ hasText: "no such place" }).getByText("refused").waitFor();
  await page.getByRole("link", { name: "Address pools" }).click();
  await page.locator('[data-pool="p1"]').getByText("active 1, reserved 0").waitFor();
  assert.deepEqual(await barriersEverywhere(admin, "noc-pools"), []);
  await page.getByRole("link", { name: "Users" }).click();
  await page.getByRole("button", { name: "Invite: mallory" }).click();
  await dialogue.getByRole("button", { name: "Invite" }).click();
  await page.locator("[data-invitation]").getByText(`${site.origin}/invitation#`).waitFor();
  await page.getByRole("button", { name: "Suspend: mallory" }).click();
  await dialogue.getByLabel("Reason").fill("<b>away</b>");
  await dialogue.getByRole("button", { name: "Suspend" }).click();
  await page.locator('[data-user="mallory"]').getByText("<b>away</b>").waitFor();
  assert.deepEqual(await barriersEverywhere(admin, "noc-users"), []);
});

test("egress peers are watched and switched off by the red button; a destination that is not measured is said to be so", async () => {
  const { page } = admin;
  const dialogue = page.getByRole("dialog");
  await page.getByRole("link", { name: "Egress peers" }).click();
  await page.locator('[data-mode="off"]').waitFor();
  await page.getByRole("button", { name: "Observe only" }).click();
  await dialogue.getByRole("button", { name: "Observe only" }).click();
  // Without a policy it is refused, and the dialogue says so.
  await dialogue.getByRole("alert").getByText(/epe/).waitFor();
  await dialogue.getByRole("button", { name: "Cancel" }).click();
  const file = join(site.bench.directory, "epe.yaml");
  const fabric = await readFile(FABRIC, "utf8");
  await writeFile(
    file,
    `${fabric}\nepe:\n  measure: { from: [blue-sfc] }\n  destinations: { list: [{ prefix: "3fff:250::/32", address: "3fff:250::1" }] }\n`,
  );
  await site.done("apply", file);
  await page.getByRole("button", { name: "Observe only" }).click();
  await dialogue.getByLabel("Reason").fill("to look");
  await dialogue.getByRole("button", { name: "Observe only" }).click();
  await page.locator('[data-mode="observe"]').waitFor();
  await page.locator('[data-epe="mode"]').getByText("user:ada: observe – to look").waitFor();
  await page.locator('[data-peer="xe-sfc/wide"]').waitFor();
  assert.deepEqual(await barriersEverywhere(admin, "noc-epe"), []);
  await page.getByLabel("Address or prefix to be explained").fill("3fff:999::1");
  await page.getByRole("button", { name: "Explain" }).click();
  await page.getByRole("heading", { name: "Why 3fff:999::1 leaves as it does" }).waitFor();
  await page
    .getByRole("alert")
    .getByText(/nothing has been decided yet|is not measured/)
    .waitFor();
  assert.deepEqual(await barriersEverywhere(admin, "noc-epe-explain"), []);
  await page.getByRole("link", { name: "Egress peers" }).click();
  await page.getByRole("button", { name: "Switch off" }).click();
  await dialogue.getByRole("button", { name: "Switch off" }).click();
  await page.locator('[data-mode="off"]').waitFor();
});

test("the audit log is filtered and verified, the event report is made, paths and DNS say what there is", async () => {
  const { page } = admin;
  await page.getByRole("link", { name: "Audit log" }).click();
  await page.locator("[data-audit]").first().waitFor();
  await page.getByLabel("What", { exact: true }).fill("user create");
  await page.getByRole("button", { name: "Show", exact: true }).click();
  await page.waitForURL(/what=user\+create/);
  await page.locator('[data-audit="user create"]').first().waitFor();
  assert.equal(await page.locator('[data-audit]:not([data-audit="user create"])').count(), 0);
  await page.getByRole("button", { name: "Verify the chain" }).click();
  await page.getByText(/^All \d+ records are as they were written/).waitFor();
  assert.deepEqual(await barriersEverywhere(admin, "noc-audit"), []);
  await page.getByRole("link", { name: "Event report" }).click();
  await page.getByLabel("Name of the event").fill("<i>camp</i>");
  await page.getByRole("button", { name: "Make the report" }).click();
  await page.getByRole("heading", { name: "Event report: <i>camp</i>" }).waitFor();
  await page.locator('[data-change="apply"]').waitFor();
  assert.deepEqual(await barriersEverywhere(admin, "noc-report"), []);
  const file = join(site.bench.directory, "expected.yaml");
  const target = '{ name: wide-0, address: "3fff:250::1" }';
  await writeFile(
    file,
    `version: 1\npaths:\n  - { source: noc, target: ${target}, allowed: [[plane: blue, ...]] }\n`,
  );
  await site.done("path", "apply", file);
  await page.getByRole("link", { name: "Paths" }).click();
  await page.locator('[data-path="noc wide-0"]').getByText("not seen yet").waitFor();
  await page.getByRole("link", { name: "noc → wide-0" }).click();
  await page.getByText("No trace has come.").waitFor();
  await page.getByRole("button", { name: "Silence for an hour" }).click();
  await page.getByLabel("Reason").fill("works on the roof");
  await page.getByRole("dialog").getByRole("button", { name: "Silence for an hour" }).click();
  await page.getByText(/Silenced by user:ada until .* works on the roof/).waitFor();
  assert.deepEqual(await barriersEverywhere(admin, "noc-path"), []);
  await page.getByRole("link", { name: "DNS", exact: true }).click();
  await page.getByText("No DNS has been captured.").waitFor();
  assert.deepEqual(await admin.barriers("noc-dns"), []);
});

test("by keyboard alone one gets anywhere, and an address can be sent to somebody else", async () => {
  const { page } = admin;
  await page.goto("/noc/audit?what=apply");
  await page.locator('[data-audit="apply"]').first().waitFor();
  await page.keyboard.press("Control+k");
  await page
    .getByRole("combobox", { name: /Page, node/ })
    .or(page.getByLabel(/Page, node/))
    .first()
    .waitFor();
  await page.keyboard.type("green-sfc");
  await page.getByRole("option", { name: "Node green-sfc" }).waitFor();
  assert.deepEqual(await admin.barriers("palette"), []);
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "green-sfc", level: 1 }).waitFor();
});

test("every page of the console speaks Japanese too, and one who may only look is offered nothing that changes anything", async () => {
  const visitor = await site.visitor("ja-JP");
  const { page } = visitor;
  await site.invited("rin", visitor, "--role", "read-only");
  await page.getByText("意図どおりです").or(page.getByText("意図どおりでないところ")).first().waitFor();
  const names = [
    "ノード",
    "Edge とバックボーン面",
    "ロールアウト",
    "出口ピア(EPE)",
    "ファブリック",
    "経路",
    "DNS 観測",
  ];
  for (const name of names) {
    await page.getByRole("link", { name, exact: true }).click();
    await page.getByRole("heading", { level: 1, name }).waitFor();
    assert.equal(await page.locator("#main button[data-size='xs']").count(), 0, name);
  }
  for (const name of ["監査ログ", "接続の申請", "ユーザー管理", "イベントレポート"])
    assert.equal(await page.getByRole("link", { name }).count(), 0, name);
  await page.getByRole("link", { name: "ファブリック" }).click();
  await page.locator('[data-editor] .cm-content[aria-readonly="true"]').waitFor();
  assert.deepEqual(await visitor.barriers("noc-fabric-ja"), []);
  await page.goto("/noc/rollouts/new");
  await page.getByText("このページを表示する権限がありません。").waitFor();
});

test("no browser has complained of anything in the console", () => {
  assert.deepEqual(site.complaints, []);
});
