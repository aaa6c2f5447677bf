import { globSync, mkdirSync, renameSync, statSync } from "node:fs";
import { join } from "node:path";
import { LabError } from "../lab-error.ts";
import { REPOSITORY } from "../names.ts";
import { mustRun } from "../run.ts";

/** Where images that are to be proved are put. */
const FOLDER = join(REPOSITORY, ".cache/images/proof");

/** The newest image of a kind, as a raw disk. Throws LabError that says how to build one: that takes minutes. */
export async function imageOf(kind: "router" | "pi", architecture: "amd64" | "arm64"): Promise<string> {
  const found = globSync(join(FOLDER, `vsix-${kind}_*_${architecture}.{qcow2,img.zst}`))
    .map((file) => ({ file, timeMs: statSync(file).mtimeMs }))
    .sort((a, b) => b.timeMs - a.timeMs);
  const [newest] = found;
  if (newest === undefined)
    throw new LabError(
      "lab/image",
      `no image to boot: images/build ${kind} --arch ${architecture} --output .cache/images/proof`,
    );
  const raw = join(FOLDER, `${kind}-${architecture}.img`);
  mkdirSync(FOLDER, { recursive: true });
  // Nothing is written to it, and a machine of another scenario may stand on it.
  if ((statSync(raw, { throwIfNoEntry: false })?.mtimeMs ?? 0) > newest.timeMs) return raw;
  const partial = `${raw}.${process.pid}`;
  const [command, ...args] = newest.file.endsWith(".zst")
    ? ["zstd", "-q", "-d", "-f", "--sparse", newest.file, "-o", partial]
    : ["qemu-img", "convert", "-O", "raw", newest.file, partial];
  await mustRun(command ?? "zstd", args, { timeoutMs: 300_000 });
  renameSync(partial, raw);
  return raw;
}

/** A card of one's own: a copy of an image that may be written to. */
export async function cardOf(image: string): Promise<string> {
  const card = `${image}.card`;
  await mustRun("cp", ["--sparse=always", image, card], { timeoutMs: 300_000 });
  return card;
}

/** A file of the boot partition, copied into a folder. */
export async function bootFile(image: string, name: string, directory: string): Promise<string> {
  const to = join(directory, name);
  await mustRun("mcopy", ["-o", "-n", "-i", bootPartition(image), `::/${name}`, to], { env: mtools() });
  return to;
}

/** As mtools(1) takes it. */
export const bootPartition = (image: string): string => `${image}@@4M`;
export const mtools = (): NodeJS.ProcessEnv => ({ ...process.env, MTOOLS_SKIP_CHECK: "1" });
