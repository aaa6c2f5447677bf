import {
  closeSync,
  ftruncateSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { join, relative } from "node:path";
import { type Architecture, NAMES } from "../packages/architecture.ts";
import { MachineError } from "./error.ts";
import { type Kind, ROOT_LABEL, SUITE } from "./kinds.ts";
import type { Identities, Layout } from "./layout.ts";
import { type Mirrors, sourceLines } from "./mirrors.ts";
import { execute } from "./tools.ts";

export interface DiskOptions {
  readonly kind: Kind;
  readonly architecture: Architecture;
  /** Of the machine that builds. */
  readonly here: Architecture;
  readonly layout: Layout;
  readonly identities: Identities;
  /** Folder of the boot partition's files. */
  readonly boot: string;
  /** Folder of the root file system. */
  readonly root: string;
  /** See {@link fileSystemTools}. */
  readonly tools: string;
  readonly scratch: string;
  readonly epochS: number;
}

const SECTOR = 512;
const MIB = 1 << 20;

/**
 * e2fsprogs of the release that images are made of, unpacked: mkfs.ext4 takes a tar archive and SOURCE_DATE_EPOCH since 1.47.1, and so writes the same
 * file system for the same content. Throws MachineError.
 */
export async function fileSystemTools(into: string, here: Architecture, mirrors: Mirrors): Promise<void> {
  await execute("mmdebstrap", [
    ...["--quiet", "--mode=root", `--arch=${here}`, "--variant=extract", "--format=directory"],
    ...["--include=e2fsprogs,libarchive13t64", SUITE, into, ...sourceLines(mirrors, SUITE)],
  ]);
}

/** Writes an image. No loop device and no mount: file systems are made as files and put in their places. Throws MachineError. */
export async function writeDisk(file: string, options: DiskOptions): Promise<void> {
  const { kind, architecture, layout, scratch } = options;
  const handle = openSync(file, "w", 0o600);
  ftruncateSync(handle, layout.octets);
  closeSync(handle);
  await execute("sfdisk", ["--quiet", file], { stdin: layout.table });
  const fat = join(scratch, "boot.fat");
  await writeFat(fat, options);
  if (kind.name === "router" && architecture === "amd64") {
    // It writes its two files by mtools, which would give them the time of day.
    await execute("syslinux", ["--install", fat], { env: mtoolsEnvironment(options.epochS) });
    writeAt(file, 0, readFileSync("/usr/lib/syslinux/mbr/mbr.bin"));
  }
  await placeAt(file, layout.boot.startOctets, fat);
  const ext4 = join(scratch, "root.ext4");
  await writeExt4(ext4, options);
  await placeAt(file, layout.root.startOctets, ext4);
}

const mtoolsEnvironment = (epochS: number): Readonly<Record<string, string>> => ({
  SOURCE_DATE_EPOCH: String(epochS),
  TZ: "UTC",
  MTOOLS_SKIP_CHECK: "1",
});

async function writeFat(fat: string, { kind, layout, identities, boot, epochS }: DiskOptions): Promise<void> {
  const names = readdirSync(boot, { recursive: true, encoding: "utf8", withFileTypes: true })
    .map((entry) => ({
      path: relative(boot, join(entry.parentPath, entry.name)),
      isFolder: entry.isDirectory(),
    }))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
  const octets = names.reduce((sum, { path }) => sum + statSync(join(boot, path)).size, 0);
  if (octets > layout.boot.octets * 0.9)
    throw new MachineError(
      "machine-size",
      `the boot partition has ${layout.boot.octets / MIB} MiB; ${Math.ceil(octets / MIB)} MiB are to go there`,
    );
  const sectors = String(layout.boot.startOctets / SECTOR);
  const settings = ["-C", "-F", "32", "-s", "1", "-h", sectors, "--invariant", "-i", identities.bootVolume];
  await execute("mkfs.vfat", [...settings, "-n", kind.bootLabel, fat, String(layout.boot.octets / 1024)]);
  const env = mtoolsEnvironment(epochS);
  for (const { path, isFolder } of names)
    if (isFolder) await execute("mmd", ["-i", fat, `::/${path}`], { env });
    else await execute("mcopy", ["-m", "-i", fat, join(boot, path), `::/${path}`], { env });
}

async function writeExt4(file: string, options: DiskOptions): Promise<void> {
  const { here, layout, identities, root, tools, scratch, epochS } = options;
  const archive = join(scratch, "root.tar");
  await execute("tar", [
    ...["--sort=name", "--format=posix", "--pax-option=delete=atime,delete=ctime", "--numeric-owner"],
    ...[
      "--xattrs",
      "--xattrs-include=*",
      `--mtime=@${epochS}`,
      "--clamp-mtime",
      "-C",
      root,
      "-cf",
      archive,
      ".",
    ],
  ]);
  const settings = `hash_seed=${identities.rootUuid},root_owner=0:0,lazy_itable_init=0,lazy_journal_init=0`;
  await execute(
    join(tools, LOADERS[here]),
    [
      ...["--library-path", join(tools, `usr/lib/${NAMES[here].triplet}`), join(tools, "usr/sbin/mke2fs")],
      ...["-q", "-t", "ext4", "-L", ROOT_LABEL, "-U", identities.rootUuid],
      ...["-E", settings, "-d", archive, file, `${layout.root.octets / 1024}k`],
    ],
    { env: { SOURCE_DATE_EPOCH: String(epochS), MKE2FS_CONFIG: join(tools, "etc/mke2fs.conf") } },
  );
  rmSync(archive);
}

/** The dynamic loader, by which programs of another release than this machine's run with their own libraries. */
const LOADERS: Readonly<Record<Architecture, string>> = {
  amd64: "usr/lib64/ld-linux-x86-64.so.2",
  arm64: "usr/lib/ld-linux-aarch64.so.1",
};

async function placeAt(file: string, octets: number, from: string): Promise<void> {
  await execute("dd", [
    `if=${from}`,
    `of=${file}`,
    "bs=1M",
    `seek=${octets / MIB}`,
    "conv=notrunc,sparse",
    "status=none",
  ]);
}

/** Boot code only: the table behind it stays. */
function writeAt(file: string, octets: number, content: Uint8Array): void {
  const handle = openSync(file, "r+");
  writeSync(handle, content, 0, Math.min(content.length, 440), octets);
  closeSync(handle);
}

/** The image as it is handed out. Throws MachineError. */
export async function pack(image: string, format: "qcow2" | "raw", output: string): Promise<void> {
  if (format === "raw") {
    // More than one thread gives what one thread of these gives.
    await execute("zstd", ["-q", "-T2", "-6", "-f", image, "-o", output]);
    return;
  }
  await execute("qemu-img", [
    "convert",
    "-f",
    "raw",
    "-O",
    "qcow2",
    "-c",
    "-o",
    "compression_type=zstd",
    image,
    output,
  ]);
}
