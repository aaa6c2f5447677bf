import assert from "node:assert/strict";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { after, before, test } from "node:test";
import { hotp, totpStep } from "../../controller/src/portal/totp.ts";
import { setUpTotp } from "./authenticator.ts";
import { Browser, ITSELF, ORIGIN, type Page } from "./browser.ts";
import { Bench, freePort } from "./harness.ts";

const PASSWORD = "correct horse battery staple";

/** A controller as a process of its own where browsers may come. */
class Site implements AsyncDisposable {
  readonly bench: Bench;
  readonly port: number;
  readonly #from: string;

  private constructor(bench: Bench, port: number, from: string) {
    this.bench = bench;
    this.port = port;
    this.#from = from;
  }

  static async start(): Promise<Site> {
    const port = await freePort();
    const bench = await Bench.make(undefined, {
      portal: { listen: { host: "127.0.0.1", port }, origin: ORIGIN, tls: "off" },
      limits: { failuresPerMinute: 10_000, addressPerMinute: 100_000, tokenPerMinute: 100_000 },
    });
    await bench.start();
    return new Site(bench, port, "127.0.0.1");
  }

  /** The same, for people at another address: nobody is held back by what others get wrong. */
  at(address: string): Site {
    return new Site(this.bench, this.port, address);
  }

  browser(says: Readonly<Record<string, string>> = ITSELF, from = this.#from): Browser {
    return new Browser(this.port, says, from);
  }

  async done(...args: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await this.bench.vsixctl(...args);
    assert.equal(code, 0, stderr);
    return stdout.trim();
  }

  /** The text of an invitation for a new user. */
  async invite(name: string, ...args: readonly string[]): Promise<string> {
    await this.done("user", "create", name);
    return invitationOf(await this.done("user", "invite", name, ...args));
  }

  /** Somebody who has accepted his invitation, in the browser that he did it with. */
  async member(name: string, ...args: readonly string[]): Promise<Browser> {
    const browser = this.browser();
    const invitation = await this.invite(name, ...args);
    const { status, message } = await browser.post("/v1/portal/invitation", {
      invitation,
      password: PASSWORD,
    });
    assert.equal(status, 200, message);
    return browser;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.bench[Symbol.asyncDispose]();
  }
}

function invitationOf(url: string): string {
  const [place = "", invitation = ""] = url.split("#");
  assert.equal(place, `${ORIGIN}/invitation`);
  assert.match(invitation, /^vsixi_[\w-]{43}$/);
  return invitation;
}

function signIn(browser: Browser, user: string, password: string, code?: string): Promise<Page> {
  return browser.post("/v1/portal/sign-in", { user, password, ...(code === undefined ? {} : { code }) });
}

let shared: Site;
before(async () => {
  shared = await Site.start();
});
after(() => shared[Symbol.asyncDispose]());

