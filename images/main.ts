import { join } from "node:path";
import { parseArgs } from "node:util";
import { VsixError } from "@vsix/shared/errors/vsix-error.ts";
import { MACHINE_USAGE, machineCommand } from "./machine/command.ts";
import { KINDS } from "./machine/kinds.ts";
import { DEB_USAGE, debCommand } from "./packages/command.ts";
import { buildWatchImage } from "./watch/build.ts";

const USAGE = `images/build watch [--output FILE]   the container image of the path watch, an OCI layout in a tar archive
${DEB_USAGE}${MACHINE_USAGE}Exit status: 0 built; 1 failed; 2 wrong usage.
`;
const ROOT = join(import.meta.dirname, "..");

async function main(): Promise<number> {
  const [what, ...rest] = process.argv.slice(2);
  if (what === "--help" || rest.includes("--help")) {
    process.stdout.write(USAGE);
    return 0;
  }
  if (what === "watch") return watch(rest);
  const command = {
    root: ROOT,
    epoch: process.env["SOURCE_DATE_EPOCH"],
    out: (text: string) => process.stdout.write(text),
    told: (text: string) => process.stderr.write(text),
    now: () => performance.now(),
  };
  if (what === "deb") return debCommand(rest, command);
  if (what === "router" || what === "pi")
    return machineCommand(KINDS[what], rest, { ...command, isRoot: process.getuid?.() === 0 });
  process.stderr.write(USAGE);
  return 2;
}

async function watch(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({ args: [...args], options: { output: { type: "string", short: "o" } } });
  if (process.getuid?.() !== 0) throw new VsixError("image-root", "images are built as root");
  const { file, digest, layers } = await buildWatchImage(ROOT, values.output ?? "vsix-watch.oci.tar");
  const sizes = layers.map((octets) => `${(octets / 1e6).toFixed(1)} MB`);
  process.stdout.write(`${file}\n${digest}\nlayers ${sizes.join(", ")}\n`);
  return 0;
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    const usage =
      error instanceof VsixError
        ? error.code === "package-usage" || error.code === "machine-usage"
        : error instanceof TypeError && "code" in error;
    const known = error instanceof VsixError || usage;
    process.stderr.write(
      `images/build: ${known ? (error as Error).message : String((error as Error).stack)}\n`,
    );
    process.exitCode = usage ? 2 : 1;
  },
);
