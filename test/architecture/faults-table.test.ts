import assert from "node:assert/strict";
import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { SCENARIOS } from "../lab/scenarios/index.ts";

const ROOT = join(import.meta.dirname, "../..");
/** Of a good change, which is neither a fault nor an attack. */
const ELSEWHERE = new Set(["trust-confirm-kept"]);

const scenarios = new Set(SCENARIOS.map(({ name }) => name));
const proofs = readFileSync(join(ROOT, "test/FAULTS.md"), "utf8")
  .split("\n")
  .filter((line) => line.startsWith("| ") && !line.startsWith("|---"))
  .map((line) => {
    const last = line.split(" | ").at(-1) ?? "";
    return [...last.matchAll(/`([^`]+)`/g)].map(([, name = ""]) => name);
  });

test("what the table of faults calls a proof is there", () => {
  for (const names of proofs) {
    let folder = "";
    for (const name of names) {
      const [file = ""] = name.split(" ");
      const isCommand = name.startsWith("npm run ") || (name.includes(" ") && existsSync(join(ROOT, file)));
      const found = globSync([name, join(folder, name)], { cwd: ROOT });
      assert.ok(scenarios.has(name) || isCommand || found.length > 0, `${name}: no such scenario or file`);
      if (name.includes("/")) folder = dirname(name);
    }
  }
});

test("every scenario of a fault or an attack stands in the table", () => {
  const told = new Set(proofs.flat());
  const missing = [...scenarios].filter(
    (name) => /^(fault|trust)-/.test(name) && !told.has(name) && !ELSEWHERE.has(name),
  );
  assert.deepEqual(missing, []);
});
