import { join } from "node:path";
import { buildNative } from "../../agent/native/build.ts";
import { type Architecture, NAMES } from "./architecture.ts";
import { PackageError } from "./error.ts";
import { run } from "./tools.ts";

/** Debian's name of the machine that builds. */
const HERE: Readonly<Record<string, Architecture>> = { x64: "amd64", arm64: "arm64" };

/** A tool of the compiler's: this machine's own, or the one for another architecture. */
function toolFor(architecture: Architecture, tool: "gcc" | "strip" | "readelf"): string {
  return HERE[process.arch] === architecture ? tool : `${NAMES[architecture].triplet}-${tool}`;
}

/** Debian's package with a cross tool. */
function packageOf(architecture: Architecture, tool: "gcc" | "binutils"): string {
  const suffix = NAMES[architecture].triplet.replaceAll("_", "-");
  return HERE[process.arch] === architecture ? tool : `${tool}-${suffix}`;
}

/** A program without its symbols (of 123 MB of Node, 15). @returns `into`. Throws {@link PackageError}. */
export function stripped(architecture: Architecture, binary: string, into: string): string {
  const debianPackage = packageOf(architecture, "binutils");
  run(toolFor(architecture, "strip"), ["--strip-unneeded", "-o", into, binary], { debianPackage });
  checkMachine(architecture, into);
  return into;
}

/** Compiles agent/native for an architecture into a folder. @returns the file. Throws {@link PackageError}. */
export function compileAddon(architecture: Architecture, into: string): string {
  const output = join(into, `vsix-native-linux-${NAMES[architecture].node}.node`);
  const compiler = toolFor(architecture, "gcc");
  try {
    // Node's headers are the same for all architectures.
    buildNative({ output, compiler });
  } catch (cause) {
    const said = cause instanceof Error ? cause.message : String(cause);
    const cure = `apt-get install ${packageOf(architecture, "gcc")} libc6-dev-${architecture}-cross`;
    const what = HERE[process.arch] === architecture ? said : `${said} (for ${architecture}: ${cure})`;
    throw new PackageError("package-tool", what, { cause });
  }
  run(toolFor(architecture, "strip"), ["--strip-unneeded", output]);
  checkMachine(architecture, output);
  return output;
}

/** A file of another machine would be found out only where it is installed. */
export function checkMachine(architecture: Architecture, file: string): void {
  const header = run("readelf", ["-h", file], { debianPackage: "binutils" });
  const machine = /^\s*Machine:\s*(.*)$/m.exec(header)?.[1];
  if (machine !== NAMES[architecture].elf)
    throw new PackageError("package-source", `${file}: is for ${machine}, not for ${architecture}`);
}
