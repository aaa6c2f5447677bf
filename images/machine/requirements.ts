import type { Architecture } from "../packages/architecture.ts";
import { MachineError } from "./error.ts";
import type { Format, KindName } from "./kinds.ts";

/** A program that building takes, and the Debian package that brings it. */
export type Requirement = readonly [program: string, debianPackage: string];

export interface Building {
  readonly kind: KindName;
  readonly architecture: Architecture;
  readonly format: Format;
  /** Of the machine that builds. */
  readonly here: Architecture;
}

/** What building takes, as files that must be there: programs by name, others by path. Pure. */
export function requirements({ kind, architecture, format, here }: Building): readonly Requirement[] {
  return [
    ["mmdebstrap", "mmdebstrap"],
    ["sfdisk", "fdisk"],
    ["mkfs.vfat", "dosfstools"],
    ["mcopy", "mtools"],
    ["chroot", "coreutils"],
    ...(format === "qcow2" ? [["qemu-img", "qemu-utils"] as const] : [["zstd", "zstd"] as const]),
    ...(kind === "router" && architecture === "amd64"
      ? [["syslinux", "syslinux"] as const, ["/usr/lib/syslinux/mbr/mbr.bin", "syslinux-common"] as const]
      : []),
    ...(architecture === here
      ? []
      : [
          [QEMU_USER[architecture], "qemu-user-static"] as const,
          ["update-binfmts", "binfmt-support"] as const,
          ["arch-test", "arch-test"] as const,
          ["depmod", "kmod"] as const,
        ]),
  ];
}

const QEMU_USER: Readonly<Record<Architecture, string>> = {
  amd64: "qemu-x86_64-static",
  arm64: "qemu-aarch64-static",
};

/** Throws {@link MachineError} that names everything that is missing, and the one command that brings it. */
export function mustHave(wanted: readonly Requirement[], has: (program: string) => boolean): void {
  const missing = wanted.filter(([program]) => !has(program));
  if (missing.length === 0) return;
  const names = missing.map(([program]) => program).join(", ");
  const packages = [...new Set(missing.map(([, name]) => name))].sort().join(" ");
  throw new MachineError("machine-missing", `not installed here: ${names}. Run: apt-get install ${packages}`);
}
