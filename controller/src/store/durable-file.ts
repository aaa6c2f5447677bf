import { open, rename, writeFile } from "node:fs/promises";
import { dirname } from "node:path";

/** Contents of a file that nobody but its owner may use; undefined when there is none. Throws where others may. */
export async function readSecret(file: string): Promise<string | undefined> {
  const handle = await open(file, "r").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  if (handle === undefined) return undefined;
  try {
    const { mode } = await handle.stat();
    if ((mode & 0o077) !== 0) {
      throw new Error(`mode is ${(mode & 0o777).toString(8)}, others may use it; 600 is wanted`);
    }
    return await handle.readFile("utf8");
  } finally {
    await handle.close();
  }
}

/** The file holds the old contents or the new, whatever happens. */
export async function writeDurably(file: string, contents: string | Uint8Array, mode: number): Promise<void> {
  const beside = `${file}.new`;
  await writeFile(beside, contents, { mode, flush: true });
  await rename(beside, file);
  const directory = await open(dirname(file), "r");
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
