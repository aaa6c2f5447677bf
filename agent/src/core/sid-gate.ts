import type { EgressAdmission, EgressPart } from "@vsix/shared/contract/part-egress.ts";
import type { FabricPart } from "@vsix/shared/contract/part-fabric.ts";
import { parseAddress } from "@vsix/shared/net/address.ts";
import { parsePrefix } from "@vsix/shared/net/prefix.ts";
import type { Json, NftChain, NftRule } from "../resources/nftables/model.ts";
import { address, DROP, match, meta, notFrom, portIn, RETURN } from "./nft-words.ts";

/** Counter of what came to a SID and may not. */
const REFUSED = "drop-sid-block";
/** Next header of IPv6 in IPv6, RFC 2473 section 3; what is fragmented or has an SRH shows another. */
const IPV6_IN_IPV6 = 41;
/** TCP, UDP and ICMPv6 (IANA): what probes are. */
const PROBES = [6, 17, 58];
/** Octets of the source and of the destination in an IPv6 header, and of its next header: RFC 8200 section 3. */
const SOURCE_AT = 8;
const DESTINATION_AT = 24;
const NEXT_HEADER_AT = 6;

export interface SidGate {
  readonly rules: readonly NftRule[];
  readonly chains: readonly NftChain[];
  readonly counters: readonly string[];
}

/** Counter of probes that were let through to peers' SIDs from a port. */
export function probesCounter(port: string): string {
  return `probes-${port}`;
}

/**
 * Who reaches a SID. RFC 8754 section 5.1: nobody from outside the SR domain; and from an Edge that measures nothing but its probes
 * (contract/part-egress.ts, `EgressAdmission`). What they hold is looked at too, for what a SID takes out is never filtered again
 * (`nf_hooks_lwtunnel` is off): as if the inner packet had come in by the port, and it may not go on to another SID. On the Edge
 * itself nothing from outside of it goes to a SID, so that nobody behind it borrows its address.
 */
export function sidGate(part: FabricPart, egress: EgressPart | undefined): SidGate {
  const outside = part.interfaces.filter(({ faces }) => faces === "edge" || faces === "upstream");
  const admitted = new Map<string, EgressAdmission[]>();
  for (const one of egress?.admit ?? [])
    admitted.set(one.interface, [...(admitted.get(one.interface) ?? []), one]);
  const toSid = address("daddr", "==", part.sidBlock);
  const closed = outside.filter(({ name }) => !admitted.has(name)).map(({ name }) => name);
  const rules: NftRule[] = [];
  const chains: NftChain[] = [];
  const counters: string[] = [];
  const refuse: NftRule = [{ counter: REFUSED }, DROP];
  if (closed.length > 0) rules.push([portIn("iifname", closed), toSid, ...refuse]);
  for (const { name } of outside) {
    const admissions = admitted.get(name);
    if (admissions === undefined) continue;
    const chain = `sids-${name}`;
    rules.push([match("==", meta("iifname"), name), toSid, { jump: { target: chain } }]);
    chains.push({ name: chain, rules: [...admissions.map((one) => pass(one, part.sidBlock)), refuse] });
    counters.push(probesCounter(name));
  }
  if (part.node.role === "edge" && egress?.measure !== undefined)
    rules.push([notFrom("lo"), toSid, ...refuse]);
  return { rules, chains, counters: rules.length === 0 ? counters : [...counters, REFUSED] };
}

function pass(admission: EgressAdmission, sidBlock: string): NftRule {
  const { source, sids, maxPacketsPerS, interface: port } = admission;
  return [
    address("saddr", "==", source),
    match("==", { payload: { protocol: "ip6", field: "daddr" } }, { set: [...sids] }),
    match("==", { payload: { protocol: "ip6", field: "nexthdr" } }, IPV6_IN_IPV6),
    inner(NEXT_HEADER_AT, 8, "==", { set: PROBES }),
    inner(SOURCE_AT, 128, "==", bits(source, 128)),
    inner(DESTINATION_AT, blockBits(sidBlock), "!=", bits(sidBlock, blockBits(sidBlock))),
    // Beyond it falls through and is refused. The prober spreads its own over the cycle; a second's worth may come at once.
    { limit: { rate: maxPacketsPerS, burst: maxPacketsPerS, per: "second" } },
    { counter: probesCounter(port) },
    RETURN,
  ];
}

/** A field of the header that follows the outer one. */
function inner(octet: number, length: number, op: string, right: Json): Json {
  return match(op, { payload: { base: "th", offset: octet * 8, len: length } }, right);
}

/** Whole octets of the SID block, as nftables compares them; a little more than the block where it ends within one. */
function blockBits(sidBlock: string): number {
  return Math.max(8, Math.floor((parsePrefix(sidBlock)?.length ?? 0) / 8) * 8);
}

/** The first bits of an address as nft shows them: a number where one fits, else text. */
function bits(text: string, length: number): Json {
  const octets = parsePrefix(text)?.address ?? parseAddress(text) ?? new Uint8Array(16);
  const value = octets.subarray(0, length / 8).reduce((sum, octet) => (sum << 8n) | BigInt(octet), 0n);
  return length < 64 ? Number(value) : `0x${value.toString(16)}`;
}
