import { parseArgs } from "node:util";
import { formatFault } from "@vsix/shared/fabric/fault.ts";
import type { SeedFiles } from "../../cloud-init/core/render.ts";
import { readSeedFile, seedFiles } from "../../cloud-init/files.ts";
import type { Architecture } from "../packages/architecture.ts";
import { isArchitecture } from "../packages/architecture.ts";
import { run } from "../packages/tools.ts";
import { aptSources } from "./base.ts";
import { buildMachine } from "./build.ts";
import { MachineError } from "./error.ts";
import { FORMATS, type Format, type Kind } from "./kinds.ts";
import { mirrorsOf } from "./mirrors.ts";
import { mustHave, requirements } from "./requirements.ts";
import { execute, isHere } from "./tools.ts";

export const MACHINE_USAGE = `images/build router [--arch amd64|arm64] [--config FILE] [--format qcow2|raw] [--output DIR] [--fresh] [--agent FILE.deb] [--mirror URI] [--json]
                                         a router of the fabric as a virtual machine; as root
images/build pi [the same]               a Raspberry Pi (arm64) as a home router: an image for its card
  --config FILE   a file of vsix-pi (examples/router-vm.yaml, examples/home.yaml): its seed is put on the boot partition
  --format raw    compressed with zstd: .img.zst; the Pi's default; qcow2 is the router's
  --fresh         takes Debian's packages anew instead of from .cache/images
`;

export interface MachineCommand {
  readonly root: string;
  readonly epoch: string | undefined;
  readonly isRoot: boolean;
  readonly out: (text: string) => void;
  /** A person who waits. */
  readonly told: (text: string) => void;
  /** Monotonic, milliseconds. */
  readonly now: () => number;
}

/** `images/build router` and `images/build pi`. Returns the exit status. Throws {@link MachineError}. */
export async function machineCommand(
  kind: Kind,
  args: readonly string[],
  command: MachineCommand,
): Promise<number> {
  const here: Architecture = process.arch === "arm64" ? "arm64" : "amd64";
  const { values } = parseArgs({
    args: [...args],
    options: {
      arch: {
        type: "string",
        default: kind.architectures.includes(here) ? here : (kind.architectures[0] ?? here),
      },
      config: { type: "string", short: "c" },
      format: { type: "string", default: kind.format },
      output: { type: "string", short: "o", default: "." },
      fresh: { type: "boolean", default: false },
      agent: { type: "string" },
      mirror: { type: "string" },
      json: { type: "boolean", default: false },
    },
  });
  const { arch, format } = values;
  if (!isArchitecture(arch) || !kind.architectures.includes(arch))
    throw usage(`--arch ${arch}: a ${kind.name} image is made for ${kind.architectures.join(" and ")}`);
  if (!isFormat(format)) throw usage(`--format ${format}: there are ${FORMATS.join(" and ")}`);
  const epochS = epochOf(command);
  // What a person can mend is told before minutes have passed.
  const seed = values.config === undefined ? undefined : seedOf(kind, values.config);
  if (!command.isRoot) throw usage("images are built as root: their files have owners of their own");
  mustHave(requirements({ kind: kind.name, architecture: arch, format, here }), isHere);
  if (arch !== here) await mustExecute(arch);
  const sources = values.mirror === undefined ? aptSources() : [`deb ${values.mirror} x main`];
  const startMs = command.now();
  const progress = (step: string): void => {
    const seconds = ((command.now() - startMs) / 1000).toFixed(1).padStart(6);
    command.told(`${seconds} s  ${kind.name} ${arch}: ${step}\n`);
  };
  const { root } = command;
  const built = await buildMachine({
    ...{ root, kind, architecture: arch, here, format, seed, epochS, progress },
    output: values.output,
    mirrors: mirrorsOf(sources),
    fresh: values.fresh,
    agent: values.agent,
  });
  progress("done");
  if (values.json) command.out(`${JSON.stringify(built)}\n`);
  else
    command.out(
      `${built.file}\n  ${megabytes(built.octets)}, unpacked ${megabytes(built.diskOctets)}, ${built.packages} packages, sha256 ${built.sha256}\n`,
    );
  return 0;
}

/** The kernel has to hand programs of the other architecture to qemu-user; where nobody has told it to, minutes would pass before mmdebstrap says so. */
async function mustExecute(architecture: Architecture): Promise<void> {
  try {
    await execute("arch-test", [architecture]);
  } catch (cause) {
    if (!(cause instanceof MachineError)) throw cause;
    const cure =
      "mountpoint -q /proc/sys/fs/binfmt_misc || mount -t binfmt_misc binfmt_misc /proc/sys/fs/binfmt_misc; update-binfmts --enable";
    throw new MachineError(
      "machine-missing",
      `this machine does not run programs of ${architecture}. Run: ${cure}`,
      { cause },
    );
  }
}

const megabytes = (octets: number): string => `${(octets / 1e6).toFixed(1)} MB`;
const usage = (message: string): MachineError => new MachineError("machine-usage", message);
const isFormat = (text: string): text is Format => (FORMATS as readonly string[]).includes(text);

function epochOf({ epoch, root }: MachineCommand): number {
  const text = epoch ?? run("git", ["-C", root, "log", "-1", "--format=%ct"]).trim();
  const epochS = Number(text);
  if (text === "" || !Number.isSafeInteger(epochS) || epochS < 0)
    throw usage(`SOURCE_DATE_EPOCH=${text}: seconds since 1970 are wanted`);
  return epochS;
}

/** Every fault with its line, in one error. */
function seedOf(kind: Kind, file: string): SeedFiles {
  const result = readSeedFile(file);
  if (!result.ok) throw usage(result.faults.map(formatFault).join("\n"));
  const { kind: told } = result.seed.file;
  if (told !== kind.name)
    throw usage(`${file}: kind is ${told}; this image wants a file of kind ${kind.name}`);
  return seedFiles(result.seed);
}
