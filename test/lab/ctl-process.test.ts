import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { CtlProcess } from "./ctl-process.ts";
import { LabError } from "./lab-error.ts";

test("commands of one process answer as vsixctl does, each with its own output and status, in their order", {
  timeout: 60_000,
}, async (context) => {
  const directory = await mkdtemp(join(tmpdir(), "vt-ctl-"));
  context.after(() => rm(directory, { recursive: true, force: true }));
  await using ctl = new CtlProcess({ ...process.env, VSIX_SOCKET: join(directory, "nobody.sock") });
  const key = join(directory, "key");
  const answers = await Promise.all([
    ctl.run(["vpn", "keygen", key]),
    ctl.run(["vpn", "keygen", key]),
    ctl.run(["status", "--json"]),
    ctl.run(["no-such-command"]),
    ctl.run(["vpn", "keygen", join(directory, "another"), "--json"]),
  ]);
  assert.deepEqual(
    answers.map(({ code }) => code),
    [0, 2, 3, 2, 0],
  );
  const [made, again, away, unknown, json] = answers;
  assert.match(made?.stdout ?? "", /^[A-Za-z0-9+/]{43}=\n$/);
  assert.equal((await readFile(key, "utf8")).trim().length, 44);
  assert.match(again?.stderr ?? "", /is there already/);
  assert.match(away?.stderr ?? "", /nobody\.sock/);
  assert.ok("error" in (JSON.parse(away?.stdout ?? "") as object));
  assert.match(unknown?.stderr ?? "", /unknown command/);
  assert.equal((JSON.parse(json?.stdout ?? "") as { file: string }).file, join(directory, "another"));
  assert.equal(made?.stderr, "");
});

test("a command that is aborted is an error, and the next one is done by another process", {
  timeout: 60_000,
}, async (context) => {
  const directory = await mkdtemp(join(tmpdir(), "vt-ctl-"));
  context.after(() => rm(directory, { recursive: true, force: true }));
  const abort = new AbortController();
  // A controller that hears the question and never answers.
  const silent = createServer(() => abort.abort(new LabError("lab/scenario", "interrupted")));
  context.after(() => silent.close());
  const socket = join(directory, "silent.sock");
  await once(silent.listen(socket), "listening");
  await using ctl = new CtlProcess({ ...process.env, VSIX_SOCKET: socket });
  await assert.rejects(ctl.run(["status"], abort.signal), /interrupted/);
  assert.equal((await ctl.run(["vpn", "keygen", join(directory, "key")])).code, 0);
});
