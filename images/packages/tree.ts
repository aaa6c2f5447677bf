import { createHash } from "node:crypto";
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readFileSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";

/** A file of a package: a value until it is written. Paths have no slash at their beginning. */
export type TreeFile =
  | { readonly path: string; readonly mode: number; readonly content: string | Uint8Array }
  | { readonly path: string; readonly mode: number; readonly source: string }
  | { readonly path: string; readonly target: string };

/** Writes files below a folder, whatever the umask is. Folders are 755. Returns octets written, as for Installed-Size. */
export function writeTree(below: string, files: readonly TreeFile[], epochS: number): number {
  let octets = 0;
  mkdirSync(below, { recursive: true });
  chmodSync(below, 0o755);
  for (const file of files) {
    const path = join(below, file.path);
    makeFolders(below, dirname(file.path));
    if ("target" in file) {
      symlinkSync(file.target, path);
      continue;
    }
    if ("content" in file) writeFileSync(path, file.content);
    else copyFileSync(file.source, path);
    chmodSync(path, file.mode);
    utimesSync(path, epochS, epochS);
    octets += contentOf(file).length;
  }
  return octets;
}

/** `DEBIAN/md5sums` (deb-md5sums(5)): what debsums and dpkg --verify go by. */
export function md5sums(files: readonly TreeFile[]): string {
  const lines = files.flatMap((file) =>
    "target" in file || file.path.startsWith("etc/")
      ? []
      : [`${createHash("md5").update(contentOf(file)).digest("hex")}  ${file.path}\n`],
  );
  return lines.sort((a, b) => (a.slice(34) < b.slice(34) ? -1 : 1)).join("");
}

export function contentOf(file: Exclude<TreeFile, { readonly target: string }>): Uint8Array {
  if ("source" in file) return readFileSync(file.source);
  return typeof file.content === "string" ? Buffer.from(file.content) : file.content;
}

function makeFolders(below: string, folder: string): void {
  let path = below;
  for (const part of folder.split("/")) {
    path = join(path, part);
    mkdirSync(path, { recursive: true });
    chmodSync(path, 0o755);
  }
}
