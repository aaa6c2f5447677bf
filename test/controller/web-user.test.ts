import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { Page } from "playwright-core";
import { AccessRouters } from "./access-routers.ts";
import type { Visitor } from "./visitor.ts";
import { WebSite } from "./web-site.ts";

const FABRIC = join(import.meta.dirname, "../../examples/access.yaml");
const VECTOR = new URL("../../shared/vectors/v1/up-health.json", import.meta.url);
const ROUTERS_KEY = "xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg=";
const SSH_KEY =
  "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIH9/IiEFrO3khQyzHhlnIkLh0E+vYT9tBJ7o8x3yHk9b dora@laptop";
const HOSTILE = `"><img src=x onerror="document.title='owned'"><script>document.title='owned'</script>`;

/** What was started, as far as that came. */
const started = new AsyncDisposableStack();
let site: WebSite;
let routers: AccessRouters;
let dora: Visitor;

before(async () => {
  site = started.use(await WebSite.start());
  const fabric = join(site.bench.directory, "fabric.yaml");
  const pages = `web: { v6: "${elsewhere()}/six" }, translated: { v4: "${elsewhere()}/four" }`;
  await writeFile(fabric, `${await readFile(FABRIC, "utf8")}\nhealth: { intervalS: 60, ${pages} }\n`);
  routers = started.use(await AccessRouters.start(site, fabric));
  dora = await site.visitor();
  await site.invited("dora", dora);
});

after(() => started.disposeAsync());

/** Another origin, which the fabric names and nobody is at. */
function elsewhere(): string {
  return "https://elsewhere.example";
}

/** A node tells how the network feels from it. */
async function feels(node: string, state: "good" | "poor", text: string): Promise<void> {
  const vector = JSON.parse(await readFile(VECTOR, "utf8")) as { readonly text: string };
  const verdicts = [{ code: "slow", layer: "web", state: "poor", text }];
  const told = { ...(JSON.parse(vector.text) as object), node, state, verdicts, checks: [] };
  await routers.at(node).say("health", told);
}

/** The texts of all files that are shown, by path. */
async function filesOn(page: Page): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, string>();
  for (const pre of await page.locator("section[aria-label] > pre").all()) {
    const path = await pre.locator("..").getAttribute("aria-label");
    files.set(path ?? "", (await pre.textContent()) ?? "");
  }
  return files;
}

test("a user applies for a tunnel, reads what his router has to be told in five systems' words, and saves it", async () => {
  const { page } = dora;
  await page.getByRole("link", { name: "New connection" }).click();
  await page.getByLabel("A network: a tunnel to your own router").check();
  await page.getByLabel("Name of the device").fill("home");
  await page.getByLabel("IPv6 address of your router").fill("3fff:250::d");
  await page.getByLabel("Note for the operators").fill(HOSTILE);
  await page.getByRole("button", { name: "Apply" }).click();
  await page.getByRole("link", { name: "Set up home" }).click();
  await page.getByRole("heading", { name: "Set up home" }).waitFor();
  const format = page.getByLabel("What is to be set up?");
  for (const [name, sign] of [
    ["systemd-networkd", "Remote=2001:db8:53:e::1"],
    ["NetworkManager", "remote=2001:db8:53:e::1"],
    ["MikroTik RouterOS 7", "remote-address=2001:db8:53:e::1"],
    ["OpenWrt", "remote 2001:db8:53:e::1"],
    ["Cisco IOS XE", "tunnel destination 2001:db8:53:e::1"],
  ] as const) {
    await format.selectOption(name);
    await page.locator("pre", { hasText: sign }).waitFor();
    const all = [...(await filesOn(page)).values()].join("\n");
    for (const text of ["3fff:250::d", "2001:db8:e000::/60"])
      assert.ok(all.includes(text), `${name}: ${text}`);
  }
  await page.getByLabel("Network device that your hosts are behind").fill("Vlan 1; reload");
  await page.getByText("Letters, digits, and . _ - / between them").waitFor();
  assert.equal(await page.locator("pre").count(), 0, "nothing is made of what is no name");
  await page.getByLabel("Network device that your hosts are behind").fill("Vlan1");
  await page.locator("pre", { hasText: "interface Vlan1" }).waitFor();
  assert.deepEqual(await dora.barriers("my-tunnel-en"), []);
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "Save as a file: vsix.cfg" }).click();
  assert.equal((await download).suggestedFilename(), "vsix.cfg");
});

