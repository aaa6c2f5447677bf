import {
  LWTUNNEL_ENCAP,
  SEG6_IPTUN_MODES,
  SEG6_IPTUNNEL_SRH,
  SEG6_LOCAL,
  SEG6_LOCAL_CNT,
} from "./constants.ts";
import { NetlinkDecodeError, NetlinkEncodeError } from "./errors.ts";
import { formatIp6 } from "./ip-text.ts";
import { NetlinkReader } from "./reader.ts";
import type { NetlinkWriter } from "./writer.ts";

export type Seg6Mode = (typeof SEG6_IPTUN_MODES)[number];

/** Packets counted by a SID; the kernel wants all three when counting is asked for. */
export interface SidCounters {
  readonly packets: bigint;
  readonly bytes: bigint;
  readonly errors: bigint;
}

/** A lightweight tunnel of a route or nexthop. */
export type Encap =
  | {
      readonly kind: "seg6";
      readonly mode: Seg6Mode;
      /** In the order of travel; first is visited first. */
      readonly segments: readonly string[];
    }
  | {
      readonly kind: "seg6local";
      /** SEG6_LOCAL_ACTION_* */
      readonly action: number;
      readonly nextHop?: string;
      readonly table?: number;
      readonly vrfTable?: number;
      readonly interfaceIndex?: number;
      readonly inputInterfaceIndex?: number;
      readonly counters?: SidCounters;
    }
  /** A kind we do not speak: kept as it is. */
  | { readonly kind: "other"; readonly type: number; readonly bytes: Uint8Array };

/** Octets of the SRH before its segments, RFC 8754 section 2. */
const SRH_FIXED = 8;
const ROUTING_TYPE_SRH = 4;

/** Writes the attribute pair (ENCAP_TYPE, ENCAP), whose numbers differ between routes and nexthops. */
export function encodeEncap(
  writer: NetlinkWriter,
  typeAttribute: number,
  dataAttribute: number,
  encap: Encap,
): void {
  if (encap.kind === "other") {
    writer.attributeU16(typeAttribute, encap.type);
    writer.attributeBytes(dataAttribute, encap.bytes);
    return;
  }
  writer.attributeU16(typeAttribute, encap.kind === "seg6" ? LWTUNNEL_ENCAP.SEG6 : LWTUNNEL_ENCAP.SEG6_LOCAL);
  const data = writer.beginNested(dataAttribute);
  if (encap.kind === "seg6") encodeSrh(writer, encap.mode, encap.segments);
  else {
    writer.attributeU32(SEG6_LOCAL.ACTION, encap.action);
    if (encap.table !== undefined) writer.attributeU32(SEG6_LOCAL.TABLE, encap.table);
    if (encap.vrfTable !== undefined) writer.attributeU32(SEG6_LOCAL.VRFTABLE, encap.vrfTable);
    if (encap.nextHop !== undefined) writer.attributeIp6(SEG6_LOCAL.NH6, encap.nextHop);
    if (encap.inputInterfaceIndex !== undefined)
      writer.attributeU32(SEG6_LOCAL.IIF, encap.inputInterfaceIndex);
    if (encap.interfaceIndex !== undefined) writer.attributeU32(SEG6_LOCAL.OIF, encap.interfaceIndex);
    if (encap.counters !== undefined) {
      const counters = writer.beginNested(SEG6_LOCAL.COUNTERS);
      writer.attributeU64(SEG6_LOCAL_CNT.PACKETS, encap.counters.packets);
      writer.attributeU64(SEG6_LOCAL_CNT.BYTES, encap.counters.bytes);
      writer.attributeU64(SEG6_LOCAL_CNT.ERRORS, encap.counters.errors);
      writer.endNested(counters);
    }
  }
  writer.endNested(data);
}

