import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import pino from "pino";
import { OidcClient } from "../../controller/src/portal/oidc-client.ts";
import { hotp, totpStep } from "../../controller/src/portal/totp.ts";
import { setUpTotp } from "./authenticator.ts";
import { Browser, ITSELF, ORIGIN, type Page } from "./browser.ts";
import { OidcSite } from "./oidc-site.ts";
import { Tab } from "./tab.ts";

const PASSWORD = "correct horse battery staple";

let site: OidcSite;

before(async () => {
  site = await OidcSite.start();
});

after(async () => {
  await site[Symbol.asyncDispose]();
});

/** A tab that goes to the provider and comes back. */
class ProviderTab extends Tab {
  constructor(from?: string) {
    super(site.port, from);
  }

  async begin(path = "/v1/portal/oidc/begin", body: object = {}): Promise<string> {
    const { status, body: answer, message } = await this.post(path, body);
    assert.equal(status, 200, message);
    return String(answer["url"]);
  }

  finish(query: string, code?: string): Promise<Page> {
    return this.post("/v1/portal/oidc/finish", { query, ...(code === undefined ? {} : { code }) });
  }
}

async function member(name: string, from?: string): Promise<ProviderTab> {
  const tab = new ProviderTab(from);
  assert.equal((await site.bench.vsixctl("user", "create", name)).code, 0);
  const { stdout } = await site.bench.vsixctl("user", "invite", name);
  const invitation = stdout.trim().split("#")[1];
  assert.equal((await tab.post("/v1/portal/invitation", { invitation, password: PASSWORD })).status, 200);
  return tab;
}

async function link(tab: ProviderTab, subject: string): Promise<Page> {
  return tab.finish(
    await site.visit(await tab.begin("/v1/portal/oidc/link", { password: PASSWORD }), subject),
  );
}

test("an identity opens the account that linked it with its password, and no account by name or e-mail address", async () => {
  const alice = await member("alice");
  const stranger = new ProviderTab();
  const refused = await stranger.finish(await site.visit(await stranger.begin(), "sub-1"));
  assert.equal(refused.code, "not-linked", "the provider says alice@example.net and alice; neither counts");
  assert.equal(await stranger.user(), undefined);

  assert.equal(
    (await alice.post("/v1/portal/oidc/link", { password: "wrong wrong wrong" })).code,
    "sign-in-refused",
  );
  assert.equal((await link(alice, "sub-1")).body["done"], "linked");
  const tab = new ProviderTab();
  assert.equal((await tab.finish(await site.visit(await tab.begin(), "sub-1"))).body["done"], "signed-in");
  assert.equal(await tab.user(), "alice");

  const bob = await member("bob");
  assert.equal((await link(bob, "sub-1")).code, "identity-taken");
  const { stdout: audit } = await site.bench.vsixctl("audit", "--json");
  for (const what of ["identity linked", "sign-in refused"]) assert.ok(audit.includes(what), what);

  assert.equal((await alice.post("/v1/portal/oidc/unlink", { password: PASSWORD })).status, 204);
  const late = new ProviderTab();
  assert.equal((await late.finish(await site.visit(await late.begin(), "sub-1"))).code, "not-linked");
});

test("an answer is taken once, by the browser that began, with its own state and nonce, and never a changed one", async () => {
  const carol = await member("carol");
  await link(carol, "sub-2");
  const [mine, other] = [new ProviderTab(), new ProviderTab()];
  const query = await site.visit(await mine.begin(), "sub-2");
  // Another browser, without and with a way of its own: nobody is signed in by a link that somebody sent.
  assert.equal((await other.finish(query)).code, "sign-in-refused");
  await other.begin();
  assert.equal((await other.finish(query)).code, "sign-in-refused");
  assert.equal(await other.user(), undefined);
  assert.equal((await mine.finish(query)).body["done"], "signed-in");
  assert.equal((await mine.finish(query)).code, "sign-in-refused", "used up");
  for (const change of [
    (text: string) => text.replace(/state=[^&]+/, "state=x"),
    (text: string) => text.replace(/code=[^&]+/, "code=x"),
    (text: string) => text.replace(/iss=[^&]+/, "iss=https%3A%2F%2Fevil.example"),
    () => "error=access_denied",
    () => "",
  ]) {
    const tab = new ProviderTab();
    const good = await site.visit(await tab.begin(), "sub-2");
    const { code } = await tab.finish(change(good));
    assert.equal(code, "sign-in-refused", change.toString());
    assert.equal((await tab.finish(good)).code, "sign-in-refused", "one try, whatever it was");
  }
});

