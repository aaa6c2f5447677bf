import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { CDPSession, Page } from "playwright-core";
import { freePort } from "./harness.ts";
import { OidcProvider } from "./oidc-provider.ts";
import { PASSWORD, type Visitor } from "./visitor.ts";
import { WebSite } from "./web-site.ts";

/** What was started, as far as that came. */
const started = new AsyncDisposableStack();
let provider: OidcProvider;
let site: WebSite;

before(async () => {
  const port = await freePort();
  provider = started.use(await OidcProvider.start(`https://localhost:${port}`));
  site = started.use(await WebSite.start({ port, oidc: provider.settings }));
});

after(() => started.disposeAsync());

/** Chromium's own authenticator of a device that looks who holds it (Web Authentication Level 3, section 11). */
class VirtualDevice {
  readonly #cdp: CDPSession;
  readonly #id: string;

  private constructor(cdp: CDPSession, id: string) {
    this.#cdp = cdp;
    this.#id = id;
  }

  static async of({ context, page }: Visitor): Promise<VirtualDevice> {
    const cdp = await context.newCDPSession(page);
    await cdp.send("WebAuthn.enable");
    const { authenticatorId } = await cdp.send("WebAuthn.addVirtualAuthenticator", {
      options: {
        ...{ protocol: "ctap2", transport: "internal", automaticPresenceSimulation: true },
        ...{ hasResidentKey: true, hasUserVerification: true, isUserVerified: true },
      },
    });
    return new VirtualDevice(cdp, authenticatorId);
  }

  /** Whether it finds that its owner holds it. */
  async setVerified(isUserVerified: boolean): Promise<void> {
    await this.#cdp.send("WebAuthn.setUserVerified", { authenticatorId: this.#id, isUserVerified });
  }
}

async function signOut({ page }: Visitor, user: string): Promise<void> {
  await page.getByRole("button", { name: new RegExp(user) }).click();
  await page.getByRole("button", { name: /^(Sign out|サインアウト)$/ }).click();
  await page.getByRole("heading", { name: /Sign in to vSIX|vSIX にサインイン/ }).waitFor();
}

test("an operator adds a passkey and has his rights, signs in by it without name or code, renames and removes it", async () => {
  const visitor = await site.visitor();
  const { page } = visitor;
  const device = await VirtualDevice.of(visitor);
  await site.invited("pia", visitor, "--role", "operator");
  await page.getByRole("link", { name: "How I sign in" }).first().click();
  const section = page.getByRole("region", { name: "Passkeys" });
  await section.getByRole("button", { name: "Add a passkey" }).click();
  const dialogue = page.getByRole("dialog");
  await dialogue.getByLabel("Name of the passkey").fill("Pia's phone");
  await dialogue.getByRole("textbox", { name: "Password" }).fill("wrong wrong wrong");
  await dialogue.getByRole("button", { name: "Add a passkey" }).click();
  await dialogue.getByText("The password is wrong.").waitFor();
  await dialogue.getByRole("textbox", { name: "Password" }).fill(PASSWORD);
  await dialogue.getByRole("button", { name: "Add a passkey" }).click();
  await section.getByText("The passkey is added.").waitFor();
  await page.getByRole("link", { name: "Nodes" }).waitFor();
  const card = section.getByRole("article", { name: "Pia's phone" });
  await card.getByText("Not used yet.").waitFor();
  assert.deepEqual(await visitor.barriers("my-passkeys-en"), []);

  await section.getByRole("button", { name: "Add a passkey" }).click();
  await dialogue.getByRole("textbox", { name: "Password" }).fill(PASSWORD);
  await dialogue.getByRole("button", { name: "Add a passkey" }).click();
  await dialogue.getByText("This device has a passkey for your account already.").waitFor();
  await page.keyboard.press("Escape");

  await signOut(visitor, "pia");
  assert.deepEqual(await visitor.barriers("sign-in-ways-en"), []);
  await device.setVerified(false);
  await page.getByRole("button", { name: "Sign in with a passkey" }).click();
  await page.getByText("No passkey was used").waitFor();
  await device.setVerified(true);
  const sent = page.waitForRequest("**/v1/portal/passkeys/sign-in/finish");
  await page.getByRole("button", { name: "Sign in with a passkey" }).click();
  await page.getByRole("link", { name: "Nodes" }).waitFor();
  const answer = (await sent).postData() ?? "";
  assert.doesNotMatch(answer, /pia/i, "the browser tells no name");

  // What one browser answered is nothing in another, nor here again.
  const stranger = await site.visitor();
  await stranger.page.goto("/sign-in");
  for (const { page: tab } of [stranger, visitor]) {
    const status = await tab.evaluate(async (body) => {
      const headers = { "content-type": "application/json" };
      return (await fetch("/v1/portal/passkeys/sign-in/finish", { method: "POST", headers, body })).status;
    }, answer);
    assert.equal(status, 401);
  }

  await page.getByRole("link", { name: "How I sign in" }).click();
  await card.getByRole("button", { name: "Rename Pia's phone" }).click();
  await page.getByRole("dialog").getByLabel("Name of the passkey").fill("<b>key</b>");
  await page.getByRole("dialog").getByRole("button", { name: "Rename" }).click();
  const renamed = section.getByRole("article", { name: "<b>key</b>" });
  await renamed.getByRole("button", { name: "Remove <b>key</b>" }).click();
  await dialogue.getByRole("textbox", { name: "Password" }).fill(PASSWORD);
  assert.deepEqual(await visitor.barriers("my-passkey-remove-en"), []);
  await dialogue.getByRole("button", { name: "Remove" }).click();
  await renamed.waitFor({ state: "detached" });
  await signOut(visitor, "pia");
  await page.getByRole("button", { name: "Sign in with a passkey" }).click();
  await page.getByText("This passkey opens no account here.").waitFor();
});

