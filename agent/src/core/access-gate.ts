import type { FabricPart } from "@vsix/shared/contract/part-fabric.ts";
import type { Gate, GateShard } from "@vsix/shared/contract/part-gate.ts";
import { elementText, type Json, type NftRule, type NftSet } from "../resources/nftables/model.ts";
import { canonicalIp6 } from "../wire/netlink/ip-text.ts";
import { DROP, match, portIn } from "./nft-words.ts";

/** Counter of what came to a SID of SRv6 access from outside and may not. */
export const GATE_COUNTER = "drop-access-gate";
const USERS = "access-gate";
/** IANA: what users' packets are (RFC 2473 section 3). */
const IPV6_IN_IPV6 = 41;

export interface AccessGate {
  readonly rules: readonly NftRule[];
  readonly sets: readonly NftSet[];
  readonly counters: readonly string[];
}

const OPEN: AccessGate = { rules: [], sets: [], counters: [] };

/**
 * Who reaches a SID of SRv6 access from outside: a user's router, by its own source, the one SID that is his, and with nothing but IPv6
 * within IPv6; no fragment and no SRH, which End.DT6 has no use for. Two rules for any number of users. That a source is no borrowed
 * one is for the filters of sources at the same port (core/filters.ts), which come after: an Edge's port lets in what is that Edge's.
 */
export function accessGate(part: FabricPart, gate: Gate | undefined): AccessGate {
  const ports = part.interfaces.flatMap(({ faces, name }) =>
    faces === "edge" || faces === "upstream" ? [name] : [],
  );
  if (gate === undefined || gate.frame.sids.length === 0 || ports.length === 0) return OPEN;
  const toSid = [portIn("iifname", ports), match("==", DESTINATION, { set: gate.frame.sids.map(canonical) })];
  return {
    rules: [
      [...toSid, match("!=", NEXT_HEADER, IPV6_IN_IPV6), { counter: GATE_COUNTER }, DROP],
      [
        ...toSid,
        match("!=", { concat: [SOURCE, DESTINATION] }, `@${USERS}`),
        { counter: GATE_COUNTER },
        DROP,
      ],
    ],
    sets: [
      {
        ...{ kind: "set", name: USERS, type: ["ipv6_addr", "ipv6_addr"], interval: false },
        elements: elementsOf(gate),
      },
    ],
    counters: [GATE_COUNTER],
  };
}

/** What makes no sense in it, as `FIELD: REASON`; undefined when all is well. */
export function faultOfGate({ frame, shards }: Gate): string | undefined {
  const isAddress = (text: string): boolean => canonicalIp6(text) !== undefined;
  const bad = frame.sids.findIndex((sid) => !isAddress(sid));
  if (bad >= 0) return `gate /sids/${bad}: ${JSON.stringify(frame.sids[bad])} is no IPv6 address`;
  for (const [i, shard] of shards.entries()) {
    const fault = faults.get(shard) ?? { reason: faultOfShard(shard, isAddress) };
    faults.set(shard, fault);
    if (fault.reason !== undefined) return `gate-${i.toString(16)} ${fault.reason}`;
  }
  return undefined;
}

function faultOfShard({ users }: GateShard, isAddress: (text: string) => boolean): string | undefined {
  for (const [i, { sid, sources }] of users.entries()) {
    const bad = [sid, ...sources].find((text) => !isAddress(text));
    if (bad !== undefined) return `/users/${i}: ${JSON.stringify(bad)} is no IPv6 address`;
  }
  return undefined;
}

/** By shard, which stays the same object as long as its octets do. */
const faults = new WeakMap<GateShard, { readonly reason: string | undefined }>();
const texts = new WeakMap<GateShard, readonly string[]>();
const sorted = new WeakMap<Gate, readonly string[]>();

function elementsOf(gate: Gate): readonly string[] {
  const known = sorted.get(gate) ?? [...new Set(gate.shards.flatMap(textsOf))].sort();
  sorted.set(gate, known);
  return known;
}

function textsOf(shard: GateShard): readonly string[] {
  const known =
    texts.get(shard) ??
    shard.users.flatMap(({ sid, sources }) =>
      sources.map((source) => elementText({ concat: [canonical(source), canonical(sid)] })),
    );
  texts.set(shard, known);
  return known;
}

function canonical(text: string): string {
  return canonicalIp6(text) ?? text;
}

const SOURCE: Json = { payload: { protocol: "ip6", field: "saddr" } };
const DESTINATION: Json = { payload: { protocol: "ip6", field: "daddr" } };
const NEXT_HEADER: Json = { payload: { protocol: "ip6", field: "nexthdr" } };
