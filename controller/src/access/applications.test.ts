import assert from "node:assert/strict";
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { systemClock } from "../clock.ts";
import { Store } from "../store/store.ts";
import { TokenKeeper } from "../tokens/keeper.ts";
import {
  type AccountContext,
  createAccount,
  createProject,
  putMember,
  removeMember,
  setAccountState,
  setPolicy,
  setProjectState,
  setQuota,
} from "./accounts.ts";
import { createPool } from "./addresses.ts";
import { type ApplicationWish, act, apply, endOutlived } from "./applications.ts";
import { changeEnds, makeUpdateKey, updateEndpoint } from "./ends.ts";
import { served } from "./served.ts";

const OPERATOR = { who: "op" };
const POOL = { strategy: "first", quarantineS: 60, note: "" } as const;
const HOME = { service: "generic-tunneling", account: "alice", device: "home", note: "" } as const;

interface Bed extends AccountContext {
  readonly pass: (ms: number) => void;
}

/** Users alice and bob, a pool for tunnels (sixteen /60s) and one for VPN devices. */
async function withBed(work: (bed: Bed) => Promise<void>): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), "vsix-accounts-"));
  try {
    let nowMs = Date.parse("2026-01-01T00:00:00Z");
    const clock = { ...systemClock, wallMs: () => nowMs };
    await using store = await Store.open(join(directory, "controller.db"));
    const tokens = await TokenKeeper.open(store, clock, () => randomBytes(32));
    const pass = (ms: number): void => {
      nowMs += ms;
    };
    const bed = { store, clock, tokens, pass };
    for (const name of ["alice", "bob"]) await createAccount(bed, "op", { name, display: name });
    await createPool(bed, "op", { ...POOL, name: "home", prefix: "2001:db8:0:100::/56", purpose: "tunnel" });
    await createPool(bed, "op", {
      ...POOL,
      name: "vpn",
      prefix: "2001:db8:0:200::/64",
      purpose: "vpn-address",
    });
    await work(bed);
  } finally {
    await rm(directory, { recursive: true });
  }
}

function as(account: string): { who: string; account: string } {
  return { who: `user:${account}/x`, account };
}

function publicKey(): string {
  const { publicKey } = generateKeyPairSync("x25519");
  return publicKey.export({ type: "spki", format: "der" }).subarray(-32).toString("base64");
}

async function prefixesOf(bed: Bed, application: number): Promise<readonly string[]> {
  const rows = await bed.store.read.addresses.prefixes({ application, limit: 10 });
  return rows.filter(({ state }) => state === "active").map(({ prefix }) => prefix);
}

test("an application waits for an operator, has its prefix when it is approved, and is active once its endpoint is known", async () => {
  await withBed(async (bed) => {
    const applied = await apply(bed, as("alice"), HOME);
    assert.equal(applied.state, "applied");
    assert.deepEqual(await prefixesOf(bed, applied.id), []);
    assert.equal((await act(bed, OPERATOR, applied.id, "approve", "welcome")).state, "approved");
    assert.deepEqual(await prefixesOf(bed, applied.id), ["2001:db8:0:100::/60"]);
    await assert.rejects(changeEnds(bed, as("alice"), applied.id, { endpoint: "2001:db8:0:100::1" }), {
      code: "bad-endpoint",
    });
    const active = await changeEnds(bed, as("alice"), applied.id, { endpoint: "2001:DB8:1:0::1" });
    assert.deepEqual([active.state, active.endpoint], ["active", "2001:db8:1::1"]);
    assert.equal((await act(bed, OPERATOR, applied.id, "suspend", "abuse")).state, "suspended");
    await assert.rejects(act(bed, OPERATOR, applied.id, "approve", ""), {
      code: "application-state",
      message: /is suspended; possible is: resume, revoke/,
    });
    assert.equal((await act(bed, OPERATOR, applied.id, "resume", "")).state, "active");
    assert.equal((await act(bed, as("alice"), applied.id, "revoke", "moved")).state, "revoked");
    assert.equal((await bed.store.read.addresses.prefix("2001:db8:0:100::/60"))?.state, "quarantine");
    const events = await bed.store.read.accounts.application(applied.id);
    assert.equal(events?.reason, "moved");
    const history = await bed.store.read.addresses.events(10, {
      kind: "application",
      subjects: [String(applied.id)],
    });
    assert.deepEqual(
      history.map(({ what, who }) => `${who} ${what}`),
      [
        "user:alice/x revoked",
        "op application resume",
        "op application suspend",
        "user:alice/x application change",
        "op application approve",
        "user:alice/x application create",
      ],
    );
  });
});