test("an invited user chooses a password, signs in and out; the audit log says so and holds no secret", async () => {
  await using site = await Site.start();
  const browser = site.browser();
  const invitation = await site.invite("alice");
  assert.equal((await browser.get("/v1/portal/session")).code, "unauthenticated");
  const weak = await browser.post("/v1/portal/invitation", { invitation, password: "short" });
  assert.deepEqual([weak.status, weak.code], [400, "bad-password"]);
  const accepted = await browser.post("/v1/portal/invitation", { invitation, password: PASSWORD });
  assert.deepEqual([accepted.status, accepted.body["user"], accepted.body["role"]], [200, "alice", "user"]);
  const [cookie = ""] = accepted.headers["set-cookie"] ?? [];
  assert.match(cookie, /^__Host-vsix-session=[\w-]{43}; Path=\/; Secure; HttpOnly; SameSite=Strict$/);
  assert.equal((await browser.get("/v1/me")).body["name"], "alice");
  assert.equal((await browser.get("/v1/status")).code, "forbidden");
  const again = await site.browser().post("/v1/portal/invitation", { invitation, password: PASSWORD });
  assert.deepEqual([again.status, again.code], [403, "invitation-refused"]);

  const kept = browser.cookie ?? "";
  assert.equal((await browser.post("/v1/portal/sign-out")).status, 204);
  assert.equal(browser.cookie, undefined);
  browser.cookie = kept;
  assert.equal((await browser.get("/v1/me")).code, "unauthenticated");
  browser.cookie = undefined;
  assert.equal((await signIn(browser, "alice", PASSWORD)).status, 200);
  assert.equal((await signIn(site.browser(), "alice", "wrong horse battery staple")).code, "sign-in-refused");

  const audit = await site.done("audit");
  for (const wanted of [
    /user invite\s+\{"user":"alice","role":"user"/,
    /user:alice\s+invitation accepted/,
    /user:alice\s+session end\s+.*signed out/,
    /user:alice\s+sign-in\s+.*"secondFactor":"none","address":"127\.0\.0\.1"/,
    /anybody\s+sign-in refused\s+\{"user":"alice","address":"127\.0\.0\.1"\}/,
  ])
    assert.match(audit, wanted);
  await site.bench.stop();
  const kinds = ["controller.db", "controller.db-wal"];
  const secrets = [
    invitation.slice(6),
    PASSWORD,
    "wrong horse",
    kept.slice(20),
    (browser.cookie ?? "").slice(20),
  ];
  for (const kind of kinds) {
    const file = await readFile(join(site.bench.directory, "state", kind)).catch(() => Buffer.alloc(0));
    for (const secret of secrets) assert.ok(secret.length > 10 && !file.includes(secret), kind);
  }
  assert.equal((await stat(join(site.bench.directory, "state/portal.key"))).mode & 0o777, 0o600);
  // A session survives the controller.
  await site.bench.start();
  assert.equal((await browser.get("/v1/me")).status, 200);
});

test("fixation: a session planted before a sign-in is not the one after it, and none is kept over a change of rights", async () => {
  const site = shared.at("127.0.9.2");
  const victim = await site.member("victim");
  const attacker = await site.member("attacker");
  // The attacker plants his own session, and one that he made up.
  for (const planted of [attacker.cookie, `__Host-vsix-session=${"A".repeat(43)}`]) {
    const browser = site.browser();
    browser.cookie = planted;
    assert.equal((await signIn(browser, "victim", PASSWORD)).status, 200);
    assert.notEqual(browser.cookie, planted);
    const thief = site.browser();
    thief.cookie = planted;
    assert.equal((await thief.get("/v1/me")).code, "unauthenticated");
  }
  const other = site.browser();
  await signIn(other, "victim", PASSWORD);
  const before = victim.cookie;
  await setUpTotp(victim, PASSWORD);
  assert.notEqual(victim.cookie, before);
  for (const cookie of [before, other.cookie]) {
    const old = site.browser();
    old.cookie = cookie;
    assert.equal((await old.get("/v1/me")).code, "unauthenticated");
  }
  assert.equal((await victim.get("/v1/portal/session")).body["secondFactor"], "totp");
  const changed = victim.cookie;
  const body = { current: PASSWORD, password: "another battery staple horse" };
  assert.equal((await victim.post("/v1/portal/password", body)).status, 200);
  assert.notEqual(victim.cookie, changed);
  await site.done("user", "role", "victim", "read-only");
  assert.equal((await victim.get("/v1/me")).code, "unauthenticated");
});

test("a second factor gives an operator his rights; a code counts once, recovery codes too, and it can be removed", async () => {
  const site = shared.at("127.0.9.3");
  const browser = await site.member("olga", "--role", "operator");
  const first = await browser.get("/v1/portal/session");
  assert.deepEqual([first.body["wantsSecondFactor"], first.body["scopes"]], [true, ["self"]]);
  const refused = await browser.get("/v1/status");
  assert.match(refused.message, /wait until you set up a second factor/);
  assert.equal((await browser.post("/v1/portal/totp", { password: "wrong" })).code, "sign-in-refused");
  assert.equal(
    (await browser.post("/v1/portal/totp/confirm", { code: "000000" })).code,
    "second-factor-state",
  );
  const { secret, recovery } = await setUpTotp(browser, PASSWORD);
  assert.equal((await browser.get("/v1/status")).status, 200);
  assert.equal((await browser.get("/v1/tokens")).code, "forbidden");
  assert.equal((await browser.post("/v1/portal/totp", { password: PASSWORD })).code, "second-factor-state");

  const elsewhere = site.browser();
  const wanted = await signIn(elsewhere, "olga", PASSWORD);
  assert.deepEqual([wanted.status, wanted.code], [401, "second-factor-wanted"]);
  // The code that confirmed it, and a made-up one.
  const used = hotp(secret, totpStep(Date.now()) - 1);
  assert.equal((await signIn(elsewhere, "olga", PASSWORD, used)).code, "sign-in-refused");
  const next = hotp(secret, totpStep(Date.now()) + 1);
  assert.equal((await signIn(elsewhere, "olga", "wrong", next)).code, "sign-in-refused");
  assert.equal((await signIn(elsewhere, "olga", PASSWORD, next)).status, 200);
  assert.equal((await signIn(site.browser(), "olga", PASSWORD, next)).code, "sign-in-refused");

  const [code = ""] = recovery;
  const lost = site.browser();
  assert.equal((await signIn(lost, "olga", PASSWORD, code.toUpperCase().replaceAll("-", " "))).status, 200);
  assert.equal((await signIn(site.browser(), "olga", PASSWORD, code)).code, "sign-in-refused");
  assert.match(await site.done("user", "sign-in", "olga"), /9 recovery codes left\n\s+sessions\s+3/);
  assert.equal(
    (await lost.post("/v1/portal/totp/remove", { password: PASSWORD, code })).code,
    "sign-in-refused",
  );
  assert.match(await site.done("audit"), /user:olga\s+proof refused/);
  const removal = { password: PASSWORD, code: recovery[1] };
  assert.equal((await lost.post("/v1/portal/totp/remove", removal)).status, 200);
  assert.equal((await lost.get("/v1/status")).code, "forbidden");
  assert.equal((await browser.get("/v1/me")).code, "unauthenticated");
  const dump = await readFile(join(site.bench.directory, "state/controller.db"));
  assert.ok(!dump.includes(secret) && !dump.includes(secret.toString("base64")));
});

test("a user sees his sessions and ends them, and nobody else's; operators end all of a user's", async () => {
  const site = shared.at("127.0.9.4");
  const sally = await site.member("sally");
  const simon = await site.member("simon");
  const second = site.browser();
  await signIn(second, "sally", PASSWORD);
  const list = async (browser: Browser) =>
    (await browser.get("/v1/portal/sessions")).body["sessions"] as {
      id: string;
      current: boolean;
      agent: string;
    }[];
  const sessions = await list(sally);
  assert.deepEqual(
    sessions.map(({ current }) => current),
    [true, false],
  );
  assert.match(sessions[0]?.agent ?? "", /^Test\/1 \?+$/);
  const [own] = await list(simon);
  assert.equal((await sally.post(`/v1/portal/sessions/${own?.id}/end`)).code, "unknown-session");
  assert.equal((await sally.post(`/v1/portal/sessions/${sessions[1]?.id}/end`)).status, 204);
  assert.equal((await second.get("/v1/me")).code, "unauthenticated");
  assert.equal((await simon.get("/v1/me")).status, 200);
  await site.done("user", "sign-out", "simon");
  assert.equal((await simon.get("/v1/me")).code, "unauthenticated");
});

test("whoever is suspended keeps his own affairs only, whoever is removed nothing; live streams end", async () => {
  const site = shared.at("127.0.9.5");
  const viewer = await site.member("vera", "--role", "read-only");
  assert.equal((await viewer.get("/v1/status")).status, 200);
  const stream = await viewer.open("GET", "/v1/events");
  assert.equal(stream.statusCode, 200);
  assert.match(String(stream.headers["content-security-policy"]), /default-src 'none'/);
  await site.done("user", "suspend", "vera");
  assert.match(await text(stream), /^: vsix events/);
  assert.equal((await viewer.get("/v1/status")).code, "forbidden");
  assert.equal((await viewer.get("/v1/me")).status, 200);
  await site.done("user", "resume", "vera");
  assert.equal((await viewer.get("/v1/status")).status, 200);
  await site.done("user", "remove", "vera");
  assert.equal((await viewer.get("/v1/me")).code, "unauthenticated");
  assert.equal((await signIn(site.browser(), "vera", PASSWORD)).code, "sign-in-refused");
});

test("nobody invites or becomes more than he may: `access` decides about users only", async () => {
  const site = shared.at("127.0.9.6");
  await site.member("rita", "--role", "admin");
  const operator = await site.member("otto", "--role", "operator");
  await setUpTotp(operator, PASSWORD);
  await site.done("user", "create", "newcomer");
  assert.equal((await operator.post("/v1/users/newcomer/invite", { role: "admin" })).code, "forbidden");
  assert.equal((await operator.post("/v1/users/otto/invite", { role: "admin" })).code, "forbidden");
  // An invitation chooses a password anew: with one for an admin an operator would be him.
  assert.equal((await operator.post("/v1/users/rita/invite")).code, "forbidden");
  assert.equal((await operator.post("/v1/users/rita/invite", { role: "user" })).code, "forbidden");
  assert.equal((await operator.post("/v1/users/otto/role", { role: "admin" })).code, "forbidden");
  assert.equal((await operator.post("/v1/users/newcomer/invite")).status, 200);
  assert.match(await site.done("user", "sign-in", "newcomer"), /has never signed in[\s\S]*invited until/);
  // One that was made for the role before would bring it back.
  const old = invitationOf(await site.done("user", "invite", "otto"));
  await site.done("user", "role", "otto", "user");
  const late = await site.browser().post("/v1/portal/invitation", { invitation: old, password: PASSWORD });
  assert.equal(late.code, "invitation-refused");
});

test("brute force: guesses are held back by name from wherever they come, and by address whatever the name", async () => {
  const site = shared.at("127.0.9.7");
  await site.member("carol");
  await site.member("carl");
  const guess = (from: string, user: string) =>
    signIn(site.browser(ITSELF, from), user, "wrong guess number 1");
  // All at once, each from another address: none passes unseen.
  const many = await Promise.all(Array.from({ length: 25 }, (_, i) => guess(`127.0.1.${i + 1}`, "carol")));
  assert.equal(many.filter(({ code }) => code === "sign-in-refused").length, 10);
  const limited = many.find(({ status }) => status === 429);
  assert.equal(many.filter(({ status }) => status === 429).length, 15);
  assert.ok(Number(limited?.headers["retry-after"]) > 60);
  assert.equal((await signIn(site.browser(), "carol", PASSWORD)).status, 429);
  // A user that there is not is refused and held back in the same words.
  const nobody = await Promise.all(Array.from({ length: 11 }, (_, i) => guess(`127.0.2.${i + 1}`, "nobody")));
  const known = many.find(({ status }) => status === 401);
  const unknown = nobody.find(({ status }) => status === 401);
  assert.deepEqual(unknown?.body, known?.body);
  assert.equal(nobody.filter(({ status }) => status === 429).length, 1);
  for (let i = 0; i < 20; i++) assert.equal((await guess("127.0.3.1", `name-${i}`)).status, 401);
  assert.equal((await guess("127.0.3.1", "name-20")).status, 429);
  assert.equal((await signIn(site.browser(ITSELF, "127.0.3.2"), "carl", PASSWORD)).status, 200);
  // Behind a proxy of this machine it is the address that the proxy names, and a /64 is one subscriber.
  const through = (address: string, user: string) =>
    signIn(
      site.browser({ ...ITSELF, "x-forwarded-for": `192.0.2.1, ${address}` }),
      user,
      "wrong guess number 1",
    );
  for (let i = 0; i < 20; i++) assert.equal((await through(`2001:db8:0:1::${i}`, `v6-${i}`)).status, 401);
  assert.equal((await through("2001:db8:0:1:ffff::1", "v6-20")).status, 429);
  assert.equal((await through("2001:db8:0:2::1", "v6-20")).status, 401);
  const audit = await site.done("audit", "--limit", "100");
  assert.doesNotMatch(audit, /nobody|name-1/);
});

test("huge and malformed bodies, unknown cookies and doubled ones are refused with a reason, and the controller goes on", async () => {
  const site = shared.at("127.0.9.8");
  const hugo = await site.member("hugo");
  const stranger = site.browser();
  const big = "x".repeat(3 << 20);
  for (const [path, body, status] of [
    ["/v1/portal/sign-in", { user: "hugo", password: big }, 413],
    ["/v1/portal/sign-in", { user: "hugo", password: "x".repeat(1024) }, 400],
    ["/v1/portal/sign-in", { user: big.slice(0, 1000), password: "x" }, 400],
    ["/v1/portal/sign-in", { user: ["hugo"], password: { x: 1 } }, 400],
    ["/v1/portal/sign-in", { user: "hugo", password: PASSWORD, role: "admin" }, 400],
    ["/v1/portal/sign-in", "{", 400],
    ["/v1/portal/sign-in", '{"__proto__":{"user":"hugo"},"password":"x"}', 400],
    ["/v1/portal/invitation", { invitation: `vsixi_${"A".repeat(43)}`, password: PASSWORD }, 403],
    // Not read at all where nobody is signed in.
    ["/v1/fabric", { text: big }, 401],
  ] as const)
    assert.equal(
      (await stranger.post(path, body)).status,
      status,
      `${path} ${JSON.stringify(body).slice(0, 60)}`,
    );
  const good = hugo.cookie ?? "";
  for (const cookie of [
    `__Host-vsix-session=${"A".repeat(43)}`,
    `__Host-vsix-session=${"x".repeat(8000)}`,
    `${good}; ${good}`,
    `${good}; __Host-vsix-session=x`,
    good.replace("__Host-", ""),
    `${good}%00`,
    ";".repeat(4000),
  ]) {
    stranger.cookie = cookie;
    assert.equal((await stranger.get("/v1/me")).code, "unauthenticated", cookie.slice(0, 60));
  }
  stranger.cookie = `a=b; ${good}; c=d`;
  assert.equal((await stranger.get("/v1/me")).status, 200);
  const forged = site.browser({ origin: "https://evil.example", "sec-fetch-site": "cross-site" });
  assert.equal((await signIn(forged, "hugo", PASSWORD)).code, "cross-site");
  assert.equal((await hugo.get("/v1/me")).status, 200);
});
