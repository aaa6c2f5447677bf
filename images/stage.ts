import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { programs } from "./watch/build.ts";
import { stage } from "./watch/contents.ts";

/** `stage.ts FOLDER`: our own files of the watch's image below a folder, for images/watch/Containerfile. */
const [, , folder] = process.argv;
if (folder === undefined) {
  process.stderr.write("stage.ts FOLDER\n");
  process.exit(2);
}
const scratch = mkdtempSync(join(tmpdir(), "vsix-stage-"));
try {
  for (const path of ["etc", "usr/bin"]) mkdirSync(join(folder, path), { recursive: true });
  stage(folder, programs(join(import.meta.dirname, ".."), scratch));
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
