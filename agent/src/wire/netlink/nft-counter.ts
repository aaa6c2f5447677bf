import { NetlinkReader } from "./reader.ts";
import type { NetlinkWriter } from "./writer.ts";

/** Numbers of the nfnetlink ABI. Sources: linux/netfilter.h, netfilter/nfnetlink.h, netfilter/nf_tables.h. */
const NFPROTO_INET = 1;
const NFNL_SUBSYS_NFTABLES = 10;
const NFT_MSG_NEWOBJ = 18;
const NFT_MSG_GETOBJ = 19;
const NFT_OBJECT_COUNTER = 1;
const NFTA_OBJ = { TABLE: 1, NAME: 2, TYPE: 3, DATA: 4 } as const;
const NFTA_COUNTER = { BYTES: 1, PACKETS: 2 } as const;

/** struct nfgenmsg: family, version, res_id. */
const NFGENMSG = 4;

/** Type of the messages that a dump of objects answers with. */
export const NEW_OBJECT = (NFNL_SUBSYS_NFTABLES << 8) | NFT_MSG_NEWOBJ;

/** Value of a named counter. */
export interface NftCounter {
  readonly name: string;
  readonly packets: number;
  readonly bytes: number;
}

/** Asks for the named counters of one table of family inet; no answer but "done" where there is no such table. */
export function encodeCounterDump(
  writer: NetlinkWriter,
  flags: number,
  sequence: number,
  table: string,
): void {
  writer.begin((NFNL_SUBSYS_NFTABLES << 8) | NFT_MSG_GETOBJ, flags, sequence);
  writer.u32(NFPROTO_INET); // family; version and res_id are 0
  writer.attributeName(NFTA_OBJ.TABLE, table, 256);
  writer.attributeU32(NFTA_OBJ.TYPE, swap32(NFT_OBJECT_COUNTER)); // big-endian, as all of nf_tables
  writer.end();
}

/** A counter of that table, or undefined for anything else. Throws NetlinkDecodeError. */
export function decodeCounter(payload: Uint8Array, table: string): NftCounter | undefined {
  const reader = new NetlinkReader(payload, NFGENMSG);
  let inTable = "";
  let name = "";
  let type = 0;
  let packets = 0;
  let bytes = 0;
  while (reader.next()) {
    if (reader.type === NFTA_OBJ.TABLE) inTable = reader.text();
    else if (reader.type === NFTA_OBJ.NAME) name = reader.text();
    else if (reader.type === NFTA_OBJ.TYPE) type = swap32(reader.u32());
    else if (reader.type === NFTA_OBJ.DATA) {
      const data = reader.nested();
      while (data.next()) {
        if (data.type === NFTA_COUNTER.PACKETS) packets = big64(data);
        else if (data.type === NFTA_COUNTER.BYTES) bytes = big64(data);
      }
    }
  }
  const family = reader.headerU8(0);
  return family === NFPROTO_INET && inTable === table && type === NFT_OBJECT_COUNTER
    ? { name, packets, bytes }
    : undefined;
}

/** Exact up to 2^53, which is 10^9 packets a second for a hundred days. */
function big64(reader: NetlinkReader): number {
  const value = reader.u64();
  const low = swap32(Number(value >> 32n));
  const high = swap32(Number(value & 0xffffffffn));
  return high * 2 ** 32 + low;
}

function swap32(value: number): number {
  return (((value & 0xff) << 24) | ((value & 0xff00) << 8) | ((value >>> 8) & 0xff00) | (value >>> 24)) >>> 0;
}
