import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, renameSync, rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { VsixError } from "@vsix/shared/errors/vsix-error.ts";
import { ADDON, INPUTS, SANITIZED_ADDON, SOURCES } from "./paths.ts";

/** Thrown when the addon cannot be compiled; the message says what to do. */
export class NativeBuildError extends VsixError<"native-build"> {
  constructor(message: string, options?: { readonly cause?: unknown }) {
    super("native-build", message, options);
    this.name = "NativeBuildError";
  }
}

/** Node's own headers: the pinned binary's package, then beside the running binary, then the distribution's. */
function headers(): string {
  const packaged = fileURLToPath(
    new URL(`../../node_modules/node-linux-${process.arch}/include/node`, import.meta.url),
  );
  const beside = join(dirname(process.execPath), "..", "include", "node");
  const found = [packaged, beside, "/usr/include/node"].find((path) => existsSync(join(path, "node_api.h")));
  if (found !== undefined) return found;
  throw new NativeBuildError(
    `no Node headers (node_api.h) found: run \`npm ci\`, which installs node-linux-${process.arch} with them, or apt-get install libnode-dev`,
  );
}

export interface BuildOptions {
  readonly output?: string;
  /** $CC or gcc otherwise. */
  readonly compiler?: string;
  /** With AddressSanitizer and UndefinedBehaviorSanitizer, into SANITIZED_ADDON: loads only where libasan is preloaded. */
  readonly sanitize?: boolean;
}

/** Hidden: node exports thousands of symbols, and one of the same name would be called instead of ours. */
const FLAGS = ["-std=gnu11", "-fPIC", "-shared", "-pthread", "-fvisibility=hidden", "-Wall", "-Wextra"];
const PLAIN = ["-O2", "-fstack-protector-strong"];
/** Anything found ends the process. */
const SANITIZERS = [
  "-O1",
  "-g",
  "-fno-omit-frame-pointer",
  "-fsanitize=address,undefined",
  "-fno-sanitize-recover=all",
];

/**
 * Compiles the addon with plain gcc (or $CC) unless the result is newer than the sources. A reader never sees half a file:
 * it is renamed into place.
 * @returns whether anything was compiled.
 * @throws NativeBuildError naming what is missing or what the compiler said.
 */
export function buildNative(options: BuildOptions = {}): boolean {
  const { sanitize = false, compiler = process.env["CC"] ?? "gcc" } = options;
  const output = options.output ?? (sanitize ? SANITIZED_ADDON : ADDON);
  const changedMs = Math.max(...INPUTS.map((file) => statSync(file).mtimeMs));
  const existing = statSync(output, { throwIfNoEntry: false });
  if (existing !== undefined && existing.mtimeMs > changedMs) return false;
  mkdirSync(dirname(output), { recursive: true });
  const partial = `${output}.${process.pid}.tmp`;
  const flags = [...FLAGS, ...(sanitize ? SANITIZERS : PLAIN)];
  try {
    const run = spawnSync(compiler, [...flags, "-I", headers(), "-o", partial, ...SOURCES], {
      encoding: "utf8",
    });
    if (run.error !== undefined) {
      throw new NativeBuildError(
        `cannot run the C compiler ${compiler} (${run.error.message}): apt-get install gcc libc6-dev`,
        { cause: run.error },
      );
    }
    if (run.status !== 0)
      throw new NativeBuildError(
        `${compiler} refused the addon's source:\n${run.stderr.trim().slice(0, 4000)}`,
      );
    if (run.stderr !== "") process.stderr.write(run.stderr);
    renameSync(partial, output);
    return true;
  } finally {
    rmSync(partial, { force: true });
  }
}

if (import.meta.main) {
  try {
    const built = buildNative({ sanitize: process.argv.includes("--sanitize") });
    console.log(built ? "native addon compiled" : "native addon is up to date");
  } catch (error) {
    console.error(error instanceof NativeBuildError ? error.message : error);
    process.exitCode = 1;
  }
}