test("a user sees and changes his own; of others there is nothing, but for owners and managers of a project", async () => {
  await withBed(async (bed) => {
    await createProject(bed, "op", { name: "lab", description: "", owner: "bob" });
    await putMember(bed, "op", "lab", "alice", "member");
    const own = await apply(bed, as("alice"), HOME);
    const shared = await apply(bed, as("alice"), { ...HOME, device: "lab", project: "lab" });
    await assert.rejects(act(bed, as("bob"), own.id, "revoke", ""), { code: "unknown-application" });
    await assert.rejects(changeEnds(bed, as("bob"), own.id, {}), { code: "unknown-application" });
    await assert.rejects(makeUpdateKey(bed, as("bob"), own.id, randomBytes(32)), {
      code: "unknown-application",
    });
    assert.equal((await act(bed, as("bob"), shared.id, "revoke", "")).state, "revoked");
    await assert.rejects(act(bed, as("bob"), 999, "revoke", ""), { code: "unknown-application" });
    await removeMember(bed, "op", "lab", "alice");
    await assert.rejects(apply(bed, as("alice"), { ...HOME, device: "x", project: "lab" }), {
      code: "unknown-project",
    });
    await assert.rejects(removeMember(bed, "op", "lab", "bob"), { code: "last-owner" });
    await assert.rejects(apply(bed, OPERATOR, { ...HOME, device: "x", project: "lab" }), {
      code: "not-a-member",
    });
  });
});

test("several devices of a user each have an address; one name, one key and one endpoint are one device's", async () => {
  await withBed(async (bed) => {
    await setPolicy(bed, "op", "remote-access-vpn", { approval: "auto" });
    await setPolicy(bed, "op", "generic-tunneling", { approval: "auto" });
    const vpn = { service: "remote-access-vpn", account: "alice", note: "" } as const;
    const key = publicKey();
    const laptop = await apply(bed, as("alice"), { ...vpn, device: "laptop", publicKey: key });
    const phone = await apply(bed, as("alice"), { ...vpn, device: "phone" });
    assert.deepEqual([laptop.state, phone.state], ["active", "approved"]);
    assert.deepEqual(await prefixesOf(bed, laptop.id), ["2001:db8:0:200::/128"]);
    await assert.rejects(apply(bed, as("alice"), { ...vpn, device: "phone" }), { code: "device-exists" });
    await assert.rejects(changeEnds(bed, as("alice"), phone.id, { publicKey: key }), {
      code: "public-key-taken",
    });
    await assert.rejects(changeEnds(bed, as("alice"), phone.id, { publicKey: "x" }), {
      code: "bad-public-key",
    });
    await assert.rejects(changeEnds(bed, as("alice"), phone.id, { endpoint: "2001:db8:1::1" }), {
      code: "bad-application",
    });
    assert.equal((await changeEnds(bed, as("alice"), phone.id, { publicKey: publicKey() })).state, "active");
    // The same again is no other device's.
    await changeEnds(bed, as("alice"), laptop.id, { publicKey: key });

    const endpoint = "2001:db8:1::1";
    await apply(bed, as("alice"), { ...HOME, site: "kote", endpoint });
    await assert.rejects(apply(bed, as("bob"), { ...HOME, account: "bob", site: "kote", endpoint }), {
      code: "endpoint-taken",
    });
    assert.equal(
      (await apply(bed, as("alice"), { ...HOME, device: "second", site: "note", endpoint })).state,
      "active",
    );
  });
});

