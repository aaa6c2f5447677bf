import { createHash } from "node:crypto";
import { closeSync, constants, fstatSync, openSync, readFileSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { decodeClaim } from "@vsix/shared/crypto/claim-token.ts";
import type { Ports } from "./core/check.ts";
import { readSeed, type Seed, type SeedResult } from "./core/read.ts";
import { renderSeed, type SeedFiles } from "./core/render.ts";

/** More than any bundle has. */
const MAX_OCTETS = 4_000_000;

/** Reads a file, and the files of secrets that it names. Throws when it is too large or cannot be read; its faults are a value. */
export function readSeedFile(file: string): SeedResult {
  return readSeed(readText(file), file, portsFor(file));
}

/** The three files that cloud-init reads. */
export function seedFiles(seed: Seed): SeedFiles {
  return renderSeed(seed, (text) => createHash("sha256").update(text).digest("hex"));
}

/** The machine, for the core. */
function portsFor(file: string): Ports {
  return {
    nowMs: Date.now(),
    readClaim: decodeClaim,
    readFile: (path) => readSecret(resolve(dirname(file), path)),
  };
}

function readText(file: string): string {
  const { size } = statSync(file);
  if (size > MAX_OCTETS) throw new Error(`${file} has ${size} octets; at most ${MAX_OCTETS} are read`);
  return readFileSync(file, "utf8");
}

/** Mode and content are those of one open file; no fault repeats what it holds. */
function readSecret(path: string): ReturnType<Ports["readFile"]> {
  let handle: number | undefined;
  try {
    // Opening a pipe would wait for its writer.
    handle = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const status = fstatSync(handle);
    if (!status.isFile()) return { fault: `${path} is no regular file` };
    if ((status.mode & 0o077) !== 0)
      return {
        fault: `${path} has mode ${(status.mode & 0o777).toString(8)}: others may read it; chmod 600 it`,
      };
    if (status.size > MAX_OCTETS)
      return { fault: `${path} has ${status.size} octets, more than ${MAX_OCTETS}` };
    return { text: readFileSync(handle, "utf8").replace(/\n+$/, "") };
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unknown";
    return { fault: `${path} cannot be read (${code})` };
  } finally {
    if (handle !== undefined) closeSync(handle);
  }
}
