import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setAccountState } from "../../controller/src/access/accounts.ts";
import { setUpTotp } from "./authenticator.ts";
import { ITSELF, ORIGIN } from "./browser.ts";
import { PasskeyDevice, type Slip, UNVERIFIED } from "./passkey-device.ts";
import { AT, begin, challenge, PASSWORD, PasskeySite, proofs, withPasskey } from "./passkey-site.ts";

let site: PasskeySite;

before(async () => {
  site = await PasskeySite.start(ORIGIN);
});

after(async () => {
  await site[Symbol.asyncDispose]();
});

test("a passkey is made with the password, signs in without a name, and stands for the second factor of an admin", async () => {
  const tab = await site.member("alice", "admin");
  assert.equal((await tab.ask("GET", "/v1/tokens")).code, "forbidden", "no second factor yet");
  const wrong = await tab.post(`${AT}/begin`, { password: "wrong wrong wrong" });
  assert.equal(wrong.code, "sign-in-refused");
  const before = tab.session;
  const device = await withPasskey(tab);
  assert.notEqual(tab.session, before, "other rights, another id");
  assert.equal((await tab.ask("GET", "/v1/tokens")).status, 200, "the device looked who holds it");
  const other = site.tab();
  const { status, body } = await site.signIn(other, device);
  assert.deepEqual([status, body["user"], body["secondFactor"]], [200, "alice", "passkey"]);
  assert.equal((await other.ask("GET", "/v1/tokens")).status, 200);
  const [shown] = (await proofs(other)).passkeys ?? [];
  assert.equal(shown?.name, "test device");
  assert.notEqual(shown?.usedAt, null);
  const log = await site.audit();
  for (const what of ["passkey added", '\\"secondFactor\\":\\"passkey\\"'])
    assert.ok(log.includes(what), what);
});

test("other sessions stay when a passkey is made; the audit log says how many, and which session made it, from where", async () => {
  const tab = await site.member("aki");
  const other = site.tab();
  assert.equal((await other.post("/v1/portal/sign-in", { user: "aki", password: PASSWORD })).status, 200);
  await withPasskey(tab);
  assert.equal(await other.user(), "aki", "nothing that anybody has was taken back");
  const rows = await site.controller.context.store.read.audit(1000);
  const added = rows.find(({ who, what }) => who === "user:aki" && what === "passkey added");
  const { session, ...detail } = JSON.parse(added?.detail ?? "{}") as Record<string, unknown>;
  const { body } = await tab.ask("GET", "/v1/portal/sessions");
  const sessions = body["sessions"] as { readonly id: string; readonly current: boolean }[];
  assert.equal(session, sessions.find(({ current }) => current)?.id);
  assert.equal(detail["name"], "test device");
  assert.equal(detail["otherSessions"], 1);
  assert.match(String(detail["address"]), /^127\.0\.1\.\d+$/);
});

test("who has an authenticator application too is asked for no code, and the application stays", async () => {
  const tab = await site.member("anton");
  await setUpTotp(tab, PASSWORD);
  const device = await withPasskey(tab);
  const other = site.tab();
  assert.equal((await site.signIn(other, device)).body["secondFactor"], "passkey");
  assert.equal((await proofs(other)).totp, true);
});

test("an answer with anything wrong signs nobody in, in the same words whatever it was", async () => {
  // Two, for of ten wrong ones no more is heard.
  const devices = [
    await withPasskey(await site.member("bob")),
    await withPasskey(await site.member("bert")),
  ] as const;
  const [device, other] = devices;
  const slips: readonly Slip[] = [
    { origin: "https://evil.example" },
    { origin: "https://portal.example.evil.example" },
    { origin: "http://portal.example" },
    { rpId: "evil.example" },
    { challenge: "A".repeat(43) },
    { type: "webauthn.create" },
    { flags: UNVERIFIED },
    { flags: 0x04 },
    { isForged: true },
    { userHandle: "AAAA" },
    { userHandle: other.userHandle },
  ];
  const messages = new Set<string>();
  for (const [index, slip] of slips.entries()) {
    const tab = site.tab();
    const { status, code, message } = await site.signIn(tab, index % 2 === 0 ? device : other, slip);
    assert.deepEqual([status, code], [401, "sign-in-refused"], JSON.stringify(slip));
    assert.equal(await tab.user(), undefined);
    messages.add(message);
  }
  const unknown = new PasskeyDevice();
  unknown.userHandle = device.userHandle;
  messages.add((await site.signIn(site.tab(), unknown)).message);
  assert.equal(messages.size, 1, [...messages].join());
  for (const one of devices)
    assert.equal((await site.signIn(site.tab(), one)).status, 200, "and it is good all the same");
});

