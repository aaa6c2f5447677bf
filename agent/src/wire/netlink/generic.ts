import { NetlinkReader } from "./reader.ts";
import type { NetlinkWriter } from "./writer.ts";

/** Generic netlink: families with numbers that the kernel gives out. Sources: linux/genetlink.h, struct genlmsghdr. */

/** The family that tells of families. */
export const GENL_ID_CTRL = 0x10;
const CTRL_CMD_NEWFAMILY = 1;
const CTRL_CMD_GETFAMILY = 3;
const CTRL_ATTR = { FAMILY_ID: 1, FAMILY_NAME: 2, VERSION: 3, MAXATTR: 5 } as const;
const CTRL_VERSION = 2;

/** Octets of struct genlmsghdr: command, version, two that are reserved. */
export const GENL_HEADER = 4;

/** A family as the kernel has it now; its number is another after the next boot, or when its module was loaded again. */
export interface GenericFamily {
  /** nlmsg_type of its messages. */
  readonly id: number;
  readonly name: string;
  readonly version: number;
  /** Highest attribute that it knows; 0 where it does not say. */
  readonly maxAttribute: number;
}

/** Begins a message of a family; attributes and end() follow. */
export function beginGeneric(
  writer: NetlinkWriter,
  family: number,
  flags: number,
  sequence: number,
  command: number,
  version: number,
): void {
  writer.begin(family, flags, sequence);
  writer.u32((command & 0xff) | ((version & 0xff) << 8));
}

/** A dump of all families. By name the kernel would load a module for it, and whoever only looks must not. */
export function encodeFamilyDump(writer: NetlinkWriter, flags: number, sequence: number): void {
  beginGeneric(writer, GENL_ID_CTRL, flags, sequence, CTRL_CMD_GETFAMILY, CTRL_VERSION);
  writer.end();
}

/** As the kernel tells of one. */
export function encodeFamily(
  writer: NetlinkWriter,
  flags: number,
  sequence: number,
  family: GenericFamily,
): void {
  beginGeneric(writer, GENL_ID_CTRL, flags, sequence, CTRL_CMD_NEWFAMILY, CTRL_VERSION);
  writer.attributeU16(CTRL_ATTR.FAMILY_ID, family.id);
  writer.attributeName(CTRL_ATTR.FAMILY_NAME, family.name);
  writer.attributeU32(CTRL_ATTR.VERSION, family.version);
  writer.attributeU32(CTRL_ATTR.MAXATTR, family.maxAttribute);
  writer.end();
}

/** A family, or undefined for what tells of none. Throws NetlinkDecodeError. */
export function decodeFamily(payload: Uint8Array): GenericFamily | undefined {
  const reader = new NetlinkReader(payload, GENL_HEADER);
  let id = 0;
  let name = "";
  let version = 0;
  let maxAttribute = 0;
  while (reader.next()) {
    if (reader.type === CTRL_ATTR.FAMILY_ID) id = reader.u16();
    else if (reader.type === CTRL_ATTR.FAMILY_NAME) name = reader.text();
    else if (reader.type === CTRL_ATTR.VERSION) version = reader.u32();
    else if (reader.type === CTRL_ATTR.MAXATTR) maxAttribute = reader.u32();
  }
  return id === 0 || name === "" ? undefined : { id, name, version, maxAttribute };
}
