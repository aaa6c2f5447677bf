import assert from "node:assert/strict";
import { once } from "node:events";
import { chmod, readFile, stat, writeFile } from "node:fs/promises";
import type { IncomingMessage } from "node:http";
import { request } from "node:https";
import { join } from "node:path";
import { test } from "node:test";
import type { TLSSocket } from "node:tls";
import { Bench, freePort, run } from "./harness.ts";

const ORIGIN = "https://localhost";

async function change(bench: Bench, portal: object): Promise<void> {
  const file = join(bench.directory, "config.json");
  const config = JSON.parse(await readFile(file, "utf8")) as object;
  await writeFile(file, JSON.stringify({ ...config, portal }));
}

/** What a browser without a session is told over TLS, and by which certificate. */
async function ask(port: number, ca: Buffer) {
  const asked = request({ host: "127.0.0.1", port, path: "/v1/portal/session", ca, agent: false });
  asked.end();
  const [response] = (await once(asked, "response")) as [IncomingMessage];
  response.resume();
  const socket = response.socket as TLSSocket;
  return {
    status: response.statusCode,
    protocol: socket.getProtocol(),
    serial: String(socket.getPeerCertificate().serialNumber),
    policy: response.headers["content-security-policy"],
  };
}

test("without `portal` nobody can be invited and there is no key; with it the listener speaks TLS 1.3 with our certificate or another", async () => {
  await using bench = await Bench.make();
  await bench.start();
  const state = join(bench.directory, "state");
  assert.equal((await bench.vsixctl("user", "create", "alice")).code, 0);
  const off = await bench.vsixctl("user", "invite", "alice");
  assert.equal(off.code, 1);
  assert.match(off.stderr, /`portal` in the configuration file is missing/);
  await assert.rejects(stat(join(state, "portal.key")), { code: "ENOENT" });
  await bench.stop();

  const port = await freePort();
  const listen = { host: "127.0.0.1", port };
  await change(bench, { listen, origin: ORIGIN });
  await bench.start();
  const ca = await readFile(join(state, "ca.crt"));
  const own = await ask(port, ca);
  assert.deepEqual([own.status, own.protocol], [401, "TLSv1.3"]);
  assert.match(String(own.policy), /frame-ancestors 'none'/);

  const out = join(bench.directory, "alice.link");
  const invited = await bench.vsixctl("user", "invite", "alice", "--role", "admin", "--out", out);
  assert.equal(invited.code, 0, invited.stderr);
  assert.match(invited.stdout, /alice\.link: alice, admin, until \d{4}-/);
  assert.doesNotMatch(invited.stdout, /vsixi_/);
  assert.match(await readFile(out, "utf8"), /^https:\/\/localhost\/invitation#vsixi_[\w-]{43}\n$/);
  assert.equal((await stat(out)).mode & 0o777, 0o600);
  assert.match((await bench.vsixctl("user", "invite", "alice", "--out", out)).stderr, /EEXIST/);
  assert.match((await bench.vsixctl("user", "invite", "nobody")).stderr, /there is no user nobody/);
  assert.match((await bench.vsixctl("user", "invite", "alice", "--role", "root")).stderr, /role/);
  await bench.stop();

  // A certificate that somebody else looks after.
  const [certFile, keyFile] = [join(bench.directory, "web.crt"), join(bench.directory, "web.key")];
  const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"];
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc", "-keyout", keyFile];
  const made = await run("openssl", ["req", "-x509", "-days", "2", ...key, "-out", certFile, ...subject]);
  assert.equal(made.code, 0, made.stderr);
  await change(bench, { listen, origin: ORIGIN, tls: { certFile, keyFile } });
  await chmod(keyFile, 0o644);
  const open = await bench.runSecond();
  assert.equal(open.code, 1);
  assert.match(open.stderr, /web\.key: mode is 644, others may use it/);
  await chmod(keyFile, 0o600);
  await bench.start();
  const other = await ask(port, await readFile(certFile));
  assert.deepEqual([other.status, other.protocol], [401, "TLSv1.3"]);
  assert.notEqual(other.serial, own.serial);
});