test("another user's passkey opens its own account alone, whatever name of a passkey or a user is put to it", async () => {
  const carol = await withPasskey(await site.member("carol"));
  const mallory = await withPasskey(await site.member("mallory"));
  const tab = site.tab();
  const asCarol = { ...mallory.answer(await challenge(tab)), id: carol.id, userHandle: carol.userHandle };
  assert.equal((await tab.post(`${AT}/sign-in/finish`, asCarol)).code, "sign-in-refused");
  assert.equal(await tab.user(), undefined);
});

test("an answer is taken once, by the browser that was asked, within five minutes", async () => {
  const device = await withPasskey(await site.member("dave"));
  const [mine, other] = [site.tab(), site.tab()];
  const answer = device.answer(await challenge(mine));
  assert.equal(
    (await other.post(`${AT}/sign-in/finish`, answer)).code,
    "sign-in-refused",
    "no cookie for it",
  );
  await challenge(other);
  assert.equal(
    (await other.post(`${AT}/sign-in/finish`, answer)).code,
    "sign-in-refused",
    "its own challenge",
  );
  const stolen = site.tab();
  stolen.takeOver(mine, "__Host-vsix-challenge");
  assert.equal((await mine.post(`${AT}/sign-in/finish`, answer)).status, 200);
  assert.equal((await stolen.post(`${AT}/sign-in/finish`, answer)).code, "sign-in-refused", "used up");
  assert.equal((await mine.post(`${AT}/sign-in/finish`, answer)).code, "sign-in-refused");

  const late = site.tab();
  const good = device.answer(await challenge(late));
  site.laterMs += 5 * 60_000;
  assert.equal((await late.post(`${AT}/sign-in/finish`, good)).code, "sign-in-refused");
});

test("a counter that does not go on shuts the passkey out and stands in the audit log", async () => {
  const device = await withPasskey(await site.member("erin"));
  assert.equal((await site.signIn(site.tab(), device)).status, 200, "0: it does not count");
  assert.equal((await site.signIn(site.tab(), device)).status, 200);
  assert.equal((await site.signIn(site.tab(), device, { counter: 7 })).status, 200);
  for (const counter of [7, 6, 0])
    assert.equal(
      (await site.signIn(site.tab(), device, { counter })).code,
      "sign-in-refused",
      String(counter),
    );
  assert.ok((await site.audit()).includes("it counted 7 before, and 6 now"));
  assert.equal((await site.signIn(site.tab(), device, { counter: 8 })).status, 200);
});

test("a passkey is made for the session that asked, of what it asked, and not twice", async () => {
  const tab = await site.member("frank");
  for (const slip of [
    { origin: "https://evil.example" },
    { rpId: "evil.example" },
    { challenge: "A".repeat(43) },
    { type: "webauthn.get" },
    { flags: UNVERIFIED },
    { hasStatement: true },
  ] satisfies readonly Slip[]) {
    const made = new PasskeyDevice().make(await begin(tab), slip);
    assert.equal((await tab.post(`${AT}/finish`, made)).code, "passkey-refused", JSON.stringify(slip));
    const again = new PasskeyDevice().make({ ...(await begin(tab)), challenge: "B".repeat(43) });
    assert.equal((await tab.post(`${AT}/finish`, again)).code, "passkey-refused");
  }
  const device = new PasskeyDevice();
  const made = device.make(await begin(tab));
  assert.equal((await tab.post(`${AT}/finish`, made)).status, 200);
  assert.equal((await tab.post(`${AT}/finish`, made)).code, "passkey-refused", "its challenge is used up");
  assert.equal((await tab.post(`${AT}/finish`, device.make(await begin(tab)))).code, "passkey-exists");
  const stranger = await site.member("fred");
  const handle = device.userHandle;
  assert.equal(
    (await stranger.post(`${AT}/finish`, device.make(await begin(stranger)))).code,
    "passkey-exists",
  );

  device.userHandle = handle;

  // A challenge for signing in makes no passkey, and the other way round.
  const mixed = new PasskeyDevice().make({ ...(await begin(tab)), ...(await challenge(tab)) });
  assert.equal((await tab.post(`${AT}/finish`, mixed)).code, "passkey-refused");
  assert.equal((await site.signIn(site.tab(), device)).status, 200);
  const crossed = device.answer({ ...(await begin(tab)), rpId: "portal.example" });
  assert.equal((await tab.post(`${AT}/sign-in/finish`, crossed)).code, "sign-in-refused");
});

