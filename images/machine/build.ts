import { createHash } from "node:crypto";
import {
  chmodSync,
  createReadStream,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import type { SeedFiles } from "../../cloud-init/core/render.ts";
import type { Architecture } from "../packages/architecture.ts";
import { buildPackage } from "../packages/build.ts";
import { PROGRAMS } from "../packages/program.ts";
import { baseArchive } from "./base.ts";
import { bootFiles, customise } from "./customise.ts";
import { fileSystemTools, pack, writeDisk } from "./disk.ts";
import { MachineError } from "./error.ts";
import { type Format, type Kind, SUITE } from "./kinds.ts";
import { identitiesOf, layoutOf } from "./layout.ts";
import type { Mirrors } from "./mirrors.ts";
import { imageSbom, installed } from "./sbom.ts";
import { execute } from "./tools.ts";

export interface MachineOptions {
  /** The repository, its npm packages installed. */
  readonly root: string;
  readonly kind: Kind;
  readonly architecture: Architecture;
  /** Of the machine that builds. */
  readonly here: Architecture;
  readonly format: Format;
  /** Folder; made when missing. */
  readonly output: string;
  readonly mirrors: Mirrors;
  readonly fresh: boolean;
  /** What is to lie on the boot partition for cloud-init. Holds secrets. */
  readonly seed: SeedFiles | undefined;
  /** A package of the agent that is there already; else it is built. */
  readonly agent: string | undefined;
  /** Time of everything in it, seconds since 1970. */
  readonly epochS: number;
  readonly progress: (step: string) => void;
}

/** What was built. */
export interface BuiltImage {
  readonly file: string;
  readonly sbom: string;
  readonly octets: number;
  /** Unpacked. */
  readonly diskOctets: number;
  readonly sha256: string;
  readonly packages: number;
}

/**
 * Builds an image of a machine. Needs root, for files of other owners; mounts nothing and starts nothing here. What stands at the destination is replaced
 * only by something whole. Throws {@link MachineError}, PackageError.
 */
export async function buildMachine(options: MachineOptions): Promise<BuiltImage> {
  const { root, kind, architecture, here, format, output, mirrors, fresh, seed, epochS, progress } = options;
  const cache = join(root, ".cache/images");
  mkdirSync(cache, { recursive: true });
  const base = await baseArchive({
    ...{ kind, architecture, mirrors, cache, fresh, epochS, progress },
    foreign: architecture !== here,
  });
  const scratch = mkdtempSync(join(cache, "build-"));
  try {
    chmodSync(scratch, 0o755);
    const agent = options.agent ?? (await agentPackage(options, scratch));
    progress("unpacking Debian's packages");
    const tree = join(scratch, "root");
    mkdirSync(tree);
    await execute("tar", ["--numeric-owner", "--xattrs", "--xattrs-include=*", "-C", tree, "-xpf", base]);
    progress(`installing ${basename(agent)}`);
    await customise({ kind, architecture, root: tree, agent, epochS });
    const boot = join(scratch, "boot");
    bootFiles(kind, architecture, tree, boot);
    if (seed !== undefined)
      for (const [name, text] of Object.entries(seed)) writeFileSync(join(boot, name), text, { mode: 0o600 });
    await setTimes(boot, epochS);
    const packages = installed(readFileSync(join(tree, "var/lib/dpkg/status"), "utf8"));
    const identities = identitiesOf(digestOf(JSON.stringify([kind.name, architecture, epochS, packages])));
    const layout = layoutOf(kind, identities.diskId);
    progress("programs for file systems");
    const tools = join(scratch, "tools");
    await fileSystemTools(tools, here, mirrors);
    progress("writing partitions and file systems");
    const image = join(scratch, "disk.img");
    await writeDisk(image, {
      kind,
      architecture,
      here,
      layout,
      identities,
      boot,
      root: tree,
      tools,
      scratch,
      epochS,
    });
    rmSync(tree, { recursive: true, force: true });
    progress("compressing");
    const version = packages.find(({ name }) => name === "vsix-agent")?.version;
    if (version === undefined)
      throw new MachineError("machine-source", `${agent} is no package of the agent`);
    const name = `vsix-${kind.name}_${version}_${architecture}.${format === "qcow2" ? "qcow2" : "img.zst"}`;
    mkdirSync(output, { recursive: true });
    const file = join(output, name);
    const packed = join(scratch, name);
    await pack(image, format, packed);
    // With a seed there is a claim in it.
    chmodSync(packed, seed === undefined ? 0o644 : 0o600);
    await execute("mv", [packed, `${file}.partial`]);
    renameSync(`${file}.partial`, file);
    const sha256 = await fileDigest(file);
    const about = {
      name: `vsix-${kind.name}`,
      version,
      architecture,
      suite: SUITE,
      epochS,
      packages,
      sha256,
    };
    writeFileSync(`${file}.cdx.json`, imageSbom(about));
    return {
      ...{ file, sbom: `${file}.cdx.json`, sha256, packages: packages.length },
      octets: statSync(file).size,
      diskOctets: layout.octets,
    };
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

async function agentPackage(
  { root, architecture, epochS, progress }: MachineOptions,
  into: string,
): Promise<string> {
  const program = PROGRAMS["agent"];
  if (program === undefined) throw new Error("the agent is no program");
  const built = await buildPackage({ root, program, architecture, output: into, epochS, progress });
  return built.file;
}

async function setTimes(below: string, epochS: number): Promise<void> {
  await execute("find", [below, "-exec", "touch", "-h", "-d", `@${epochS}`, "{}", "+"]);
}

const digestOf = (text: string): string => createHash("sha256").update(text).digest("hex");

async function fileDigest(file: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return hash.digest("hex");
}
