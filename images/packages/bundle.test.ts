import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { bundle, packagesOf } from "./bundle.ts";
import { PackageError } from "./error.ts";

const root = mkdtempSync(join(tmpdir(), "vsix-bundle-"));
after(() => rmSync(root, { recursive: true }));
const put = (path: string, text: string): void => {
  mkdirSync(join(root, path, ".."), { recursive: true });
  writeFileSync(join(root, path), text);
};
put("node_modules/dep/index.js", "exports.os = () => require('node:os');");
put(
  "src/main.ts",
  'import { os } from "dep";\nexport const a: number = os().cpus().length;\nawait import("./late.ts");',
);
put("src/late.ts", 'new Worker(new URL("./thread.ts", import.meta.url));');
put("src/thread.ts", 'export const here = "thread";');
const entries = { main: "src/main.ts", thread: "src/thread.ts" };

test("a bundle runs CommonJS, keeps late imports apart, and starts threads from their own files", async () => {
  const { files, packages } = await bundle({ root, entries, external: [] });
  const text = (name: string): string => Buffer.from(files.get(name) ?? []).toString();
  const late = [...files.keys()].find((name) => name.startsWith("late-")) ?? "";
  assert.ok(!text("main.js").includes("thread"), "what is imported late is not in it");
  assert.match(text(late), /new URL\("\.\/thread\.js", import\.meta\.url\)/);
  assert.deepEqual(packages, ["node_modules/dep"]);
  assert.ok(!text("main.js").includes(root), "nothing of the machine is in it");
});

test("what does not bundle is told with file and line", async () => {
  put("src/bad.ts", 'import "./gone.ts";');
  await assert.rejects(
    bundle({ root, entries: { main: "src/bad.ts" }, external: [] }),
    (error) => error instanceof PackageError && /src\/bad\.ts:1:7.*gone\.ts/.test(error.message),
  );
});

test("a file's package is the innermost", () => {
  assert.deepEqual(
    packagesOf([
      "agent/src/main.ts",
      "node_modules/b/index.js",
      "node_modules/@s/a/x.js",
      "node_modules/b/node_modules/c/d/e.js",
      "node_modules/b/other.js",
    ]),
    ["node_modules/@s/a", "node_modules/b", "node_modules/b/node_modules/c"],
  );
});