test("who is suspended may do nothing; who is removed has nothing left, neither tokens nor prefixes", async () => {
  await withBed(async (bed) => {
    await setPolicy(bed, "op", "generic-tunneling", { approval: "auto" });
    await createProject(bed, "op", { name: "lab", description: "", owner: "alice" });
    const { id } = await apply(bed, as("alice"), { ...HOME, project: "lab" });
    const { text } = await bed.tokens.create({
      name: "alice/a",
      scopes: ["self"],
      expiresInS: undefined,
      who: "op",
      account: "alice",
    });
    await setAccountState(bed, "op", "alice", "suspended", "asked to");
    await assert.rejects(apply(bed, as("alice"), { ...HOME, device: "x" }), {
      code: "account-state",
      message: /suspended: asked to/,
    });
    await assert.rejects(act(bed, as("alice"), id, "revoke", ""), { code: "account-state" });
    await setAccountState(bed, "op", "alice", "active", "");
    await setProjectState(bed, "op", "lab", "suspended", "");
    await assert.rejects(apply(bed, as("alice"), { ...HOME, device: "x", project: "lab" }), {
      code: "project-state",
    });
    assert.ok(bed.tokens.find(text));
    await setAccountState(bed, "op", "alice", "removed", "left");
    assert.equal(bed.tokens.find(text), undefined);
    assert.equal((await bed.store.read.accounts.application(id))?.state, "revoked");
    assert.deepEqual(await prefixesOf(bed, id), []);
    await assert.rejects(setAccountState(bed, "op", "alice", "active", ""), { code: "account-state" });
    await assert.rejects(createAccount(bed, "op", { name: "alice", display: "" }), {
      code: "account-exists",
    });
    await assert.rejects(
      bed.tokens.create({
        name: "alice/b",
        scopes: ["self"],
        expiresInS: undefined,
        who: "op",
        account: "alice",
      }),
      { code: "account-state" },
    );
  });
});

test("served is what is active, of users and projects that are active, and comes back whole", async () => {
  await withBed(async (bed) => {
    await setPolicy(bed, "op", "generic-tunneling", { approval: "auto" });
    await createProject(bed, "op", { name: "lab", description: "", owner: "alice" });
    const endpoint = (last: number) => ({ endpoint: `2001:db8:1::${last}` });
    await apply(bed, as("alice"), { ...HOME, ...endpoint(1) });
    await apply(bed, as("alice"), { ...HOME, ...endpoint(2), device: "lab", project: "lab" });
    await apply(bed, as("bob"), { ...HOME, ...endpoint(3), account: "bob" });
    await apply(bed, as("bob"), { ...HOME, account: "bob", device: "waits" });
    const now = async () =>
      (await served(bed.store.read, "generic-tunneling")).map(
        ({ application, prefixes }) => `${application.id} ${prefixes.map(({ prefix }) => prefix).join()}`,
      );
    const all = ["1 2001:db8:0:100::/60", "2 2001:db8:0:110::/60", "3 2001:db8:0:120::/60"];
    assert.deepEqual(await now(), all);
    await setProjectState(bed, "op", "lab", "suspended", "");
    assert.deepEqual(await now(), [all[0], all[2]]);
    await setAccountState(bed, "op", "alice", "suspended", "");
    assert.deepEqual(await now(), [all[2]]);
    await act(bed, OPERATOR, 3, "suspend", "");
    assert.deepEqual(await now(), []);
    await setAccountState(bed, "op", "alice", "active", "");
    await setProjectState(bed, "op", "lab", "active", "");
    await act(bed, OPERATOR, 3, "resume", "");
    assert.deepEqual(await now(), all);
    assert.deepEqual(await served(bed.store.read, "srv6-access"), []);
  });
});

