import { parseArgs } from "node:util";
import { ARCHITECTURES, isArchitecture } from "./architecture.ts";
import { type BuiltPackage, buildPackage } from "./build.ts";
import { isVersion } from "./control.ts";
import { PackageError } from "./error.ts";
import { PROGRAMS } from "./program.ts";

export const DEB_USAGE = `images/build deb [agent|controller] [--arch amd64|arm64] [--output DIR] [--version VERSION] [--json]
                                         Debian packages, and what they are made of beside them; both programs unless told
`;

export interface DebCommand {
  readonly root: string;
  readonly epoch: string | undefined;
  readonly out: (text: string) => void;
  /** A person who waits. */
  readonly told: (text: string) => void;
  /** Monotonic, milliseconds. */
  readonly now: () => number;
}

/** `images/build deb`: builds, one package after another. Returns the exit status. Throws {@link PackageError}. */
export async function debCommand(args: readonly string[], command: DebCommand): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      arch: { type: "string", default: process.arch === "arm64" ? "arm64" : "amd64" },
      output: { type: "string", short: "o", default: "." },
      version: { type: "string" },
      json: { type: "boolean", default: false },
    },
  });
  const { arch, version, output, json } = values;
  if (!isArchitecture(arch))
    throw usage(`--arch ${arch}: packages are made for ${ARCHITECTURES.join(" and ")}`);
  if (version !== undefined && !isVersion(version))
    throw usage(`--version ${version}: letters, digits, ".", "+" and "~" behind a digit are wanted`);
  const epochS = command.epoch === undefined ? undefined : Number(command.epoch);
  if (epochS !== undefined && !(Number.isSafeInteger(epochS) && epochS >= 0))
    throw usage(`SOURCE_DATE_EPOCH=${command.epoch}: seconds since 1970 are wanted`);
  const names = positionals.length === 0 ? Object.keys(PROGRAMS) : positionals;
  const programs = names.map((name) => {
    const program = PROGRAMS[name];
    if (program === undefined)
      throw usage(`${name}: there is no such package; ${Object.keys(PROGRAMS).join(", ")}`);
    return program;
  });
  const built: BuiltPackage[] = [];
  for (const program of programs) {
    const startMs = command.now();
    const progress = (step: string): void => {
      const seconds = ((command.now() - startMs) / 1000).toFixed(1).padStart(5);
      command.told(`${seconds} s  ${program.name} ${arch}: ${step}\n`);
    };
    const { root } = command;
    const one = await buildPackage({ root, program, architecture: arch, output, version, epochS, progress });
    progress("done");
    built.push(one);
    if (!json) command.out(`${one.file}\n  ${(one.octets / 1e6).toFixed(1)} MB, sha256 ${one.sha256}\n`);
  }
  if (json) command.out(`${JSON.stringify({ packages: built })}\n`);
  return 0;
}

const usage = (message: string): PackageError => new PackageError("package-usage", message);
