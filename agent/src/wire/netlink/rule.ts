import { AF_INET, AF_INET6, FRA, RTM } from "./constants.ts";
import { NetlinkDecodeError, NetlinkEncodeError } from "./errors.ts";
import { NetlinkReader } from "./reader.ts";
import type { NetlinkWriter } from "./writer.ts";

/** A policy rule. Source: struct fib_rule_hdr and FRA_*, linux/fib_rules.h. */
export interface RuleMessage {
  readonly family: number;
  readonly priority: number;
  readonly table: number;
  /** FR_ACT_*; 1 looks up `table`. */
  readonly action: number;
  /** FIB_RULE_*; 2 inverts. */
  readonly flags: number;
  /** FRA_PROTOCOL: who made it. */
  readonly protocol?: number;
  readonly iif?: string;
  readonly oif?: string;
  readonly from?: string;
  readonly to?: string;
  readonly mark?: number;
  /** Bits of `mark` that count; all when absent. */
  readonly markMask?: number;
  /** Differentiated services code point, 0 to 63. */
  readonly dscp?: number;
  /** Next header; 0 is none. */
  readonly nextHeader?: number;
  /** Destination ports, 1 to 65534 (fib_rule_port_range_valid, net/fib_rules.h). */
  readonly ports?: { readonly from: number; readonly to: number };
}

/** `type` is RTM_NEWRULE or RTM_DELRULE. IPv6 only. */
export function encodeRule(
  writer: NetlinkWriter,
  type: number,
  flags: number,
  sequence: number,
  rule: RuleMessage,
): void {
  writer.begin(type, flags, sequence);
  writer.u8(rule.family);
  writer.u8(rule.to === undefined ? 0 : splitPrefix(rule.to).length);
  writer.u8(rule.from === undefined ? 0 : splitPrefix(rule.from).length);
  // Every kernel takes a code point here; 0 would mean any, so it has an attribute of its own.
  writer.u8((rule.dscp ?? 0) << 2);
  writer.u8(rule.table < 256 ? rule.table : 0);
  writer.u16(0); // reserved
  writer.u8(rule.action);
  writer.u32(rule.flags);
  if (rule.to !== undefined) writer.attributeIp6(FRA.DST, rule.to, splitPrefix(rule.to).slash);
  if (rule.from !== undefined) writer.attributeIp6(FRA.SRC, rule.from, splitPrefix(rule.from).slash);
  if (rule.iif !== undefined) writer.attributeName(FRA.IIFNAME, rule.iif);
  if (rule.oif !== undefined) writer.attributeName(FRA.OIFNAME, rule.oif);
  writer.attributeU32(FRA.PRIORITY, rule.priority);
  if (rule.mark !== undefined) writer.attributeU32(FRA.FWMARK, rule.mark);
  if (rule.markMask !== undefined) writer.attributeU32(FRA.FWMASK, rule.markMask);
  if (rule.dscp === 0) writer.attributeU8(FRA.DSCP, 0);
  if (rule.nextHeader !== undefined) writer.attributeU8(FRA.IP_PROTO, rule.nextHeader);
  if (rule.ports !== undefined) writer.attributeBytes(FRA.DPORT_RANGE, portRange(rule.ports));
  writer.attributeU32(FRA.TABLE, rule.table);
  if (rule.protocol !== undefined) writer.attributeU8(FRA.PROTOCOL, rule.protocol);
  writer.end();
}

/** A dump of IPv6 rules. */
export function encodeRuleDump(writer: NetlinkWriter, flags: number, sequence: number): void {
  writer.begin(RTM.GETRULE, flags, sequence);
  writer.u32(AF_INET6);
  writer.u32(0);
  writer.u32(0);
  writer.end();
}

/** struct fib_rule_port_range: start, end, in host order. */
function portRange({ from, to }: { readonly from: number; readonly to: number }): Uint8Array {
  return Uint8Array.of(from & 0xff, from >> 8, to & 0xff, to >> 8);
}

function decodePortRange(bytes: Uint8Array): { readonly from: number; readonly to: number } {
  if (bytes.length < 4) throw new NetlinkDecodeError(`port range of ${bytes.length} octets`, 0);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return { from: view.getUint16(0, true), to: view.getUint16(2, true) };
}

function splitPrefix(prefix: string): { readonly slash: number; readonly length: number } {
  const slash = prefix.lastIndexOf("/");
  const length = Number(prefix.slice(slash + 1));
  if (slash < 0 || !(length >= 0 && length <= 128))
    throw new NetlinkEncodeError(`not an IPv6 prefix: ${JSON.stringify(prefix.slice(0, 64))}`);
  return { slash, length };
}

export function decodeRule(payload: Uint8Array): RuleMessage {
  const reader = new NetlinkReader(payload, 12);
  const family = reader.headerU8(0);
  const rule: { -readonly [K in keyof RuleMessage]: RuleMessage[K] } = {
    family,
    priority: 0,
    table: reader.headerU8(4),
    action: reader.headerU8(7),
    flags: reader.headerU32(8),
  };
  const tos = reader.headerU8(3);
  if (tos !== 0) rule.dscp = tos >> 2;
  let from: string | undefined;
  let to: string | undefined;
  while (reader.next()) {
    if (reader.type === FRA.DST) to = reader.address();
    else if (reader.type === FRA.SRC) from = reader.address();
    else if (reader.type === FRA.IIFNAME) rule.iif = reader.text();
    else if (reader.type === FRA.OIFNAME) rule.oif = reader.text();
    else if (reader.type === FRA.PRIORITY) rule.priority = reader.u32();
    else if (reader.type === FRA.FWMARK) rule.mark = reader.u32();
    else if (reader.type === FRA.FWMASK) rule.markMask = reader.u32();
    else if (reader.type === FRA.DSCP) rule.dscp = reader.u8();
    else if (reader.type === FRA.IP_PROTO) rule.nextHeader = reader.u8();
    else if (reader.type === FRA.DPORT_RANGE) rule.ports = decodePortRange(reader.payload());
    else if (reader.type === FRA.TABLE) rule.table = reader.u32();
    else if (reader.type === FRA.PROTOCOL) rule.protocol = reader.u8();
  }
  const any = family === AF_INET ? "0.0.0.0" : "::";
  const toLength = reader.headerU8(1);
  const fromLength = reader.headerU8(2);
  if (to !== undefined || toLength > 0) rule.to = `${to ?? any}/${toLength}`;
  if (from !== undefined || fromLength > 0) rule.from = `${from ?? any}/${fromLength}`;
  return rule;
}
