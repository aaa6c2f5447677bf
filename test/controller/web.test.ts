import assert from "node:assert/strict";
import { createPrivateKey, createPublicKey } from "node:crypto";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { hotp, totpStep } from "../../controller/src/portal/totp.ts";
import { AccessRouters } from "./access-routers.ts";
import { fromBase32 } from "./authenticator.ts";
import { until } from "./harness.ts";
import { PASSWORD } from "./visitor.ts";
import { WebSite } from "./web-site.ts";

const FABRIC = join(import.meta.dirname, "../../examples/access.yaml");

const ROUTERS_KEY = "xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg=";
/** What comes before the 32 octets of a private key of X25519 in PKCS #8 (RFC 8410). */
const PKCS8 = Buffer.from("302e020100300506032b656e04220420", "hex");

/** What was started, as far as that came. */
const started = new AsyncDisposableStack();
let site: WebSite;
let routers: AccessRouters;

before(async () => {
  site = started.use(await WebSite.start());
  routers = started.use(await AccessRouters.start(site, FABRIC));
});

after(() => started.disposeAsync());

test("a user accepts his invitation, sees his tunnel, and is told when every router has applied it, in both languages", async () => {
  const visitor = await site.visitor();
  const { page } = visitor;
  await site.invited("alice", visitor);
  await page.getByRole("heading", { name: "Your connections" }).waitFor();
  assert.equal(new URL(page.url()).hash, "", "the invitation stays in no history");
  await page.getByText("You have no connection yet.").waitFor();

  // What an operator does for her appears by itself.
  const endpoint = "3fff:250::1";
  await site.done(
    ...["application", "create", "alice", "generic-tunneling", "--device", "home", "--endpoint", endpoint],
  );
  const card = page.getByRole("article", { name: "home" });
  await card.getByText("2001:db8:e000::/60").waitFor();
  await card.getByText(endpoint).waitFor();
  await card.getByText("Being applied: 0 of 2 routers so far").waitFor();
  await routers.know(1);
  await routers.applies("pe-1");
  await card.getByText("Being applied: 1 of 2 routers so far").waitFor();
  await routers.applies("pe-2");
  await card.getByText("Applied by all 2 routers").waitFor();
  await card.getByText("8.4 MB").waitFor();
  assert.deepEqual(await visitor.barriers("my-home-en"), []);

  await page.getByRole("button", { name: "Account of alice" }).click();
  await page.getByText("日本語").click();
  await card.getByText("2 台すべてのルーターに反映済み").waitFor();
  assert.equal(await page.locator("html").getAttribute("lang"), "ja");
  assert.deepEqual(await visitor.barriers("my-home-ja"), []);
  await page.reload();
  await page.getByRole("heading", { name: "あなたの接続" }).waitFor();
  assert.equal(
    await page.getByRole("link", { name: "ノード" }).count(),
    0,
    "operators' pages are not offered",
  );
  await page.goto("/noc");
  await page.getByText("このページを表示する権限がありません。").waitFor();
});

test("an operator signs in with a second factor and sees nodes change without reloading", async () => {
  const visitor = await site.visitor();
  const { page } = visitor;
  await site.invited("oscar", visitor, "--role", "operator");
  await page.getByText("rights wait until you set up a second factor").waitFor();
  await page.getByRole("link", { name: "How I sign in" }).click();
  const factor = page.getByRole("region", { name: "Authenticator application" });
  await factor.getByRole("button", { name: "Set up an authenticator application" }).click();
  const asked = page.getByRole("dialog");
  await asked.getByRole("textbox", { name: "Password" }).fill(PASSWORD);
  await asked.getByRole("button", { name: "Set up an authenticator application" }).click();
  const secret = (await page.locator("[data-secret]").textContent()) ?? "";
  const step = totpStep(Date.now());
  await factor.getByLabel("Code that the application shows now").fill(hotp(fromBase32(secret), step));
  assert.deepEqual(await visitor.barriers("my-security-en"), []);
  await factor.getByRole("button", { name: "Put it in force" }).click();
  const codes = factor.getByLabel("Recovery codes");
  await codes.waitFor();
  assert.equal((await codes.textContent())?.split("\n").length, 10);
  // His role's rights are there at once.
  await page.getByRole("link", { name: "Nodes" }).waitFor();
  await page.getByRole("button", { name: "Account of oscar" }).click();
  await page.getByRole("button", { name: "Sign out" }).click();

  await page.getByRole("heading", { name: "Sign in to vSIX" }).waitFor();
  assert.deepEqual(await visitor.barriers("sign-in-en"), []);
  await page.getByLabel("User name").fill("oscar");
  await page.getByRole("textbox", { name: "Password" }).fill("wrong wrong wrong wrong");
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await page.getByText("User name, password or code is wrong.").waitFor();
  await page.getByRole("textbox", { name: "Password" }).fill(PASSWORD);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await page.getByText("Your account has a second factor").waitFor();
  await page
    .getByLabel("Code of your second factor")
    .fill(hotp(fromBase32(secret), Math.max(step + 1, totpStep(Date.now()))));
  await page.getByRole("button", { name: "Sign in", exact: true }).click();

  await page.getByRole("link", { name: "Nodes" }).click();
  await page.getByRole("heading", { name: "Nodes", level: 1 }).waitFor();
  const row = page.locator('[data-node="pe-1"] [data-tone]');
  await row.getByText("offline", { exact: true }).waitFor();
  await routers.at("pe-1").alive();
  await row.getByText("online", { exact: true }).waitFor();
  assert.deepEqual(await visitor.barriers("noc-nodes-en"), []);
});

