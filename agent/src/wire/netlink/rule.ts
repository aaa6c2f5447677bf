import { AF_INET, AF_INET6, FRA, RTM } from "./constants.ts";
import { NetlinkEncodeError } from "./errors.ts";
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
  writer.u8(0); // tos
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
  let from: string | undefined;
  let to: string | undefined;
  while (reader.next()) {
    if (reader.type === FRA.DST) to = reader.address();
    else if (reader.type === FRA.SRC) from = reader.address();
    else if (reader.type === FRA.IIFNAME) rule.iif = reader.text();
    else if (reader.type === FRA.OIFNAME) rule.oif = reader.text();
    else if (reader.type === FRA.PRIORITY) rule.priority = reader.u32();
    else if (reader.type === FRA.FWMARK) rule.mark = reader.u32();
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
