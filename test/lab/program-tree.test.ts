import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { LabError } from "./lab-error.ts";
import { processes, sessionsBelow } from "./program-tree.ts";
import { run } from "./run.ts";

/** As the runner of guest kernels does it: a time limit, which has a group of its own, a session below that, and a directory to put away. */
const SCRIPT = `trap 'echo left > "$0/left"' EXIT
timeout 300 setsid --wait sh -c 'echo "$1" > "$0/new"; mv "$0/new" "$0/leader"; sleep 300 & sleep 300' "$0" $$ | cat`;

async function waitText(file: string): Promise<string> {
  for (;;) {
    const text = await readFile(file, "utf8").catch(() => "");
    if (text !== "") return text;
    await sleep(10);
  }
}

test("who is aborted is gone with all that it started, in whatever group or session, and has put its things away", {
  timeout: 60_000,
}, async (context) => {
  const directory = await mkdtemp(join(tmpdir(), "vt-tree-"));
  context.after(() => rm(directory, { recursive: true, force: true }));
  const abort = new AbortController();
  const running = run("bash", ["-c", SCRIPT, directory], { wholeTree: true, signal: abort.signal });
  const ended = assert.rejects(
    running,
    (error) => error instanceof LabError && /interrupted/.test(error.message),
  );
  const leader = Number(await waitText(join(directory, "leader")));
  const sessions = await sessionsBelow(leader);
  const living = async () => (await processes()).filter(({ session }) => sessions.has(session));
  assert.equal(sessions.size, 2, "bash's session, and the one below it");
  assert.ok((await living()).length >= 5, "bash, timeout, setsid, sh and cat, and what sleeps");
  abort.abort(new LabError("lab/scenario", "interrupted"));
  await ended;
  for (let look = 0; look < 300 && (await living()).length > 0; look++) await sleep(10);
  assert.deepEqual(await living(), []);
  assert.equal(await readFile(join(directory, "left"), "utf8"), "left\n");
});

test("who has had its time ends, whatever it thinks of that", { timeout: 60_000 }, async () => {
  const script = "trap '' TERM; while :; do sleep 300; done";
  const { code } = await run("bash", ["-c", script], { wholeTree: true, timeoutMs: 50 });
  assert.equal(code, -1);
});
