import type { Kind } from "./kinds.ts";

export interface Partition {
  readonly startOctets: number;
  readonly octets: number;
}

/** Where things are in an image. */
export interface Layout {
  readonly octets: number;
  readonly boot: Partition;
  readonly root: Partition;
  /** What sfdisk(8) reads. */
  readonly table: string;
}

const MIB = 1 << 20;
const SECTOR = 512;
/** Room for a boot loader's own sectors, and what flash memory is erased by. */
const START_MIB = 4;

/**
 * A partition table of the old kind (MBR), which the firmware of each machine reads: a Raspberry Pi's, BIOS, and UEFI, for which the first
 * partition of a VM has type 0xef. The root file system is the last one, so that the first boot can let it grow.
 * @param diskId of this content, 32 bits.
 */
export function layoutOf(kind: Kind, diskId: number): Layout {
  const boot = { startOctets: START_MIB * MIB, octets: kind.bootMiB * MIB };
  const rootStart = boot.startOctets + boot.octets;
  const octets = kind.diskMiB * MIB;
  const root = { startOctets: rootStart, octets: octets - rootStart };
  const type = kind.name === "pi" ? "c" : "ef";
  const line = ({ startOctets, octets: size }: Partition, more: string): string =>
    `start=${startOctets / SECTOR}, size=${size / SECTOR}, ${more}`;
  const table = [
    "label: dos",
    `label-id: 0x${diskId.toString(16).padStart(8, "0")}`,
    "unit: sectors",
    "",
    line(boot, `type=${type}, bootable`),
    line(root, "type=83"),
    "",
  ].join("\n");
  return { octets, boot, root, table };
}

/** Identities of file systems, by what an image is made of: the same for the same. */
export interface Identities {
  readonly diskId: number;
  /** Eight hexadecimal digits. */
  readonly bootVolume: string;
  readonly rootUuid: string;
}

/** @param digest SHA-256 of what the image is made of, hexadecimal. */
export function identitiesOf(digest: string): Identities {
  const part = (from: number, digits: number): string => digest.slice(from, from + digits);
  // Version 8 of RFC 9562: bits of our own.
  const rootUuid = `${part(0, 8)}-${part(8, 4)}-8${part(12, 3)}-a${part(15, 3)}-${part(18, 12)}`;
  return { diskId: Number.parseInt(part(30, 8), 16) || 1, bootVolume: part(38, 8), rootUuid };
}
