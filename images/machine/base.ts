import { createHash } from "node:crypto";
import {
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Architecture } from "../packages/architecture.ts";
import { deferred, undefer } from "./deferred.ts";
import { type Kind, packagesOf, SUITE } from "./kinds.ts";
import { type Mirrors, sourceLines } from "./mirrors.ts";
import { execute } from "./tools.ts";

export interface BaseOptions {
  readonly kind: Kind;
  readonly architecture: Architecture;
  /** Whether programs of that architecture are run by qemu-user here. */
  readonly foreign: boolean;
  readonly mirrors: Mirrors;
  /** Folder of what is kept between builds. */
  readonly cache: string;
  /** Take packages from the archive again. */
  readonly fresh: boolean;
  readonly epochS: number;
  readonly progress: (step: string) => void;
}

/** Documentation but licences, manual pages and translations stay out. */
const LEFT_OUT = [
  "path-exclude=/usr/share/man/*",
  "path-exclude=/usr/share/doc/*",
  "path-include=/usr/share/doc/*/copyright",
  "path-exclude=/usr/share/locale/*",
  "path-exclude=/usr/share/info/*",
  "path-exclude=/usr/share/lintian/*",
];

/** Changes when what is done to the base changes. */
const VERSION = 2;

/**
 * Debian's part of an image as a tar archive: its packages configured, its initrd made. Made once for each list of packages, and taken from the
 * cache from then on. Needs root. Throws MachineError.
 */
export async function baseArchive(options: BaseOptions): Promise<string> {
  const { kind, architecture, foreign, mirrors, cache, fresh, epochS, progress } = options;
  const packages = packagesOf(kind, architecture);
  const key = createHash("sha256")
    .update(JSON.stringify([VERSION, SUITE, architecture, packages, LEFT_OUT, kind.modules(architecture)]))
    .digest("hex");
  const archive = join(cache, `base-${kind.name}-${architecture}-${key.slice(0, 12)}.tar`);
  if (!fresh && existsSync(archive)) {
    progress("Debian's packages: from the cache (--fresh takes them anew)");
    return archive;
  }
  mkdirSync(cache, { recursive: true });
  progress(`Debian ${SUITE}: ${packages.length} packages and what they depend on`);
  const scratch = mkdtempSync(join(tmpdir(), "vsix-base-"));
  const partial = join(scratch, "base.tar");
  try {
    const root = join(scratch, "root");
    const hooks = foreign ? deferred.hookArguments(scratch) : [];
    await execute(
      "mmdebstrap",
      [
        ...["--mode=root", `--arch=${architecture}`, "--variant=minbase", "--format=directory"],
        ...["--components=main,non-free-firmware", "--dpkgopt=force-unsafe-io"],
        ...LEFT_OUT.map((one) => `--dpkgopt=${one}`),
        ...['--aptopt=Apt::Install-Recommends "false"', ...hooks],
        ...[`--include=${packages.join(",")}`, SUITE, root, ...sourceLines(mirrors, SUITE)],
      ],
      {
        env: { SOURCE_DATE_EPOCH: String(epochS), TMPDIR: scratch },
        onLine: (line) => {
          if (line.startsWith("I: ")) progress(line.slice(3));
        },
      },
    );
    if (foreign) {
      progress("what was left for this machine to do: modules, hardware, certificates");
      await undefer(root);
    }
    progress("initial RAM disk");
    chooseModules(root, kind.modules(architecture));
    for (const version of readdirSync(join(root, "lib/modules"))) {
      if (existsSync(join(root, `boot/initrd.img-${version}`))) continue;
      await inRoot(root, epochS, "update-initramfs", "-c", "-k", version);
    }
    await execute("tar", [
      ...["--numeric-owner", "--xattrs", "--xattrs-include=*", "-C", root],
      "-cf",
      partial,
      ".",
    ]);
    await execute("mv", [partial, `${archive}.partial`]);
    renameSync(`${archive}.partial`, archive);
    return archive;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** For initramfs-tools(7), also on the machine itself later. */
function chooseModules(root: string, modules: readonly string[] | undefined): void {
  if (modules === undefined) return;
  const folder = join(root, "etc/initramfs-tools");
  writeFileSync(join(folder, "conf.d/vsix"), "MODULES=list\n");
  writeFileSync(join(folder, "modules"), modules.map((name) => `${name}\n`).join(""));
}

/** Runs a program of an image, with a process number space and a /proc of its own. Nothing that it starts outlives it. */
export async function inRoot(root: string, epochS: number, ...command: readonly string[]): Promise<string> {
  const alone = ["--mount", "--pid", "--fork", "--kill-child", `--mount-proc=${join(root, "proc")}`];
  return execute("unshare", [...alone, "chroot", root, ...command], {
    env: { SOURCE_DATE_EPOCH: String(epochS) },
  });
}

/** Texts of this machine's sources of apt. */
export function aptSources(): readonly string[] {
  return [
    "/etc/apt/sources.list",
    ...globSync("/etc/apt/sources.list.d/*.list").sort(),
    ...globSync("/etc/apt/sources.list.d/*.sources").sort(),
  ]
    .filter((file) => existsSync(file))
    .map((file) => readFileSync(file, "utf8"));
}
