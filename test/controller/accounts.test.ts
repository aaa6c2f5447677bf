import assert from "node:assert/strict";
import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { Bench, freePort } from "./harness.ts";

interface Application {
  readonly id: number;
  readonly state: string;
  readonly prefixes: readonly string[];
  readonly held: string | null;
  readonly endpoint: string | null;
  readonly error?: { readonly code: string };
}

async function makeBench() {
  const port = await freePort();
  const bench = await Bench.make(undefined, {
    http: { host: "127.0.0.1", port },
    enrol: { host: "127.0.0.1", port: await freePort() },
    limits: { tokenPerMinute: 1000, failuresPerMinute: 1000 },
  });
  await bench.start();
  const base = `http://127.0.0.1:${port}`;
  const asUser = async (user: string): Promise<(...args: readonly string[]) => Promise<Application>> => {
    const { token } = await bench.json<{ token: string }>("user", "token", user, "test");
    const file = join(bench.directory, `${user}.token`);
    await writeFile(file, token);
    await chmod(file, 0o600);
    return (...args) => bench.json<Application>("me", ...args, "--url", base, "--token-file", file);
  };
  return { bench, base, asUser };
}

test("a user applies and has a prefix at once, moves by the tunnel's own key, and sees nothing of anybody else", async () => {
  const { bench, base, asUser } = await makeBench();
  await using _ = bench;
  const ok = async (...args: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await bench.vsixctl(...args);
    assert.equal(code, 0, `${args.join(" ")}: ${stderr}`);
    return stdout;
  };
  await ok("pool", "create", "home", "--purpose", "tunnel", "--prefix", "2001:db8:100::/48");
  for (const user of ["alice", "bob"]) await ok("user", "create", user);
  await ok("service", "set", "generic-tunneling", "--approval", "auto", "--per-user", "2");
  const alice = await asUser("alice");
  const bob = await asUser("bob");

  const made = await alice("apply", "generic-tunneling", "--device", "home", "--endpoint", "2001:db8:1::1");
  assert.deepEqual([made.state, made.prefixes], ["active", ["2001:db8:100::/60"]]);
  const theirs = await bob("apply", "generic-tunneling", "--device", "home");
  for (const verb of ["application", "history", "change", "key", "claim", "revoke"])
    assert.equal((await bob(verb, String(made.id))).error?.code, "unknown-application", verb);
  assert.equal((await alice("apply", "generic-tunneling", "--device", "b")).state, "approved");
  assert.equal((await alice("apply", "generic-tunneling", "--device", "c")).error?.code, "quota-exceeded");
  assert.doesNotMatch(JSON.stringify(await alice("list")), /bob/);

  // Routes of operators are not for users, whatever they are called.
  const { token } = await bench.json<{ token: string }>("user", "token", "alice", "raw");
  const ask = async (path: string, init: RequestInit = {}) => {
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    const answer = await fetch(`${base}${path}`, { headers, ...init });
    return { status: answer.status, text: await answer.text() };
  };
  for (const path of [
    "/v1/users",
    "/v1/pools",
    "/v1/applications",
    "/v1/status",
    "/v1/audit",
    "/v1/access/history",
  ])
    assert.equal((await ask(path)).status, 403, path);
  assert.equal((await ask("/v1/me")).status, 200);
  assert.match((await bench.vsixctl("me", "show")).stderr, /for users and their tokens/);

  // The user's router says where it is, without a token.
  const key = (await bench.json<{ key: string }>("application", "key", String(made.id))).key;
  const update = async (id: number, password: string, ip: string): Promise<string> => {
    const authorization = `Basic ${Buffer.from(`x:${password}`).toString("base64")}`;
    const path = `${base}/nic/update?hostname=${id}&myip=${encodeURIComponent(ip)}`;
    return (await fetch(path, { headers: { authorization } })).text();
  };
  assert.equal(await update(made.id, key, "2001:db8:1::2"), "good 2001:db8:1::2");
  assert.equal(await update(made.id, key, "2001:db8:1::2"), "nochg 2001:db8:1::2");
  assert.equal(await update(theirs.id, key, "2001:db8:1::3"), "badauth");
  assert.equal(await update(made.id, key, "2001:db8:100::1"), "dnserr");
  const body = { application: made.id, key, endpoint: "2001:db8:1::4", number: 5 };
  const post = () =>
    ask("/v1/endpoint", {
      method: "POST",
      body: JSON.stringify(body),
      headers: { "content-type": "application/json" },
    });
  assert.equal((await post()).text, '{"endpoint":"2001:db8:1::4","changed":true}');
  assert.match((await post()).text, /"update-replayed"/);

  // What he writes is shown to operators: it does not move their cursor.
  for (const note of ["\u001b[2J", "\u202eevil"]) {
    const body = JSON.stringify({ service: "generic-tunneling", device: "d", note });
    const init = { method: "POST", body };
    assert.equal((await ask("/v1/me/applications", init)).status, 400, note);
  }

  // Suspended, he may look and read why; removed, his token is good for nothing and his prefixes go back.
  await ok("user", "suspend", "alice", "--reason", "asked to");
  assert.match((await alice("application", String(made.id))).held ?? "", /user is suspended/);
  assert.equal((await alice("revoke", String(made.id))).error?.code, "account-state");
  const claim = await bench.json<{ node: string }>("application", "claim", String(made.id));
  assert.equal(claim.node, `access-${made.id}`);
  await ok("user", "remove", "alice", "--reason", "left");
  assert.equal((await ask("/v1/me")).status, 401);
  assert.match(await ok("prefix", "show", "2001:db8:100::1"), /quarantine until/);
  const history = await ok("prefix", "history", "2001:db8:100::1");
  assert.match(history, /active +pool=home account=alice application=1/);
  assert.match(history, /user:alice\/test/);
  assert.match(await ok("audit", "list"), /application over +node revoke/);
  assert.match(await ok("application", "list", "--user", "alice"), /revoked/);
  assert.ok(!(await ok("audit", "list", "--limit", "200")).includes(key));
});