async function addPasskeyInJapanese(page: Page): Promise<void> {
  await page.getByRole("button", { name: "パスキーを追加" }).click();
  const dialogue = page.getByRole("dialog");
  await dialogue.getByRole("textbox", { name: "パスワード" }).fill(PASSWORD);
  await dialogue.getByRole("button", { name: "パスキーを追加" }).click();
}

test("a browser uses a passkey for the portal's own name alone, and a session that ends meanwhile makes none", async () => {
  const visitor = await site.visitor("ja-JP");
  const { page } = visitor;
  await VirtualDevice.of(visitor);
  await site.invited("rin", visitor);
  const early = await site.visitor("ja-JP");
  await early.page.goto("/sign-in");
  await early.page.getByLabel("ユーザー名").fill("rin");
  await early.page.getByRole("textbox", { name: "パスワード" }).fill(PASSWORD);
  await early.page.getByRole("button", { name: "サインイン", exact: true }).click();
  await early.page.getByText("接続はまだありません。").waitFor();
  assert.equal(await early.page.getByText("パスキーが追加されました").count(), 0);
  await page.getByRole("link", { name: "サインイン方法" }).click();
  const section = page.getByRole("region", { name: "パスキー" });
  await addPasskeyInJapanese(page);
  await section.getByText("パスキーを追加しました。").waitFor();
  // Another browser of his stays signed in, and is told.
  await early.page.reload();
  await early.page.getByRole("alert").getByText("パスキーが追加されました").waitFor();
  assert.deepEqual(await early.barriers("my-passkey-told-ja"), []);
  await page.getByRole("link", { name: "概要" }).click();
  await page.getByText("接続はまだありません。").waitFor();
  assert.equal(await page.getByText("パスキーが追加されました").count(), 0, "who made it knows");
  await page.getByRole("link", { name: "サインイン中の端末" }).click();
  await page.getByRole("alert").getByText("パスキーが追加されました").waitFor();
  await page.getByRole("link", { name: "サインイン方法" }).click();
  assert.deepEqual(await visitor.barriers("my-passkeys-ja"), []);
  // The same controller by another name, in the same browser.
  await page.goto(`${site.origin.replace("localhost", "127.0.0.1")}/v1/portal/door`);
  const refused = await page.evaluate<string>(`navigator.credentials
    .get({ publicKey: { challenge: new Uint8Array(32), rpId: "localhost" } })
    .then(() => "used", (error) => error.name)`);
  assert.equal(refused, "SecurityError");

  const other = await site.visitor("ja-JP");
  await VirtualDevice.of(other);
  await other.page.goto("/sign-in");
  await other.page.getByLabel("ユーザー名").fill("rin");
  await other.page.getByRole("textbox", { name: "パスワード" }).fill(PASSWORD);
  await other.page.getByRole("button", { name: "サインイン", exact: true }).click();
  await other.page.getByRole("link", { name: "サインイン方法" }).click();
  await other.page.route("**/v1/portal/passkeys/finish", async (route) => {
    await site.done("user", "sign-out", "rin");
    await route.continue();
  });
  await addPasskeyInJapanese(other.page);
  await other.page.getByRole("heading", { name: "vSIX にサインイン" }).waitFor();
  assert.match(await site.done("user", "sign-in", "rin"), /or by +1 passkey$/m);
});

