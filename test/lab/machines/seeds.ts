import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { formatFault } from "@vsix/shared/fabric/fault.ts";
import { stringify } from "yaml";
import type { SeedFiles } from "../../../cloud-init/core/render.ts";
import { readSeedFile, seedFiles } from "../../../cloud-init/files.ts";
import { LabError } from "../lab-error.ts";
import { mustRun } from "../run.ts";
import { mtools } from "./image-files.ts";

/** What a person would write, and the secrets beside it. */
export interface Wish {
  readonly file: object;
  /** By the names that the file gives. */
  readonly secrets: Readonly<Record<string, string>>;
}

/** The three files that `vsix-pi render` makes, by its own code. Throws LabError with every fault. */
export function seedOf(directory: string, { file, secrets }: Wish): SeedFiles {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  for (const [name, text] of Object.entries(secrets)) {
    rmSync(join(directory, name), { force: true });
    writeFileSync(join(directory, name), text, { mode: 0o600 });
  }
  const path = join(directory, "seed.yaml");
  writeFileSync(path, stringify(file), { mode: 0o600 });
  const result = readSeedFile(path);
  if (!result.ok) throw new LabError("lab/image", result.faults.map(formatFault).join("\n"));
  return seedFiles(result.seed);
}

/** A disk with the label that NoCloud looks for, as clouds give one to a VM. */
export async function seedDisk(directory: string, seed: SeedFiles): Promise<string> {
  const disk = join(directory, "seed.img");
  rmSync(disk, { force: true });
  await mustRun("mkfs.vfat", ["-C", "-n", "CIDATA", disk, "8192"]);
  await copySeed(disk, directory, seed);
  return disk;
}

/** Puts the files onto a file system of FAT: a disk, or a partition as `FILE@@OCTETS`, as a person copies them to a card. */
export async function copySeed(disk: string, directory: string, seed: SeedFiles): Promise<void> {
  for (const [name, text] of Object.entries(seed)) {
    const file = join(directory, name);
    writeFileSync(file, text, { mode: 0o600 });
    await mustRun("mcopy", ["-o", "-i", disk, file, `::/${name}`], { env: mtools() });
  }
}
