import assert from "node:assert/strict";
import { once } from "node:events";
import { chmod, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { type ConnectionOptions, connect } from "node:tls";
import { vsixctlMain } from "../programs/bundles.ts";
import { Bench, freePort, QUICK, type Ran, run } from "./harness.ts";

/** A controller with both TCP listeners, and the arguments that lead vsixctl to the TLS one. */
async function makeBench() {
  const [http, https] = [await freePort(), await freePort()];
  const host = "127.0.0.1";
  const bench = await Bench.make(undefined, {
    http: { host, port: http },
    https: { host, port: https },
    limits: { tokenPerMinute: 1000, failuresPerMinute: 1000 },
  });
  const ca = join(bench.directory, "state/ca.crt");
  return {
    bench,
    httpUrl: `http://127.0.0.1:${http}`,
    httpsUrl: `https://127.0.0.1:${https}`,
    remote: (tokenFile: string) => [
      "--url",
      `https://127.0.0.1:${https}`,
      "--token-file",
      tokenFile,
      "--ca",
      ca,
    ],
  };
}

async function makeToken(bench: Bench, name: string, ...args: readonly string[]): Promise<string> {
  const out = join(bench.directory, `${name}.token`);
  const { code, stdout, stderr } = await bench.vsixctl("token", "create", name, "--out", out, ...args);
  assert.equal(code, 0, stderr);
  assert.ok(!stdout.includes("vsixt_"));
  assert.equal((await stat(out)).mode & 0o777, 0o600);
  return out;
}

async function ask(
  url: string,
  token?: string,
  init: RequestInit = {},
): Promise<{ status: number; code: string }> {
  const headers = { ...(token === undefined ? {} : { authorization: `Bearer ${token}` }), ...init.headers };
  const answer = await fetch(url, { ...init, headers });
  const body = (await answer.json()) as { error?: { code: string } };
  return { status: answer.status, code: body.error?.code ?? "" };
}

test("over TLS a token does what its scopes allow, and nothing else; the audit log names it", async () => {
  const { bench, remote } = await makeBench();
  await using _ = bench;
  await bench.start();
  const reader = remote(await makeToken(bench, "reader", "--scope", "read"));
  const operator = remote(await makeToken(bench, "operator", "--scope", "apply,steer", "--expires", "1h"));
  const auditor = remote(await makeToken(bench, "auditor", "--scope", "audit"));

  assert.equal((await bench.vsixctl("apply", QUICK, ...operator)).code, 0);
  assert.equal((await bench.vsixctl("status", ...reader)).code, 0);
  const steered = await bench.vsixctl(
    "edge",
    "steer",
    "edge-1",
    "--plane",
    "green",
    "--wait",
    "0",
    ...operator,
  );
  assert.equal(steered.code, 4, steered.stderr);

  const refused: readonly (readonly [readonly string[], readonly string[], RegExp])[] = [
    [["apply", QUICK], reader, /token reader lacks the scope apply; it has read/],
    [["edge", "steer", "edge-1", "--plane", "blue"], reader, /lacks the scope steer/],
    [["node", "bundle", "xe-sfc", "--out", join(bench.directory, "b")], operator, /lacks the scope node/],
    [["audit"], reader, /lacks the scope audit/],
    [["status"], operator, /lacks the scope read/],
    [["token", "list"], auditor, /lacks the scope admin/],
    [["token", "create", "more", "--scope", "admin"], operator, /lacks the scope admin/],
  ];
  for (const [args, as, expected] of refused) {
    const { code, stderr } = await bench.vsixctl(...args, ...as);
    assert.equal(code, 1, args.join(" "));
    assert.match(stderr, expected);
  }
  const audit = (await bench.vsixctl("audit", ...auditor)).stdout;
  assert.match(audit, /token:operator\s+apply/);
  assert.match(audit, /token:operator\s+steer/);
  assert.match(audit, /token create\s+\{"name":"operator","scopes":"apply steer"/);
  assert.ok(!audit.includes("vsixt_"));
});

test("a revoked token is refused at once and its stream ends; no token and a wrong one are refused", async () => {
  const { bench, httpUrl } = await makeBench();
  await using _ = bench;
  await bench.start();
  const file = await makeToken(bench, "watcher", "--scope", "read");
  const text = (await readFile(file, "utf8")).trim();
  const stream = await fetch(`${httpUrl}/v1/events`, { headers: { authorization: `Bearer ${text}` } });
  assert.equal(stream.status, 200);
  assert.equal((await ask(`${httpUrl}/v1/status`, text)).status, 200);
  assert.match((await bench.vsixctl("token", "list")).stdout, /watcher\s+read\s+\S+\s+\d{4}-/);
  assert.equal((await bench.vsixctl("token", "revoke", "watcher")).code, 0);
  assert.match(await stream.text(), /^: vsix events/);
  for (const token of [
    text,
    undefined,
    "vsixt_",
    `vsixt_${"A".repeat(43)}`,
    "x".repeat(10_000),
    "vsixt_\u00e9",
  ]) {
    assert.deepEqual(await ask(`${httpUrl}/v1/status`, token), { status: 401, code: "unauthenticated" });
  }
  const basic = { headers: { authorization: `Basic ${btoa(`x:${text}`)}` } };
  assert.equal((await ask(`${httpUrl}/v1/status`, undefined, basic)).status, 401);
  // Where there is no route nothing is told without a token either, and a body is not read before one is shown.
  assert.equal((await ask(`${httpUrl}/v1/no-such-thing`)).status, 401);
  const post = { method: "POST", body: "{", headers: { "content-type": "application/json" } };
  assert.equal((await ask(`${httpUrl}/v1/fabric`, undefined, post)).status, 401);
  // In a URL a token is nothing.
  assert.equal((await ask(`${httpUrl}/v1/status?access_token=${text}`)).status, 401);

  const again = await bench.vsixctl("token", "create", "watcher", "--scope", "read");
  assert.match(again.stderr, /there is, or was, a token "watcher"/);
  await bench.stop();
  await bench.start();
  assert.equal((await ask(`${httpUrl}/v1/status`, text)).status, 401);
  const dump = await readFile(join(bench.directory, "state/controller.db"));
  assert.ok(!dump.includes(text.slice(6)));
});

test("vsixctl takes a token from a file that only its owner can read, and sends it nowhere in clear", async () => {
  const { bench, httpsUrl, remote } = await makeBench();
  await using _ = bench;
  await bench.start();
  const file = await makeToken(bench, "reader", "--scope", "read");
  const env = { VSIX_URL: httpsUrl, VSIX_TOKEN_FILE: file, VSIX_CA: join(bench.directory, "state/ca.crt") };
  const vsixctl = vsixctlMain();
  const ctl = (more: Readonly<Record<string, string>>, ...args: readonly string[]): Promise<Ran> =>
    run(process.execPath, [vsixctl, "status", ...args], { ...env, ...more });
  assert.equal((await ctl({})).code, 0);
  assert.match((await ctl({ VSIX_SOCKET: bench.socket })).stderr, /both a socket and a URL/);
  const stranger = await ctl({ VSIX_CA: await foreignCa(bench) });
  assert.equal(stranger.code, 3);
  assert.match(stranger.stderr, /certificate|signature/i);
  for (const [url, expected] of [
    ["http://192.0.2.1:1", /would travel in clear/],
    ["https://user:secret@localhost:1", /holds a secret/],
    ["https://localhost:1/?token=x", /holds a secret or a query/],
    ["ftp://localhost", /https: is wanted/],
    ["nonsense", /is not a URL/],
  ] as const) {
    const { code, stderr } = await ctl({}, "--url", url);
    assert.equal(code, 2, url);
    assert.match(stderr, expected);
  }
  await chmod(file, 0o640);
  assert.match((await bench.vsixctl("status", ...remote(file))).stderr, /mode is 640, others may use it/);
  const existing = await bench.vsixctl("token", "create", "other", "--scope", "read", "--out", file);
  assert.match(existing.stderr, /EEXIST/);
  assert.ok(!(await bench.vsixctl("token", "list")).stdout.includes("other"));
});

test("the TLS listener speaks nothing older than TLS 1.3, with a certificate for its names", async () => {
  const { bench, httpsUrl } = await makeBench();
  await using _ = bench;
  await bench.start();
  const ca = await readFile(join(bench.directory, "state/ca.crt"));
  const { port } = new URL(httpsUrl);
  const shake = async (options: ConnectionOptions): Promise<string> => {
    const socket = connect({ host: "127.0.0.1", port: Number(port), ca, ...options });
    try {
      await once(socket, "secureConnect", { signal: AbortSignal.timeout(60_000) });
      return socket.getProtocol() ?? "";
    } finally {
      socket.destroy();
    }
  };
  assert.equal(await shake({}), "TLSv1.3");
  assert.equal(await shake({ servername: "localhost" }), "TLSv1.3");
  await assert.rejects(shake({ maxVersion: "TLSv1.2" }), { code: /PROTOCOL_VERSION/ });
  await assert.rejects(shake({ servername: "elsewhere.example" }), { code: "ERR_TLS_CERT_ALTNAME_INVALID" });
});

/** The certificate of another controller's CA. */
async function foreignCa(bench: Bench): Promise<string> {
  await using other = await Bench.make();
  await other.start();
  const file = join(bench.directory, "foreign.crt");
  await writeFile(file, await readFile(join(other.directory, "state/ca.crt")));
  return file;
}