test("what a session began ends with it, also where its user has signed in again in the same browser", async () => {
  const tab = await site.member("gina");
  const made = new PasskeyDevice().make(await begin(tab));
  await tab.post("/v1/portal/sign-out");
  assert.equal((await tab.post(`${AT}/finish`, made)).code, "unauthenticated");
  assert.equal((await tab.post("/v1/portal/sign-in", { user: "gina", password: PASSWORD })).status, 200);
  assert.equal((await tab.post(`${AT}/finish`, made)).code, "passkey-refused");
  assert.deepEqual((await proofs(tab)).passkeys, []);
});

test("a user names and removes his own passkeys alone; a removed one opens nothing, and other sessions end", async () => {
  const tab = await site.member("heidi", "operator");
  const device = await withPasskey(tab);
  const [{ id } = { id: 0 }] = (await proofs(tab)).passkeys ?? [];
  const stranger = await site.member("henry");
  const rename = { name: "鍵 <b>" };
  assert.equal((await stranger.post(`${AT}/${id}/rename`, rename)).code, "unknown-passkey");
  assert.equal((await stranger.post(`${AT}/${id}/remove`, { password: PASSWORD })).code, "unknown-passkey");
  assert.equal((await tab.post(`${AT}/${id}/rename`, { name: "a\nb" })).code, "bad-request");
  assert.equal((await tab.post(`${AT}/${id}/rename`, rename)).status, 204);
  assert.equal((await proofs(tab)).passkeys?.[0]?.name, "鍵 <b>");
  const thief = site.tab();
  assert.equal((await site.signIn(thief, device)).status, 200);
  assert.equal(
    (await tab.post(`${AT}/${id}/remove`, { password: "no no no no no" })).code,
    "sign-in-refused",
  );
  const removed = await tab.post(`${AT}/${id}/remove`, { password: PASSWORD });
  assert.deepEqual([removed.status, removed.body["secondFactor"]], [200, "none"], "it was all that he had");
  assert.equal(await thief.user(), undefined);
  assert.equal((await site.signIn(site.tab(), device)).code, "sign-in-refused");
  assert.equal((await tab.ask("GET", "/v1/audit")).code, "forbidden", "an operator without a second factor");
  const log = await site.audit();
  for (const what of ["passkey renamed", "passkey removed", "a passkey was removed"])
    assert.ok(log.includes(what), what);
});

test("an invitation takes passkeys away, suspension leaves a user his own affairs, and removal leaves him nothing", async () => {
  const device = await withPasskey(await site.member("ivan"));
  const { context } = site.controller;
  await setAccountState(context, "test", "ivan", "suspended", "");
  const tab = site.tab();
  assert.equal((await site.signIn(tab, device)).status, 200, "to read why");
  await setAccountState(context, "test", "ivan", "active", "");
  const invited = site.tab();
  const invitation = await site.invitation("ivan", "user");
  await invited.post("/v1/portal/invitation", { invitation, password: PASSWORD });
  assert.equal((await site.signIn(site.tab(), device)).code, "sign-in-refused");
  const later = await withPasskey(invited);
  await setAccountState(context, "test", "ivan", "removed", "");
  assert.equal((await site.signIn(site.tab(), later)).code, "sign-in-refused");
});

