import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { type TarEntry, tar } from "./tar.ts";

const LONG = `${"a-long-folder/".repeat(9)}file ü`;
const CAPABILITY = Uint8Array.from([1, 0, 0, 2, 0x0a, 0, 0x3d, 255]);

function listing(entries: readonly TarEntry[], ...options: readonly string[]): string {
  const { stdout, stderr, status } = spawnSync(
    "tar",
    ["-tvf", "-", "--numeric-owner", "--utc", "--full-time", "--quoting-style=literal", ...options],
    {
      input: Buffer.concat([...tar(entries, 86_400)]),
      encoding: "utf8",
      env: { ...process.env, LC_ALL: "C.UTF-8" },
    },
  );
  assert.deepEqual([status, stderr], [0, ""]);
  return stdout;
}

test("GNU tar reads folders, files, links, owners, long names and extended attributes as they were meant", () => {
  const folder = mkdtempSync(join(tmpdir(), "vsix-tar-"));
  try {
    const source = join(folder, "large");
    writeFileSync(source, Buffer.alloc(3 * 1024 * 1024 + 1, "x"));
    const lines = listing(
      [
        { kind: "directory", path: "d", mode: 0o700, uid: 65532, gid: 7 },
        { kind: "disk", path: "d/large", mode: 0o755, source, xattrs: { "security.capability": CAPABILITY } },
        { kind: "link", path: "d/link", mode: 0o777, target: "../large" },
        { kind: "file", path: LONG, mode: 0o644, content: Buffer.from("text") },
      ],
      "--xattrs",
      "--xattrs-include=*",
    ).split("\n");
    assert.match(lines[0] ?? "", /^drwx------ +65532\/7 +0 1970-01-02 00:00:00 d\/$/);
    assert.match(lines[1] ?? "", /^-rwxr-xr-x\* +0\/0 +3145729 .* d\/large$/);
    assert.match(lines[2] ?? "", /^lrwxrwxrwx +0\/0 +0 .* d\/link -> \.\.\/large$/);
    assert.ok(lines[3]?.endsWith(` ${LONG}`), lines[3]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("what is unpacked is what was packed", () => {
  const folder = mkdtempSync(join(tmpdir(), "vsix-tar-"));
  try {
    const sizes = [0, 1, 511, 512, 513, 100_000];
    const entries = sizes.map((size): TarEntry => {
      const content = Buffer.alloc(size, String(size));
      return { kind: "file", path: `f${size}`, mode: 0o600, content };
    });
    const run = spawnSync("tar", ["-xf", "-", "-C", folder], { input: Buffer.concat([...tar(entries, 0)]) });
    assert.equal(run.status, 0, String(run.stderr));
    for (const size of sizes)
      assert.deepEqual(readFileSync(join(folder, `f${size}`)), Buffer.alloc(size, String(size)));
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("a number that a header cannot hold is refused", () => {
  const entry: TarEntry = {
    kind: "file",
    path: "f",
    mode: 0o600,
    uid: 0o10000000,
    content: new Uint8Array(),
  };
  assert.throws(() => [...tar([entry], 0)], RangeError);
});