test("who applies and revokes again and again gets his own prefix back, empties no pool, and is stopped", async () => {
  await withBed(async (bed) => {
    await setPolicy(bed, "op", "generic-tunneling", { approval: "auto" });
    const given = new Set<string>();
    for (let round = 0; round < 100; round++) {
      const { id } = await apply(bed, as("alice"), HOME);
      for (const prefix of await prefixesOf(bed, id)) given.add(prefix);
      await act(bed, as("alice"), id, "revoke", "");
    }
    assert.deepEqual([...given], ["2001:db8:0:100::/60"]);
    await assert.rejects(apply(bed, as("alice"), HOME), { code: "quota-exceeded", message: /tomorrow/ });
    const bobs = await apply(bed, as("bob"), { ...HOME, account: "bob" });
    assert.deepEqual(
      await prefixesOf(bed, bobs.id),
      ["2001:db8:0:110::/60"],
      "what is in quarantine is nobody else's",
    );
    bed.pass(86_400_000);
    await apply(bed, as("alice"), HOME);
  });
});

test("an application whose time is over is revoked by itself", async () => {
  await withBed(async (bed) => {
    await setPolicy(bed, "op", "generic-tunneling", { approval: "auto", lifetimeS: 60 });
    const { id } = await apply(bed, as("alice"), HOME);
    bed.pass(59_999);
    await endOutlived(bed);
    assert.equal((await bed.store.read.accounts.application(id))?.state, "approved");
    bed.pass(1);
    await endOutlived(bed);
    const row = await bed.store.read.accounts.application(id);
    assert.deepEqual([row?.state, row?.reason], ["revoked", "its time is over"]);
  });
});

test("an endpoint is updated by its own key only, an update played again is refused, and a key that was replaced is none", async () => {
  await withBed(async (bed) => {
    await setPolicy(bed, "op", "generic-tunneling", { approval: "auto" });
    const { id } = await apply(bed, as("alice"), HOME);
    const other = await apply(bed, as("bob"), { ...HOME, account: "bob" });
    const key = await makeUpdateKey(bed, as("alice"), id, randomBytes(32));
    const bobs = await makeUpdateKey(bed, as("bob"), other.id, randomBytes(32));
    const update = { application: id, key, endpoint: "2001:db8:1::1" };
    assert.ok(!JSON.stringify(await bed.store.read.accounts.application(id)).includes(key));
    for (const wrong of [{ key: bobs }, { key: "" }, { application: 999 }, { application: other.id }])
      await assert.rejects(updateEndpoint(bed, { ...update, ...wrong }), { code: "update-refused" });
    assert.deepEqual(await updateEndpoint(bed, { ...update, number: 7 }), {
      endpoint: "2001:db8:1::1",
      changed: true,
    });
    assert.equal((await bed.store.read.accounts.application(id))?.state, "active");
    await updateEndpoint(bed, { ...update, endpoint: "2001:db8:1::2", number: 8 });
    for (const number of [8, 7])
      await assert.rejects(updateEndpoint(bed, { ...update, number }), { code: "update-replayed" });
    assert.equal((await bed.store.read.accounts.application(id))?.endpoint, "2001:db8:1::2");
    await assert.rejects(updateEndpoint(bed, { ...update, endpoint: "fe80::1", number: 9 }), {
      code: "bad-endpoint",
    });
    assert.equal(
      (await updateEndpoint(bed, { ...update, endpoint: "2001:db8:1::3", number: 9 })).changed,
      true,
    );
    await makeUpdateKey(bed, as("alice"), id, randomBytes(32));
    await assert.rejects(updateEndpoint(bed, { ...update, number: 10 }), { code: "update-refused" });
  });
});

