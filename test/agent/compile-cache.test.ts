import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

const LAUNCHER = join(import.meta.dirname, "../../agent/bin/vsix-agent");

/** Runs the agent as a router does; its exit status. */
function agent(cache: string, ...args: readonly string[]): number | null {
  const env = { ...process.env, VSIX_NODE: process.execPath, NODE_COMPILE_CACHE: cache };
  return spawnSync(LAUNCHER, args, { env, timeout: 60_000 }).status;
}

const filesIn = (folder: string): number =>
  readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).length;

test("vsix-agent --help leaves compiled all that any command needs", () => {
  const cache = mkdtempSync(join(tmpdir(), "vsix-compiled-"));
  try {
    assert.equal(agent(cache, "--help"), 0);
    const kept = filesIn(cache);
    assert.ok(kept > 300, `${kept} modules`);
    // Each ends in order, after its modules were loaded.
    assert.equal(agent(cache, "plan", "--config", "/nonexistent/agent.json"), 2);
    assert.equal(agent(cache, "trace"), 2);
    assert.equal(agent(cache, "watch"), 2);
    assert.equal(filesIn(cache), kept);
  } finally {
    rmSync(cache, { recursive: true, force: true });
  }
});