test("the files of a vSIX Pi are made in the browser, of a claim that is told once, and secrets are sent nowhere", async () => {
  const { page } = dora;
  const sent: string[] = [];
  page.on("request", (request) => sent.push(`${request.url()} ${request.postData() ?? ""}`));
  await page.getByLabel("What is to be set up?").selectOption("vSIX Pi (Raspberry Pi)");
  await page.getByLabel("SSH keys, one a line").fill("no key at all");
  await page.getByLabel("Name of the Wi-Fi").fill("Dora's net: #1");
  await page.getByLabel("Passphrase of the Wi-Fi").fill("correct: horse 'battery'");
  await page.getByRole("button", { name: "Make the files" }).click();
  await page.getByRole("alert").getByText("system.users[0].sshKeys").waitFor();
  assert.deepEqual(
    sent.filter((one) => one.includes("/claim")),
    [],
    "no claim is spent on a slip",
  );
  await page.getByLabel("SSH keys, one a line").fill(SSH_KEY);
  await page.getByRole("button", { name: "Make the files" }).click();
  await page.getByText("The files hold a claim").waitFor();
  const files = await filesOn(page);
  assert.deepEqual([...files.keys()], ["user-data", "network-config", "meta-data", "vsix-pi.yaml"]);
  assert.match(files.get("user-data") ?? "", /^#cloud-config/);
  const [, claim = ""] = /^claim: (\S+)$/m.exec(files.get("vsix-pi.yaml") ?? "") ?? [];
  assert.ok(claim.length > 40 && (files.get("user-data") ?? "").includes(claim));
  const id = createHash("sha256")
    .update((files.get("user-data") ?? "") + (files.get("network-config") ?? ""))
    .digest("hex");
  assert.ok(
    (files.get("meta-data") ?? "").includes(`instance-id: vsix-${id.slice(0, 16)}`),
    "as vsix-pi makes it",
  );
  assert.equal(sent.filter((one) => one.includes("horse")).length, 0);
  assert.deepEqual(await dora.barriers("my-pi-en"), []);
});

test("a one-time link shows a VPN device's configuration once, and the controller cannot read it", async () => {
  const { page } = dora;
  const sent: string[] = [];
  page.on("request", (request) => sent.push(`${request.url()} ${request.postData() ?? ""}`));
  await page.getByRole("link", { name: "New connection" }).click();
  await page.getByLabel("Name of the device").fill("phone");
  await page.getByRole("button", { name: "Apply" }).click();
  await page.getByText("Waits for the routers").waitFor();
  const device = { id: "vpn", publicKey: ROUTERS_KEY, listenPort: 51820 };
  for (const name of AccessRouters.NAMES) await routers.says(name, 0, { devices: [device] });
  await page.getByRole("button", { name: "One-time link for vsix.conf" }).click();
  const link = (await page.getByLabel("One-time link", { exact: true }).textContent()) ?? "";
  const config = (await page.locator("pre").first().textContent()) ?? "";
  const [, privateKey = ""] = /PrivateKey = (\S{44})/.exec(config) ?? [];
  const [, fragment = ""] = link.split("#");
  const [token = "", key = ""] = fragment.split(".");
  assert.deepEqual(
    sent.filter((one) => one.includes(privateKey) || one.includes(key)),
    [],
  );
  assert.deepEqual(await dora.barriers("my-vpn-link-en"), []);

  const friend = await site.visitor("ja-JP");
  const asked: string[] = [];
  friend.page.on("request", (request) => asked.push(request.url()));
  await friend.page.goto(link);
  await friend.page.getByRole("button", { name: "今すぐ表示" }).waitFor();
  assert.equal(new URL(friend.page.url()).hash, "", "it stays in no history");
  assert.deepEqual(await friend.barriers("once-ja"), []);
  await friend.page.getByRole("button", { name: "今すぐ表示" }).click();
  await friend.page.getByRole("img", { name: /QR/ }).waitFor();
  assert.equal(await friend.page.locator("pre").textContent(), config);
  assert.deepEqual(await friend.barriers("once-shown-ja"), []);
  assert.deepEqual(
    asked.filter((url) => url.includes(token) || url.includes(key)),
    [],
    "in no address",
  );

  const late = await site.visitor();
  await late.page.goto(link);
  await late.page.getByRole("button", { name: "Show it now" }).click();
  await late.page.getByText("This link shows nothing any more").waitFor();
  assert.deepEqual(await late.barriers("once-over-en"), []);
  const audit = await site.done("audit", "--json");
  assert.ok(audit.includes("one-time link made") && audit.includes("one-time link opened"));
  assert.ok(!audit.includes(token));
});

test("a user suspends his tunnel, routers have it no more, and he resumes it; what an operator suspended he cannot", async () => {
  const { page } = dora;
  await page.getByRole("link", { name: "Overview" }).click();
  const card = page.getByRole("article", { name: "home" });
  await routers.know(1);
  for (const name of AccessRouters.NAMES) await routers.applies(name);
  await card.getByText("Applied by all 2 routers").waitFor();
  await card.getByRole("button", { name: "Suspend home" }).click();
  const dialogue = page.getByRole("dialog");
  await dialogue.getByText("you can resume it whenever you like").waitFor();
  assert.deepEqual(await dora.barriers("my-suspend-en"), []);
  await dialogue.getByRole("button", { name: "Suspend" }).click();
  await card.getByText(/Ending: 2 routers still serve it|Suspended by yourself/).waitFor();
  await routers.know(0);
  for (const name of AccessRouters.NAMES) await says0(name);
  await card.getByText("Suspended by yourself").waitFor();
  await card.getByRole("button", { name: "Resume home" }).click();
  await routers.know(1);
  for (const name of AccessRouters.NAMES) await routers.applies(name);
  await card.getByText("Applied by all 2 routers").waitFor();

  const id = (await card.getAttribute("data-application")) ?? "";
  await site.done("application", "suspend", id, "--reason", HOSTILE);
  await routers.know(0);
  for (const name of AccessRouters.NAMES) await says0(name);
  await card.getByText(`Suspended: ${HOSTILE}`).waitFor();
  assert.equal(await card.getByRole("button", { name: "Resume home" }).count(), 0);
  assert.doesNotMatch(await page.title(), /owned/);
});

/** All shards of a router hold nobody. */
async function says0(name: string): Promise<void> {
  for (let shard = 0; shard < 16; shard++) await routers.says(name, shard, {});
}

test("a user is told which plane carries him, how his way feels, and what his browser finds of his connection", async () => {
  const visitor = await site.visitor("ja-JP");
  await site.invited("emi", visitor);
  const { page } = visitor;
  const endpoint = "3fff:250::e";
  await site.done(
    ...["application", "create", "emi", "generic-tunneling", "--device", "ie", "--endpoint", endpoint],
  );
  await routers.know(1);
  for (const name of AccessRouters.NAMES) await routers.applies(name);
  const card = page.getByRole("article", { name: "ie" });
  await card.getByText("ルーター pe-1 が通信を運んでいます").waitFor();
  await feels("pe-1", "poor", HOSTILE);
  await page.reload();
  await card.getByText("経路の品質が低下しています").waitFor();
  await card.getByText(HOSTILE).waitFor();
  assert.deepEqual(await visitor.barriers("my-path-ja"), []);

  const asked: Record<string, string | undefined>[] = [];
  let isAnswering = true;
  // Other sites' own answers; the policy of our page is asked before them.
  await page.route(`${elsewhere()}/**`, async (route) => {
    asked.push(await route.request().allHeaders());
    await (isAnswering ? route.fulfill({ status: 200, body: "" }) : route.abort("addressunreachable"));
  });
  await page.getByRole("link", { name: "接続を確認" }).click();
  const told = (subject: string) => page.getByRole("region", { name: subject });
  await told("IPv6 の利用").getByText("IPv6 は使えます").waitFor();
  await told("あなたの vSIX 接続").getByText("IPv4 で接続しているため").waitFor();
  await told("IPv4 のみのページ").getByText("ネットワークの外から接続している").waitFor();
  await told("パケットサイズ(MTU)").getByText("両方向とも届きます").waitFor();
  assert.ok(asked.length >= 2, "the pages that the fabric names were really asked");
  for (const { cookie, referer } of asked)
    assert.equal(cookie ?? referer, undefined, "they learn nothing of us");
  assert.deepEqual(await visitor.barriers("my-check-ja"), []);
  await page.route("**/v1/me/connection/load", async (route) => {
    if (route.request().method() === "POST") await route.abort("timedout");
    else await route.continue();
  });
  isAnswering = false;
  await page.getByRole("button", { name: "もう一度確認" }).click();
  await told("パケットサイズ(MTU)").getByText("あなたからの大きいパケットが失われています").waitFor();
  await told("IPv6 の利用").getByText("IPv6 が使えません").waitFor();
  await page.setViewportSize({ width: 390, height: 844 });
  assert.deepEqual(await visitor.barriers("my-check-phone-ja"), []);
});

test("no browser has complained of anything that the page's policy forbids", () => {
  assert.deepEqual(site.complaints, []);
});