test("a thousand applications at once: nobody beyond his quota, no prefix twice, and what was refused has left nothing", async () => {
  await withBed(async (bed) => {
    await setPolicy(bed, "op", "generic-tunneling", { approval: "auto", perUser: 5, total: 12 });
    await setQuota(bed, "op", { kind: "user", subject: "bob", service: "generic-tunneling" }, 9);
    const wishes: ApplicationWish[] = Array.from({ length: 1000 }, (_, at) => ({
      ...HOME,
      account: at % 2 === 0 ? "alice" : "bob",
      device: `device-${at}`,
    }));
    const outcomes = await Promise.allSettled(wishes.map((wish) => apply(bed, as(wish.account), wish)));
    const codes = new Map<string, number>();
    for (const one of outcomes) {
      const code = one.status === "fulfilled" ? "ok" : String(one.reason.code);
      codes.set(code, (codes.get(code) ?? 0) + 1);
    }
    assert.deepEqual(Object.fromEntries(codes), { ok: 12, "quota-exceeded": 988 });
    const count = (account: string) => bed.store.read.accounts.countLiving("generic-tunneling", { account });
    assert.deepEqual([await count("alice"), await count("bob")], [5, 7]);
    const rows = await bed.store.read.addresses.prefixes({ limit: 100 });
    assert.equal(new Set(rows.map(({ prefix }) => prefix)).size, 12);
    assert.equal(new Set(rows.map(({ application }) => application)).size, 12);

    await setPolicy(bed, "op", "generic-tunneling", { perUser: null, total: null });
    await setQuota(bed, "op", { kind: "user", subject: "bob", service: "generic-tunneling" }, null);
    const more = await Promise.allSettled(
      wishes
        .slice(0, 20)
        .map((wish) => apply(bed, as(wish.account), { ...wish, device: `${wish.device}-more` })),
    );
    const exhausted = more.filter((one) => one.status === "rejected" && one.reason.code === "pool-exhausted");
    assert.deepEqual([exhausted.length, more.length - exhausted.length], [16, 4], "the pool has sixteen");
    // Nothing half-made: who got no prefix has no application either.
    const living = await bed.store.read.accounts.applications({ limit: 100 });
    assert.equal(living.length, 16);
  });
});

for (const [what, keyCount, total, code] of [
  ["more keys than there are places", 50, 40, "quota-exceeded"],
  ["many with one key", 20, 1000, "public-key-taken"],
] as const)
  test(`a thousand VPN applications at once, ${what}: no key and no address twice, and what was refused has left nothing`, async () => {
    await withBed(async (bed) => {
      await setPolicy(bed, "op", "remote-access-vpn", { approval: "auto", perUser: 500, total });
      const keys = Array.from({ length: keyCount }, publicKey);
      const wishes: ApplicationWish[] = Array.from({ length: 1000 }, (_, at) => ({
        service: "remote-access-vpn",
        account: at % 2 === 0 ? "alice" : "bob",
        device: `device-${at}`,
        note: "",
        publicKey: keys[at % keys.length] ?? "",
      }));
      const outcomes = await Promise.allSettled(wishes.map((wish) => apply(bed, as(wish.account), wish)));
      const given = outcomes.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
      const expected = Math.min(keyCount, total);
      assert.equal(given.length, expected);
      const codes = outcomes.flatMap((one) => (one.status === "rejected" ? [String(one.reason.code)] : []));
      assert.deepEqual([...new Set(codes)], [code]);
      const living = await served(bed.store.read, "remote-access-vpn");
      assert.equal(new Set(living.map(({ application }) => application.public_key)).size, expected);
      const prefixes = living.flatMap((one) => one.prefixes.map(({ prefix }) => prefix));
      assert.equal(new Set(prefixes).size, expected);
      assert.ok(prefixes.every((prefix) => prefix.endsWith("/128")));
      assert.equal((await bed.store.read.addresses.prefixes({ limit: 1000 })).length, expected);
    });
  });

test("a user suspends and resumes what is his, and nothing that an operator suspended, or made his own suspension", async () => {
  await withBed(async (bed) => {
    await setPolicy(bed, "op", "generic-tunneling", { approval: "auto" });
    const { id } = await apply(bed, as("alice"), { ...HOME, endpoint: "2001:db8:1::1" });
    const does = async (asker: typeof OPERATOR, action: "suspend" | "resume") =>
      (await act(bed, asker, id, action, "")).state;
    await assert.rejects(does(as("bob"), "suspend"), { code: "unknown-application" });
    assert.equal(await does(as("alice"), "suspend"), "suspended");
    assert.equal(await does(as("alice"), "resume"), "active");
    assert.equal(await does(as("alice"), "suspend"), "suspended");
    assert.equal(await does(OPERATOR, "suspend"), "suspended");
    await assert.rejects(does(as("alice"), "resume"), { code: "application-state" });
    assert.equal(await does(OPERATOR, "resume"), "active");
  });
});
