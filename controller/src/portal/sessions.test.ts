import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { systemClock } from "../clock.ts";
import { Store } from "../store/store.ts";
import type { SecondFactor } from "./roles.ts";
import { IDLE_MS, LIFETIME_MS, type LiveSession, Sessions } from "./sessions.ts";

const BEGIN_MS = Date.parse("2026-01-01T00:00:00Z");
const PLACE = { address: "2001:db8::1", agent: "evil\u001b[2J\u202etxt" };

/** Sessions of a user alice on a clock of the test's own. */
class Bench implements AsyncDisposable {
  nowMs = BEGIN_MS;
  readonly store: Store;
  readonly sessions: Sessions;
  readonly #directory: string;

  private constructor(directory: string, store: Store) {
    this.#directory = directory;
    this.store = store;
    this.sessions = new Sessions(store, { ...systemClock, wallMs: () => this.nowMs });
  }

  static async make(): Promise<Bench> {
    const directory = await mkdtemp(join(tmpdir(), "vsix-sessions-"));
    const bench = new Bench(directory, await Store.open(join(directory, "controller.db")));
    const at = "2026-01-01T00:00:00.000Z";
    await bench.store.transaction(async (tx) => {
      const made = { created_at: at, created_by: "test", since: at, reason: "" };
      await tx.accounts.addAccount({ name: "alice", display: "", email: null, state: "active", ...made });
      await tx.portal.putUser({ account: "alice", role: "operator", since: at, set_by: "test" });
    });
    return bench;
  }

  async open(secondFactor: SecondFactor = "totp", instead?: LiveSession): Promise<string> {
    const opened = await this.store.transaction((tx) =>
      this.sessions.open(tx, { account: "alice", secondFactor, place: PLACE }, instead),
    );
    this.sessions.cutOff(opened.closed);
    return opened.secret;
  }

  async found(secret: string): Promise<LiveSession> {
    const session = await this.sessions.find(secret);
    assert.ok(session !== undefined);
    return session;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.store[Symbol.asyncDispose]();
    await rm(this.#directory, { recursive: true });
  }
}

test("a session that is not used ends after its idle time, one that is used after its lifetime; not a millisecond later", async () => {
  await using bench = await Bench.make();
  const [idle, used] = [await bench.open(), await bench.open()];
  const { ended, ...session } = await bench.found(used);
  const last = BEGIN_MS + LIFETIME_MS - 1;
  for (bench.nowMs = BEGIN_MS; bench.nowMs < last; bench.nowMs += IDLE_MS - 1) await bench.found(used);
  bench.nowMs = last;
  await bench.found(used);
  assert.equal(await bench.sessions.find(idle), undefined);
  assert.ok(bench.sessions.isLive({ ...session, ended }));
  bench.nowMs = last + 1;
  assert.equal(await bench.sessions.find(used), undefined);
  assert.ok(!bench.sessions.isLive({ ...session, ended }));
  await bench.sessions.prune();
  assert.ok(ended.aborted);
  assert.deepEqual(await bench.store.read.portal.sessionsOf("alice"), []);
  const ends = (await bench.store.read.audit(10)).filter(({ what }) => what === "session end");
  assert.deepEqual(ends.map(({ detail }) => JSON.parse(detail).why).sort(), ["its time is over", "not used"]);
});

test("a session that goes on under another id lasts no longer for that, and the one before is nothing", async () => {
  await using bench = await Bench.make();
  const first = await bench.open("none");
  const before = await bench.found(first);
  assert.deepEqual([before.scopes, before.wantsSecondFactor], [["self"], true]);
  bench.nowMs += IDLE_MS / 2;
  const second = await bench.open("totp", before);
  const after = await bench.found(second);
  assert.equal(after.endsAt, before.endsAt);
  assert.notEqual(after.id, before.id);
  assert.ok(after.scopes.includes("steer"));
  assert.ok(before.ended.aborted);
  assert.equal(await bench.sessions.find(first), undefined);
});

test("of one user there are twenty at most: the oldest gives way", async () => {
  await using bench = await Bench.make();
  const secrets: string[] = [];
  for (let i = 0; i < 22; i++) {
    bench.nowMs += 1;
    secrets.push(await bench.open());
  }
  const alive = await Promise.all(
    secrets.map(async (secret) => (await bench.sessions.find(secret)) !== undefined),
  );
  assert.deepEqual(
    alive,
    secrets.map((_, at) => at >= 2),
  );
});

test("a role or state that changes counts at the next request; what a browser says of itself is made harmless", async () => {
  await using bench = await Bench.make();
  const secret = await bench.open();
  const at = "2026-01-01T00:00:00.000Z";
  await bench.store.transaction((tx) =>
    tx.portal.putUser({ account: "alice", role: "read-only", since: at, set_by: "test" }),
  );
  assert.deepEqual((await bench.found(secret)).scopes, ["self", "read"]);
  await bench.store.transaction((tx) => tx.accounts.changeAccount("alice", { state: "suspended" }));
  assert.deepEqual((await bench.found(secret)).scopes, ["self"]);
  await bench.store.transaction((tx) => tx.accounts.changeAccount("alice", { state: "removed" }));
  assert.equal(await bench.sessions.find(secret), undefined);
  const [row] = await bench.store.read.portal.sessionsOf("alice");
  assert.match(row?.agent ?? "", /^[\x20-\x7e]+$/);
  assert.ok(row !== undefined && row.hash !== secret && !JSON.stringify(row).includes(secret));
});

test("when sessions were used is written down for all of them in one commit, and a controller that starts anew knows it", async (t) => {
  await using bench = await Bench.make();
  const secrets = await Promise.all(Array.from({ length: 10 }, () => bench.open()));
  const commits = t.mock.method(bench.store, "transaction");
  bench.nowMs += IDLE_MS / 2;
  for (const secret of secrets) await bench.found(secret);
  assert.equal(commits.mock.callCount(), 0, "a request waits for no disk");
  await bench.sessions.writeSeen();
  await bench.sessions.writeSeen();
  assert.equal(commits.mock.callCount(), 1);
  const anew = (): Sessions => new Sessions(bench.store, { ...systemClock, wallMs: () => bench.nowMs });
  bench.nowMs += IDLE_MS - 1;
  const [before, after] = [anew(), anew()];
  for (const secret of secrets) assert.ok((await before.find(secret)) !== undefined);
  bench.nowMs += 1;
  for (const secret of secrets) assert.equal(await after.find(secret), undefined);
});

test("a session that was used is not ended because nobody has written it down yet, and is shown as used", async () => {
  await using bench = await Bench.make();
  const [used, unused] = [await bench.open(), await bench.open()];
  bench.nowMs += IDLE_MS - 1;
  await bench.found(used);
  bench.nowMs += IDLE_MS - 1;
  await bench.sessions.prune();
  await bench.found(used);
  assert.equal(await bench.sessions.find(unused), undefined);
  const [row, ...others] = await bench.sessions.list("alice");
  assert.deepEqual([row?.seen_at, others], [new Date(bench.nowMs).toISOString(), []]);
});
