import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

const ROOT = join(import.meta.dirname, "../..");

test("every test that the checklist of home routers names exists, by its file and its title", () => {
  const text = readFileSync(join(ROOT, "agent/RFC7084.md"), "utf8");
  const named = [...text.matchAll(/`([\w/.-]+\.test\.ts)`(?: “([^”]+)”)?/g)];
  assert.ok(named.length >= 15, `only ${named.length} tests are named`);
  for (const [, path = "", title] of named) {
    const file = join(ROOT, path);
    assert.ok(existsSync(file), `${path} does not exist`);
    if (title !== undefined)
      assert.ok(readFileSync(file, "utf8").includes(`test("${title}"`), `${path} has no test “${title}”`);
  }
});
