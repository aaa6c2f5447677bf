import { createHash } from "node:crypto";
import { type Dirent, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";

export const ROOT = resolve(import.meta.dirname, "../..");

/** Whatever a bundle of our programs is made of, but npm packages, whose versions and checksums the lock file has. */
const FOLDERS = ["agent/src", "agent/native", "controller/src", "shared"];
/** And what makes them. */
const FILES = [
  "package-lock.json",
  "agent/package.json",
  "controller/package.json",
  "images/packages/bundle.ts",
  "images/packages/program.ts",
  "test/programs/make.ts",
];
const OTHERS = new Set(["node_modules", "build"]);

/** Where the programs made of the sources as they are now belong. */
export const programsFolder = (): string => join(ROOT, ".cache/programs", sourcesDigest(ROOT));

/** Hash of the content and the name of every file that programs are bundled from: another one for any change of any. */
function sourcesDigest(root: string): string {
  const hash = createHash("sha256");
  for (const path of [...FOLDERS.flatMap((folder) => filesBelow(root, folder)), ...FILES])
    hash.update(`${path}\0`).update(
      createHash("sha256")
        .update(readFileSync(join(root, path)))
        .digest(),
    );
  return hash.digest("hex").slice(0, 32);
}

function filesBelow(root: string, folder: string): readonly string[] {
  const entries = readdirSync(join(root, folder), { withFileTypes: true }).sort(byName);
  return entries.flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return OTHERS.has(entry.name) ? [] : filesBelow(root, path);
    return /\.(?:ts|js|json)$/.test(entry.name) && !entry.name.endsWith(".test.ts") ? [path] : [];
  });
}

const byName = (a: Dirent, b: Dirent): number => (a.name < b.name ? -1 : 1);
