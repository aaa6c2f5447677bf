import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { bundle } from "../../images/packages/bundle.ts";
import { PROGRAMS } from "../../images/packages/program.ts";
import { programsFolder, ROOT } from "./folder.ts";

/** Bundles our programs, unless they are there. Whoever does it at the same time makes the same. */

/** A run of tests that began before the sources changed still starts programs from older ones. */
const KEPT_MS = 24 * 60 * 60 * 1000;

async function make(folder: string): Promise<void> {
  if (existsSync(folder)) return;
  const above = dirname(folder);
  mkdirSync(above, { recursive: true });
  removeOld(above);
  const partial = mkdtempSync(join(above, `${basename(folder)}.`));
  try {
    for (const [name, { entries, external }] of Object.entries(PROGRAMS)) {
      const { files } = await bundle({ root: ROOT, entries, external });
      mkdirSync(join(partial, name));
      for (const [file, content] of files) writeFileSync(join(partial, name, file), content);
    }
    if (programsFolder() !== folder)
      throw new Error("the sources changed while they were bundled: once more");
    // What stands beside the programs in their packages: the addon, and the web application.
    symlinkSync(join(ROOT, "agent/native/build"), join(partial, "agent/build"));
    symlinkSync(join(ROOT, "controller/web/dist"), join(partial, "controller/web"));
    chmodSync(partial, 0o755);
    renameSync(partial, folder);
  } catch (error) {
    rmSync(partial, { recursive: true });
    if (!existsSync(folder)) throw error;
  }
}

function removeOld(above: string): void {
  for (const name of readdirSync(above)) {
    const path = join(above, name);
    const made = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Number.POSITIVE_INFINITY;
    if (Date.now() - made > KEPT_MS) rmSync(path, { recursive: true, force: true });
  }
}

await make(programsFolder());