test("whoever ends one of his sessions elsewhere shuts that browser out at once", async () => {
  const [here, there] = [await site.visitor("ja-JP"), await site.visitor("ja-JP")];
  await site.invited("bob", here);
  await there.page.goto("/my/sessions");
  await there.page.getByLabel("ユーザー名").fill("bob");
  await there.page.getByRole("textbox", { name: "パスワード" }).fill(PASSWORD);
  assert.deepEqual(await there.barriers("sign-in-ja"), []);
  await there.page.getByRole("button", { name: "サインイン", exact: true }).click();
  // The address that was asked for is still there after signing in.
  await there.page.getByRole("heading", { name: "サインイン中の端末" }).waitFor();
  await there.page.getByRole("link", { name: "概要" }).click();
  await there.page.getByText("接続はまだありません。").waitFor();

  await here.page.goto("/my/sessions");
  const rows = here.page.getByRole("article").filter({ hasText: "127.0.0.1" });
  await rows.nth(1).waitFor();
  assert.equal(await rows.count(), 2);
  assert.deepEqual(await here.barriers("my-sessions-ja"), []);
  await rows
    .filter({ hasNotText: "このブラウザー" })
    .getByRole("button", { name: /サインアウトさせる/ })
    .click();
  await there.page.getByRole("heading", { name: "vSIX にサインイン" }).waitFor();
  await until("one is left", async () => (await rows.count()) === 1);
});

test("a user makes a VPN device whose private key leaves the browser nowhere, sets it up anew, and ends it", async () => {
  const visitor = await site.visitor();
  const { page } = visitor;
  const sent: string[] = [];
  page.on("request", (request) => sent.push(`${request.url()} ${request.postData() ?? ""}`));
  await site.invited("carol", visitor);
  await page.getByRole("link", { name: "New connection" }).click();
  await page.getByLabel("Name of the device").fill("phone");
  assert.deepEqual(await visitor.barriers("my-new-en"), []);
  await page.getByRole("button", { name: "Apply" }).click();
  await page.getByRole("heading", { name: "Set up phone" }).waitFor();
  await page.getByText("Waits for the routers").waitFor();
  const device = { id: "vpn", publicKey: ROUTERS_KEY, listenPort: 51820 };
  for (const name of ["pe-1", "pe-2"]) await routers.says(name, 0, { devices: [device] });
  const config = page.locator("pre");
  await config.waitFor();
  const first = (await config.textContent()) ?? "";
  assert.ok(first.includes(`PublicKey = ${ROUTERS_KEY}`), "of the routers");
  assert.match(first, /Address = 2001:db8:d000::\/128/);
  await page.getByRole("img", { name: /QR code/ }).waitFor();
  assert.deepEqual(await visitor.barriers("my-vpn-en"), []);

  const told = await site.bench.json<{ publicKey: string }>("application", "show", numberOf(page.url()));
  const privateKey = /PrivateKey = (\S{44})/.exec(first)?.[1] ?? assert.fail("no private key");
  const der = Buffer.concat([PKCS8, Buffer.from(privateKey, "base64")]);
  const spki = createPublicKey(createPrivateKey({ key: der, format: "der", type: "pkcs8" }));
  const raw = spki.export({ format: "der", type: "spki" }).subarray(-32);
  assert.equal(told.publicKey, raw.toString("base64"), "the controller has the key's public half");
  assert.ok(sent.some((request) => request.includes(encodeJson(told.publicKey))));
  assert.deepEqual(
    sent.filter(
      (request) => request.includes(privateKey) || request.includes(encodeURIComponent(privateKey)),
    ),
    [],
  );
  const kept = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]));
  assert.ok(!kept.includes(privateKey));

  await page.reload();
  await page.getByRole("button", { name: "Make a new key" }).click();
  await config.waitFor();
  const second = (await config.textContent()) ?? "";
  assert.ok(second.includes("PrivateKey = ") && !second.includes(privateKey));

  // What operators write is text, whatever it looks like.
  const reason = '<img src=x onerror="document.title=1">';
  await site.done("application", "suspend", numberOf(page.url()), "--reason", reason);
  await page.getByText(`Suspended: ${reason}`).waitFor();
  await page.getByRole("link", { name: "Overview" }).click();
  await page.getByRole("button", { name: "End phone" }).click();
  const dialogue = page.getByRole("dialog");
  await dialogue.getByText("This cannot be taken back.").waitFor();
  assert.deepEqual(await visitor.barriers("my-end-en"), []);
  await dialogue.getByRole("button", { name: "End" }).click();
  await page.getByRole("article", { name: "phone" }).getByText("Ended").waitFor();
});

test("no browser has complained of a script, a style or anything else that the page's policy forbids", () => {
  assert.deepEqual(site.complaints, []);
});

function numberOf(url: string): string {
  return new URL(url).pathname.split("/").at(-1) ?? "";
}

/** As it stands in a JSON text. */
function encodeJson(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}