/** struct seg6_iptunnel_encap: mode, then an SRH whose segment list runs backwards; `inline` leaves slot 0 empty. */
function encodeSrh(writer: NetlinkWriter, mode: Seg6Mode, segments: readonly string[]): void {
  if (segments.length === 0 || segments.length > 64)
    throw new NetlinkEncodeError(`${segments.length} segments, 1 to 64 are possible`);
  const slots = segments.length + (mode === "inline" ? 1 : 0);
  const start = writer.beginNested(SEG6_IPTUNNEL_SRH);
  writer.u32(SEG6_IPTUN_MODES.indexOf(mode));
  writer.u8(0); // next header: the kernel fills it in
  writer.u8(slots * 2);
  writer.u8(ROUTING_TYPE_SRH);
  writer.u8(slots - 1); // segments left
  writer.u8(slots - 1); // last entry
  writer.u8(0); // flags
  writer.u16(0); // tag
  if (mode === "inline") writer.ip6("::");
  for (let i = segments.length - 1; i >= 0; i--) writer.ip6(segments[i] ?? "");
  writer.endNested(start);
}

/** `type` and `data` are the payloads of the attribute pair. */
export function decodeEncap(type: number, data: Uint8Array): Encap {
  if (type === LWTUNNEL_ENCAP.SEG6) return decodeSeg6(new NetlinkReader(data, 0));
  if (type === LWTUNNEL_ENCAP.SEG6_LOCAL) return decodeSeg6Local(new NetlinkReader(data, 0));
  return { kind: "other", type, bytes: data.slice() };
}

function decodeSeg6(reader: NetlinkReader): Encap {
  while (reader.next()) {
    if (reader.type !== SEG6_IPTUNNEL_SRH) continue;
    const tunnel = reader.nested(4 + SRH_FIXED);
    const mode = SEG6_IPTUN_MODES[tunnel.headerU32(0)];
    if (mode === undefined) throw new NetlinkDecodeError(`unknown seg6 mode ${tunnel.headerU32(0)}`, 0);
    const slots = tunnel.headerU8(5) >> 1;
    if (tunnel.bytes.length < 4 + SRH_FIXED + slots * 16)
      throw new NetlinkDecodeError(`SRH of ${slots} segments cut short`, tunnel.bytes.length);
    const segments: string[] = [];
    for (let slot = slots - 1; slot >= (mode === "inline" ? 1 : 0); slot--)
      segments.push(formatIp6(tunnel.bytes, 4 + SRH_FIXED + slot * 16));
    return { kind: "seg6", mode, segments };
  }
  throw new NetlinkDecodeError("seg6 encapsulation without SRH", 0);
}

function decodeSeg6Local(reader: NetlinkReader): Encap {
  const encap: {
    kind: "seg6local";
    action: number;
    nextHop?: string;
    table?: number;
    vrfTable?: number;
    interfaceIndex?: number;
    inputInterfaceIndex?: number;
    counters?: SidCounters;
  } = { kind: "seg6local", action: 0 };
  while (reader.next()) {
    if (reader.type === SEG6_LOCAL.ACTION) encap.action = reader.u32();
    else if (reader.type === SEG6_LOCAL.TABLE) encap.table = reader.u32();
    else if (reader.type === SEG6_LOCAL.VRFTABLE) encap.vrfTable = reader.u32();
    else if (reader.type === SEG6_LOCAL.NH6) encap.nextHop = reader.address();
    else if (reader.type === SEG6_LOCAL.IIF) encap.inputInterfaceIndex = reader.u32();
    else if (reader.type === SEG6_LOCAL.OIF) encap.interfaceIndex = reader.u32();
    else if (reader.type === SEG6_LOCAL.COUNTERS) encap.counters = decodeCounters(reader.nested());
  }
  return encap;
}

function decodeCounters(reader: NetlinkReader): SidCounters {
  const counters = { packets: 0n, bytes: 0n, errors: 0n };
  while (reader.next()) {
    if (reader.type === SEG6_LOCAL_CNT.PACKETS) counters.packets = reader.u64();
    else if (reader.type === SEG6_LOCAL_CNT.BYTES) counters.bytes = reader.u64();
    else if (reader.type === SEG6_LOCAL_CNT.ERRORS) counters.errors = reader.u64();
  }
  return counters;
}
