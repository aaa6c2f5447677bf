import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { importsOf } from "./imports.ts";
import { violations } from "./rules.ts";

const ROOT = join(import.meta.dirname, "../..");
const MAX_BYTES = 4 * 1024 * 1024;

/** Tracked files and new ones that are not ignored; text only. */
function repository(): { path: string; text: string }[] {
  const args = ["-C", ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard"];
  const paths = execFileSync("git", args, { encoding: "utf8", maxBuffer: 64 * 1024 * 1024 }).split("\0");
  return paths
    .filter((path) => path !== "" && existsSync(join(ROOT, path)))
    .filter((path) => statSync(join(ROOT, path)).isFile() && statSync(join(ROOT, path)).size < MAX_BYTES)
    .map((path) => ({ path, text: readFileSync(join(ROOT, path), "utf8") }))
    .filter(({ text }) => !text.includes("\0"));
}

test("the repository keeps its architecture", () => {
  const files = repository();
  assert.ok(
    files.some(({ path }) => path === "package-lock.json"),
    "it is really the repository that was read",
  );
  const broken = violations(files).map(({ path, rule, detail }) => `${path}: ${rule}: ${detail}`);
  assert.deepEqual(broken, []);
});

const SLASH = "/";
const BAD: readonly (readonly [rule: string, path: string, text: string])[] = [
  ["pure", "agent/src/core/x.ts", 'import { readFileSync } from "node:fs";'],
  ["pure", "agent/src/core/x.ts", 'import { thing } from "../io/thing.ts";'],
  ["pure", "agent/src/resources/route/model.ts", 'export { x } from "./driver.ts";'],
  ["pure", "shared/src/net/x.ts", 'import pino from "pino";'],
  ["pure", "shared/src/contract/x.ts", 'const x = await import("node:os");'],
  ["pure", "controller/src/core/epe/x.ts", 'import type {\n  A,\n} from "../../store/a.ts";'],
  ["pure", "agent/src/wire/x.ts", 'import "@vsix/shared/async/sleep.ts";'],
  ["agent imports controller", "agent/src/loop/x.ts", 'import { a } from "@vsix/controller/core/a.ts";'],
  [
    "agent imports controller",
    "agent/src/loop/x.ts",
    'import { a } from "../../../controller/src/core/a.ts";',
  ],
  ["controller imports agent", "controller/src/jobs/x.ts", "import { a } from '@vsix/agent/core/a.ts';"],
  ["shared imports a program", "shared/src/async/x.ts", 'import { a } from "@vsix/agent/core/a.ts";'],
  ["gobgp-ts imports ours", "shared/gobgp-ts/src/x.ts", 'import { a } from "@vsix/shared/net/a.ts";'],
  ["gobgp-ts imports ours", "shared/gobgp-ts/src/x.ts", 'import { a } from "../../src/net/a.ts";'],
  ["program imports tests or scripts", "agent/src/io/x.ts", 'import { a } from "../../../test/fakes/a.ts";'],
  ["process", "agent/src/loop/x.ts", "const home = process.env;"],
  ["process", "controller/src/jobs/x.ts", "const [a] = process.argv;"],
  ["console", "agent/src/loop/x.ts", 'console.log("hello");'],
  ["length", "agent/src/loop/x.ts", "//\n".repeat(401)],
  ["machine path", "README.md", `see ${SLASH}work/main for it`],
  ["machine path", "scripts/x", `cd "${SLASH}root/thing"`],
  ["machine path", "docs/x.md", `${SLASH}home/someone/x`],
  ["registry host", ".npmrc", `registry=https://${["registry", "npmjs", "org"].join(".")}/`],
  ["lock file", "package-lock.json", '  "resolved": "https://somewhere/x.tgz",'],
];

for (const [rule, path, text] of BAD) {
  test(`a file that breaks the rule "${rule}" is found: ${path}: ${text.slice(0, 60).replaceAll("\n", " ")}`, () => {
    assert.deepEqual(
      violations([{ path, text }]).map((violation) => violation.rule),
      [rule],
    );
  });
}

const GOOD: readonly (readonly [path: string, text: string])[] = [
  [
    "agent/src/core/x.ts",
    'import type { A } from "@vsix/shared/contract/a.ts";\nimport { b } from "./b.ts";',
  ],
  ["agent/src/core/x.ts", 'import type { R } from "../resources/nftables/model.ts";'],
  ["shared/src/contract/x.ts", 'import { Type } from "@sinclair/typebox";'],
  ["agent/src/core/x.test.ts", 'import assert from "node:assert/strict";'],
  ["agent/src/core/x.ts", '// import { a } from "node:fs";\n/* console.log(process.env) */ const a = 1;'],
  ["agent/src/core/x.ts", `const text = \`import { a } from "node:fs" \${"x"} console.log\`;`],
  ["agent/src/core/x.ts", "const pattern = /import \"node:fs\"/; const said = 'process.env';"],
  ["agent/src/main.ts", "start(process.argv, process.env);"],
  ["controller/src/cli/x.ts", "console.log(process.argv);"],
  ["agent/src/core/x.ts", "const half = (a + b) / 2; const path = `\u{24}{a / 2}/\u{24}{b}`;"],
];

for (const [path, text] of GOOD) {
  test(`a file that breaks no rule is let be: ${path}: ${text.slice(0, 60).replaceAll("\n", " ")}`, () => {
    assert.deepEqual(violations([{ path, text }]), []);
  });
}

test("every form of import is seen", () => {
  const source = `
    import a from "a"; import "b"; import * as c from 'c';
    import type { D } from "d"; export { e } from "e"; export * from "f";
    const g = await import("g"); const h = require("h");
    const i = \`\${(() => { return \`x\`; })()}\`; import { j } from "j";
    const k = "from \\"k\\"";
  `;
  assert.deepEqual(importsOf(source), ["a", "b", "c", "d", "e", "f", "g", "h", "j"]);
});
