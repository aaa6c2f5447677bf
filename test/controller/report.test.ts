import assert from "node:assert/strict";
import { chmod, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { EventReport } from "@vsix/controller/core/report/model.ts";
import { topics } from "@vsix/shared/contract/topics.ts";
import type { Health } from "@vsix/shared/contract/up-health.ts";
import { connectAsync } from "mqtt";
import { Bench, freePort, QUICK, until } from "./harness.ts";

const VECTOR = new URL("../../shared/vectors/v1/up-health.json", import.meta.url);

test("a report tells users, applications and prefixes by service, in the time and at its end, and what nodes felt", async () => {
  const port = await freePort();
  const limits = { tokenPerMinute: 1000, failuresPerMinute: 1000 };
  await using bench = await Bench.make(undefined, { http: { host: "127.0.0.1", port }, limits });
  await bench.start();
  const base = `http://127.0.0.1:${port}`;
  const ok = async (...args: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await bench.vsixctl(...args);
    assert.equal(code, 0, `${args.join(" ")}: ${stderr}`);
    return stdout;
  };
  const reader = (await bench.json<{ token: string }>("token", "create", "report", "--scope", "dns")).token;
  const report = async (fromMs: number, untilMs: number): Promise<EventReport> => {
    const headers = { authorization: `Bearer ${reader}` };
    const answer = await fetch(`${base}/v1/report?fromMs=${fromMs}&untilMs=${untilMs}`, { headers });
    assert.equal(answer.status, 200);
    return (await answer.json()) as EventReport;
  };
  const startMs = Date.now();
  const empty = await report(startMs - 1000, startMs);
  assert.deepEqual([empty.access, empty.health], [null, null]);

  const file = join(bench.directory, "fabric.yaml");
  await writeFile(file, `${await readFile(QUICK, "utf8")}\nhealth: { intervalS: 60 }\n`);
  await ok("apply", file);
  await ok("pool", "create", "home", "--purpose", "tunnel", "--prefix", "2001:db8:100::/48");
  await ok("pool", "create", "road", "--purpose", "vpn-address", "--prefix", "2001:db8:200::/48");
  await ok("service", "set", "generic-tunneling", "--approval", "auto");
  await ok("service", "set", "remote-access-vpn", "--approval", "auto");
  for (const user of ["alice", "bob"]) await ok("user", "create", user);
  const apply = async (user: string, ...args: readonly string[]): Promise<string> => {
    const { token } = await bench.json<{ token: string }>("user", "token", user, args[2] ?? "");
    const tokenFile = join(bench.directory, `${user}.token`);
    await writeFile(tokenFile, token);
    await chmod(tokenFile, 0o600);
    const via = ["--url", base, "--token-file", tokenFile];
    return String((await bench.json<{ id: number }>("me", "apply", ...args, ...via)).id);
  };
  const endpoint = (last: number) => ["--device", `d${last}`, "--endpoint", `2001:db8:1::${last}`];
  const first = await apply("alice", "generic-tunneling", ...endpoint(1));
  await apply("bob", "generic-tunneling", ...endpoint(2));
  const key = Buffer.alloc(32, 9).toString("base64");
  await apply("bob", "remote-access-vpn", "--device", "phone", "--public-key", key);
  await ok("pool", "allocate", "home", "--note", "for the NOC");
  await sleep(5);
  const middleMs = Date.now();
  await sleep(5);

  await ok("application", "revoke", first, "--reason", "moved");
  await ok("user", "create", "carol");
  await ok("user", "remove", "bob", "--reason", "left");
  const client = await connectAsync(bench.url, { protocolVersion: 4, clientId: "fake-edge-1" });
  const { text } = JSON.parse(await readFile(VECTOR, "utf8")) as { text: string };
  const bad = JSON.parse(text) as Health;
  await client.publishAsync(topics.up("edge-1", "health"), JSON.stringify({ ...bad, run: 1 }), { qos: 1 });
  await until("a node has looked", async () => {
    const { latest } = await bench.get<{ latest: Health | null }>("/v1/nodes/edge-1/health");
    return latest !== null;
  });
  await client.endAsync(true);
  await sleep(5);
  const endMs = Date.now();

  const before = await report(startMs, middleMs);
  const sum = (count: number, equivalents64: number) => ({ count, equivalents64 });
  assert.equal(before.health, null);
  assert.deepEqual(before.access?.prefixes, [
    { service: "by operators", issued: sum(1, 16), active: sum(1, 16), revoked: sum(0, 0) },
    { service: "generic-tunneling", issued: sum(2, 32), active: sum(2, 32), revoked: sum(0, 0) },
    { service: "remote-access-vpn", issued: sum(1, 0), active: sum(1, 0), revoked: sum(0, 0) },
  ]);
  const { access, health } = await report(middleMs, endMs);
  assert.deepEqual(access?.accounts, { all: 2, fresh: 1, removed: 1 });
  assert.deepEqual(access.applications, [
    { service: "generic-tunneling", made: 0, refused: 0, revoked: 2, living: 0 },
    { service: "remote-access-vpn", made: 0, refused: 0, revoked: 1, living: 0 },
  ]);
  assert.deepEqual(access.prefixes, [
    { service: "by operators", issued: sum(0, 0), active: sum(1, 16), revoked: sum(0, 0) },
    { service: "generic-tunneling", issued: sum(0, 0), active: sum(0, 0), revoked: sum(2, 32) },
    { service: "remote-access-vpn", issued: sum(0, 0), active: sum(0, 0), revoked: sum(1, 0) },
  ]);
  // What is over now was living then.
  assert.deepEqual((await report(startMs, middleMs)).access?.accounts, { all: 2, fresh: 2, removed: 0 });
  assert.equal(before.access?.applications[0]?.living, 2);
  assert.deepEqual((await report(startMs, middleMs)).access?.applications[0]?.living, 2);
  assert.equal(health?.runs, 1);
  assert.deepEqual(
    health.worst.map(({ site, layer, looked, bad: n, poor }) => [site, layer, looked, n, poor]),
    [
      ["sfc", "translation", 1, 1, 0],
      ["sfc", "planes", 1, 0, 1],
    ],
  );
  const page = await ok("report", "--last", "1h");
  assert.match(page, /1 removed; 2 at the end|3 new accounts, 1 removed; 2 at the end/);
  assert.match(page, /\| generic-tunneling \| 2 \(32\) \| 0 \(0\) \| 2 \(32\) \|/);
  assert.match(page, /\| sfc \| translation \| 1 \| 1 \(100\.0 %\) \| 0 \(0 %\) \|/);
});
