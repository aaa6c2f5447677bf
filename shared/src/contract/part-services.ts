import { type Static, Type } from "@sinclair/typebox";

/**
 * Part `services`: what a node does for everybody beside forwarding. Its agent configures and runs the programs, asks them real
 * questions, and announces what stands in part `bgp` for a service only while the answers are right.
 */

const Address = Type.String({ maxLength: 64 });
const Prefix = Type.String({ maxLength: 64 });
const Address4 = Type.String({ maxLength: 15 });
const Prefix4 = Type.String({ maxLength: 18 });
/** In presentation format, ASCII. It goes into a resolver's configuration: nothing that could end a line or a word. */
const Domain = Type.String({ maxLength: 253, pattern: "^[A-Za-z0-9._-]+$" });

const ZoneServers = Type.Object({
  zone: Domain,
  addresses: Type.Array(Address, { minItems: 1, maxItems: 16 }),
});

export const ResolverPart = Type.Object({
  /** Addresses it answers at: anycast ones, announced while it works, and the node's own. */
  listen: Type.Array(Address, { minItems: 1, maxItems: 8 }),
  /** Source of its own questions. */
  source: Address,
  /** Prefixes of those who may ask. */
  clients: Type.Array(Prefix, { maxItems: 256 }),
  dns64: Type.Optional(
    Type.Object({
      /** RFC 6052. */
      prefix: Prefix,
      /** Names, with all below, whose own AAAA records are ignored. */
      ignoreAaaa: Type.Array(Domain, { maxItems: 1024 }),
      /** AAAA records in these count for none, RFC 6147 section 5.1.4. */
      excludeAaaa: Type.Array(Prefix, { maxItems: 64 }),
    }),
  ),
  /** Empty: the Internet's. */
  roots: Type.Array(Type.Object({ name: Domain, address: Address }), { maxItems: 32 }),
  /** Names that have an AAAA record, own or synthesised: while none of them is answered the resolver does not work. */
  check: Type.Optional(Type.Array(Domain, { maxItems: 8 })),
  forward: Type.Array(ZoneServers, { maxItems: 256 }),
  stub: Type.Array(ZoneServers, { maxItems: 256 }),
});
export type ResolverPart = Static<typeof ResolverPart>;

export const TranslatorPart = Type.Object({
  kind: Type.Union([Type.Literal("nat64"), Type.Literal("siit-dc")]),
  /** Pref64, RFC 6052. */
  prefix: Prefix,
  /** IPv6 source of the translator's own ICMP errors; in a prefix of the node. */
  own6: Address,
  /** Prefixes of those who may use it: sources on the IPv6 side. */
  clients: Type.Array(Prefix, { maxItems: 256 }),
  /** Kind `nat64`: addresses of clients inside, one each, and what they all become outside. */
  internal: Type.Optional(Prefix4),
  pool: Type.Array(Prefix4, { minItems: 1, maxItems: 16 }),
  /** IPv4 hosts that answer echoes: while none of them does, translated, it does not work. */
  check: Type.Optional(Type.Array(Address4, { maxItems: 8 })),
  /** Kind `siit-dc`: explicit address mappings, RFC 7757. */
  mappings: Type.Array(Type.Object({ v4: Address4, v6: Address }), { maxItems: 4096 }),
});
export type TranslatorPart = Static<typeof TranslatorPart>;

export const ServicesPart = Type.Object({
  version: Type.Literal(1),
  resolver: Type.Optional(ResolverPart),
  translator: Type.Optional(TranslatorPart),
});
export type ServicesPart = Static<typeof ServicesPart>;

/** Which service an announcement in part `bgp` stands for. */
export const ServiceName = Type.Union([
  Type.Literal("resolver"),
  Type.Literal("translator"),
  Type.Literal("access"), // tunnels and SRv6 access, which share their prefixes
  Type.Literal("vpn"), // WireGuard
]);
export type ServiceName = Static<typeof ServiceName>;
