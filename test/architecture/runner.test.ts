import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

const STAGES = join(import.meta.dirname, "../../scripts/lib/stages.bash");
const SCRIPT = `
. "$1"
RESULTS=$2/results STAGE_LIMIT_S=$3
mkdir -p "$RESULTS" && cd "$2"
node_tests file ./file.test.mjs >/dev/null 2>&1
echo "status $?"
[ ! -f "$RESULTS/skips" ] || cat "$RESULTS/skips"
total
`;

/** What scripts/test counts for one test file with this text. */
function counted(text: string, limitS = 20): string[] {
  const folder = mkdtempSync(join(tmpdir(), "vsix-runner-"));
  try {
    writeFileSync(join(folder, "file.test.mjs"), `import { test, describe } from "node:test";\n${text}`);
    const { NODE_TEST_CONTEXT: _, ...env } = process.env;
    const path = `${join(process.execPath, "..")}:${env["PATH"]}`;
    const options = { encoding: "utf8", timeout: 60_000, env: { ...env, PATH: path } } as const;
    const { stdout, stderr } = spawnSync(
      "bash",
      ["-c", SCRIPT, "bash", STAGES, folder, String(limitS)],
      options,
    );
    assert.equal(stderr, "");
    return stdout.trim().split("\n");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

test("npm test counts each test of a file once, and no group", () => {
  const text = `describe("group", () => { test("a", () => {}); test("b", () => {}); }); test("c", () => {});`;
  assert.deepEqual(counted(text), ["status 0", "3 passed, 0 failed"]);
});

test("npm test counts a failed test and the ones that passed beside it", () => {
  const text = `test("a", () => {}); test("b", () => { throw new Error("no"); });`;
  assert.deepEqual(counted(text), ["status 1", "1 passed, 1 failed"]);
});

test("npm test counts a file that crashes, is killed or cannot be loaded as failed", () => {
  for (const text of [
    `test("a", () => process.exit(3));`,
    `process.kill(process.pid, "SIGKILL");`,
    `import "./no-such-file.ts";`,
  ]) {
    assert.deepEqual(counted(text), ["status 1", "0 passed, 1 failed"]);
  }
});

test("npm test ends a file that hangs and counts it as failed", () => {
  const text = `test("a", async () => { await new Promise((done) => setTimeout(done, 1e6)); });`;
  assert.deepEqual(counted(text, 1), ["status 1", "0 passed, 1 failed"]);
});

test("npm test names what was skipped", () => {
  const text = `test("a", () => {}); test("b", { skip: "no kernel" }, () => {});`;
  assert.deepEqual(counted(text), ["status 0", "b # SKIP no kernel", "1 passed, 0 failed, 1 skipped"]);
});