test("an ID token counts for the way whose nonce it has, and for no other", async () => {
  const { client: known, issuer } = site.provider;
  const settings = { ...known, name: "Example ID", issuer, redirectUri: `${ORIGIN}/oidc` };
  const client = new OidcClient(settings, pino({ enabled: false }));
  for (const [right, change] of [
    [true, {}],
    [false, { nonce: "another" }],
    [false, { verifier: "x".repeat(43) }],
  ] as const) {
    const { way, url } = await client.begin();
    const subject = client.subjectOf({ ...way, ...change }, await site.visit(url, "sub-7"));
    if (right) assert.equal(await subject, "sub-7");
    else await assert.rejects(subject, { code: "sign-in-refused" });
  }
});

test("who has a second factor needs its code too; a wrong one ends the way, and codes are counted by account", async () => {
  const frank = await member("frank");
  await link(frank, "sub-5");
  const { secret, recovery } = await setUpTotp(frank, PASSWORD);
  const arrive = async (tab: ProviderTab): Promise<ProviderTab> => {
    const { body } = await tab.finish(await site.visit(await tab.begin(), "sub-5"));
    assert.equal(body["done"], "code-wanted");
    assert.equal(await tab.user(), undefined, "nobody is signed in yet");
    return tab;
  };
  const code = hotp(secret, totpStep(Date.now()) + 1);
  const wrong = await arrive(new ProviderTab());
  assert.equal((await wrong.post("/v1/portal/oidc/finish", { code: "000000" })).code, "sign-in-refused");
  assert.equal((await wrong.post("/v1/portal/oidc/finish", { code })).code, "sign-in-refused", "one try");
  const right = await arrive(new ProviderTab());
  assert.equal((await right.post("/v1/portal/oidc/finish", { code })).body["done"], "signed-in");
  assert.equal(await right.user(), "frank");

  const codes: string[] = [];
  for (let from = 20; from < 32; from++) {
    const tab = await arrive(new ProviderTab(`127.0.0.${from}`));
    codes.push((await tab.post("/v1/portal/oidc/finish", { code: "000000" })).code);
  }
  assert.deepEqual([...new Set(codes)], ["sign-in-refused", "too-many-requests"]);
  const [spare = ""] = recovery;
  const late = await arrive(new ProviderTab("127.0.0.40"));
  assert.equal((await late.post("/v1/portal/oidc/finish", { code: spare })).code, "too-many-requests");
});

test("a browser gets another session, and what another site's page sends is refused", async () => {
  const dora = await member("dora");
  await link(dora, "sub-3");
  const before = dora.session;
  assert.equal((await dora.finish(await site.visit(await dora.begin(), "sub-3"))).body["done"], "signed-in");
  assert.notEqual(dora.session, before);
  const planted = new Browser(site.port);
  planted.cookie = `__Host-vsix-session=${before}`;
  assert.equal((await planted.get("/v1/portal/session")).code, "unauthenticated", "the one before has ended");
  const evil = { ...ITSELF, origin: "https://evil.example", "sec-fetch-site": "cross-site" };
  for (const path of ["begin", "finish", "link", "unlink"])
    assert.equal((await dora.ask("POST", `/v1/portal/oidc/${path}`, {}, evil)).code, "cross-site", path);
});

test("linking belongs to the session that began it: whoever signed out meanwhile links nothing", async () => {
  const erin = await member("erin");
  const query = await site.visit(await erin.begin("/v1/portal/oidc/link", { password: PASSWORD }), "sub-4");
  await erin.post("/v1/portal/sign-out");
  assert.equal((await erin.finish(query)).code, "sign-in-refused");
});

test("answers that do not fit are counted by address", async () => {
  const tab = new ProviderTab("127.0.0.9");
  const codes = new Set<string>();
  for (let i = 0; i < 25; i++) codes.add((await tab.finish("code=x&state=y")).code);
  assert.deepEqual([...codes], ["sign-in-refused", "too-many-requests"]);
});