/** Fills in the provider's own pages as this subject, and lets it tell. */
async function atProvider({ page }: Visitor, subject: string): Promise<void> {
  await page.waitForURL(`${provider.issuer}/**`);
  await page.locator('input[name="login"]').fill(subject);
  await page.locator('input[name="password"]').fill("x");
  await page.locator('button[type="submit"]').click();
  await page.getByRole("button", { name: "Continue" }).click();
}

test("a user links what he is at a provider in a real browser, signs out, and signs in by it; whom nobody linked is told what to do", async () => {
  const visitor = await site.visitor();
  const { page } = visitor;
  await site.invited("olga", visitor);
  await page.getByRole("link", { name: "How I sign in" }).click();
  const section = page.getByRole("region", { name: "Example ID" });
  await section.getByRole("button", { name: "Link Example ID" }).click();
  await page.getByRole("dialog").getByRole("textbox", { name: "Password" }).fill(PASSWORD);
  await page.getByRole("dialog").getByRole("button", { name: "Link Example ID" }).click();
  await atProvider(visitor, "sub-olga");
  await section.getByText("Linked since").waitFor();
  assert.equal(new URL(page.url()).search, "", "the provider's answer stays in no history");
  assert.deepEqual(await visitor.barriers("my-identity-en"), []);
  await signOut(visitor, "olga");
  await page.getByRole("button", { name: "Sign in by Example ID" }).click();
  // The provider remembers her, and asks nothing.
  await page.getByRole("heading", { name: "Your connections" }).waitFor();
  assert.equal(new URL(page.url()).origin, site.origin);

  const stranger = await site.visitor("ja-JP");
  await stranger.page.goto("/sign-in");
  assert.deepEqual(await stranger.barriers("sign-in-ways-ja"), []);
  await stranger.page.getByRole("button", { name: "Example ID でサインイン" }).click();
  await atProvider(stranger, "sub-nobody");
  await stranger.page.getByText("この ID はどの利用者にも登録されていません。").waitFor();
  assert.deepEqual(await stranger.barriers("oidc-refused-ja"), []);
  await stranger.page.getByRole("button", { name: "最初に戻る" }).click();
  await stranger.page.getByRole("heading", { name: "vSIX にサインイン" }).waitFor();

  await page.getByRole("link", { name: "How I sign in" }).click();
  await section.getByRole("button", { name: "Unlink Example ID" }).click();
  await page.getByRole("dialog").getByRole("textbox", { name: "Password" }).fill(PASSWORD);
  await page.getByRole("dialog").getByRole("button", { name: "Unlink Example ID" }).click();
  await section.getByRole("button", { name: "Link Example ID" }).waitFor();
  await signOut(visitor, "olga");
  await page.getByRole("button", { name: "Sign in by Example ID" }).click();
  await page.getByText("No user has linked this identity.").waitFor();
  assert.deepEqual(await visitor.barriers("oidc-refused-en"), []);
});

test("no browser has complained of anything that the page's policy forbids", () => {
  assert.deepEqual(site.complaints, []);
});