test("wrong answers are counted by user and by address, as passwords are, and right ones are not", async () => {
  const tab = await site.member("judy");
  const device = await withPasskey(tab);
  for (let i = 0; i < 12; i++) assert.equal((await site.signIn(site.tab(), device)).status, 200);
  const codes: string[] = [];
  for (let i = 0; i < 11; i++) codes.push((await site.signIn(site.tab(), device, { isForged: true })).code);
  assert.deepEqual(codes, [...Array(10).fill("sign-in-refused"), "too-many-requests"]);
  assert.equal((await site.signIn(site.tab(), device)).code, "too-many-requests");
  const password = await site.tab().post("/v1/portal/sign-in", { user: "judy", password: PASSWORD });
  assert.equal(password.code, "too-many-requests", "one count for both");
  assert.equal(await tab.user(), "judy", "open sessions are not touched");

  const from = site.tab();
  const seen = new Set<string>();
  const unknown = { ...device.answer(await challenge(from)), id: "AAAA" };
  for (let i = 0; i < 25; i++) seen.add((await from.post(`${AT}/sign-in/finish`, unknown)).code);
  assert.deepEqual([...seen], ["sign-in-refused", "too-many-requests"]);
  assert.equal((await from.post(`${AT}/sign-in/begin`)).code, "too-many-requests");
});

test("what is asked of a browser is the same for everybody, and tells of nobody", async () => {
  await withPasskey(await site.member("kate"));
  const shapes = new Set<string>();
  for (let i = 0; i < 3; i++) {
    const { challenge: text, ...rest } = await challenge(site.tab());
    assert.match(String(text), /^[\w-]{43}$/);
    shapes.add(JSON.stringify(rest));
  }
  assert.deepEqual([...shapes], ['{"rpId":"portal.example","timeout":300000,"userVerification":"required"}']);
  const options = await begin(await site.member("kurt"));
  const { id } = options["user"] as { id: string };
  assert.ok(
    !Buffer.from(id, "base64url").toString("latin1").includes("kurt"),
    "a device's finder learns no name of ours",
  );
  assert.equal(Buffer.from(id, "base64url").length, 32);
});

test("a user has ten passkeys at most", async () => {
  const tab = await site.member("lars");
  for (let i = 0; i < 10; i++) await withPasskey(tab);
  assert.equal((await tab.post(`${AT}/begin`, { password: PASSWORD })).code, "too-many-passkeys");
});

test("what another site's page sends is refused, and what is no passkey's is no more than a refusal", async () => {
  const tab = await site.member("mona");
  const evil = { ...ITSELF, origin: "https://evil.example", "sec-fetch-site": "cross-site" };
  for (const path of ["begin", "finish", "sign-in/begin", "sign-in/finish", "1/rename", "1/remove"])
    assert.equal((await tab.ask("POST", `${AT}/${path}`, {}, evil)).code, "cross-site", path);
  const device = await withPasskey(tab);
  const good = device.answer(await challenge(tab));
  for (const change of [
    { clientDataJSON: "AAAA" },
    { clientDataJSON: Buffer.from("null").toString("base64url") },
    { authenticatorData: "AAAA" },
    { authenticatorData: "A".repeat(400) },
    { signature: "AA" },
  ]) {
    const { challenge: _ } = await challenge(tab);
    const { status, code } = await site.tab().post(`${AT}/sign-in/finish`, { ...good, ...change });
    assert.deepEqual([status, code], [401, "sign-in-refused"], JSON.stringify(change));
  }
  for (const attestationObject of ["AAAA", "oA", "_____w", "A".repeat(6000)]) {
    const made = { ...new PasskeyDevice().make(await begin(tab)), attestationObject };
    assert.equal(
      (await tab.post(`${AT}/finish`, made)).code,
      "passkey-refused",
      attestationObject.slice(0, 9),
    );
  }
  const long = { ...good, id: "A".repeat(5000) };
  assert.equal((await site.tab().post(`${AT}/sign-in/finish`, long)).status, 413);
});

test("a portal whose origin is an address says that browsers make no passkeys for it", async () => {
  const origin = "https://[2001:db8::1]:8443";
  await using there = await PasskeySite.start(origin);
  const says = { ...ITSELF, origin };
  const tab = there.tab();
  assert.equal((await tab.ask("GET", "/v1/portal/door", undefined, says)).body["passkeys"], false);
  assert.equal((await tab.ask("POST", `${AT}/sign-in/begin`, {}, says)).code, "no-passkeys");
});
