import { type Static, Type } from "@sinclair/typebox";

/** What a user has: a name or an address, at most what DNS allows (RFC 1035 section 2.3.4). */
const Host = Type.String({ minLength: 1, maxLength: 253, pattern: "^[0-9A-Za-z._:-]+$" });
const Label = Type.String({ minLength: 1, maxLength: 63 });
const Url = Type.String({ minLength: 8, maxLength: 512, pattern: "^https?://[!-~]+$" });
const Address = Type.String({ minLength: 2, maxLength: 64 });

const Site = Type.Object({ name: Label, url: Url });
export type HealthSite = Static<typeof Site>;

/** From where on something is poor. */
export const HealthLimits = Type.Object({
  /** Of echoes. */
  lossPercent: Type.Number({ minimum: 0, maximum: 100 }),
  /** Median, to what is outside. */
  rttMs: Type.Number({ minimum: 1, maximum: 60_000 }),
  /** An answer of a resolver. */
  dnsMs: Type.Number({ minimum: 1, maximum: 60_000 }),
  /** From asking for a page to the first octet of the answer. */
  firstByteMs: Type.Number({ minimum: 1, maximum: 60_000 }),
  /** Between this clock and that of web servers. */
  clockS: Type.Number({ minimum: 2, maximum: 86_400 }),
});
export type HealthLimits = Static<typeof HealthLimits>;

/**
 * Part `health`: what a node looks at now and then, as a user of it would: from its cable up to web pages. What it finds out by
 * itself (routers, resolvers, prefixes of router advertisements) is not told.
 */
export const HealthPart = Type.Object({
  version: Type.Literal(1),
  /** From the start of one run to that of the next. */
  intervalS: Type.Integer({ minimum: 10, maximum: 86_400 }),
  /** Looked at instead of the one that the default route leaves by. */
  interface: Type.Optional(Type.String({ minLength: 1, maxLength: 15 })),
  /** Asked beside those of router advertisements and resolv.conf. */
  resolvers: Type.Array(Address, { maxItems: 8 }),
  /** False: those of resolv.conf are nobody's business but this machine's own, as on a router. */
  ownResolvers: Type.Optional(Type.Boolean()),
  /** Outside; sent echoes. */
  targets: Type.Array(Type.Object({ name: Label, host: Host }), { maxItems: 16 }),
  /** Looked up by every resolver, A and AAAA. */
  names: Type.Array(Host, { maxItems: 16 }),
  /** Signed (DNSSEC): a resolver that validates says so of it. */
  signed: Type.Optional(Host),
  /** Pages with IPv6. */
  web: Type.Array(Site, { maxItems: 16 }),
  /** Pages with IPv4 only: fetched through a translator. */
  translated: Type.Array(Site, { maxItems: 8 }),
  /** Prefixes of our translators (RFC 6052) and where each stands. Empty: whatever DNS64 says is right. */
  pref64: Type.Array(Type.Object({ prefix: Type.String({ maxLength: 64 }), at: Type.Optional(Label) }), {
    maxItems: 8,
  }),
  /** By plane, what is reached through that plane alone. */
  planes: Type.Array(
    Type.Object({
      plane: Label,
      targets: Type.Array(Type.Object({ name: Label, address: Address }), { maxItems: 16 }),
    }),
    { maxItems: 15 },
  ),
  /** Octets of IPv6 packets that should come through whole. */
  sizes: Type.Array(Type.Integer({ minimum: 1280, maximum: 9000 }), { maxItems: 8 }),
  limits: HealthLimits,
});
export type HealthPart = Static<typeof HealthPart>;

/** What is meant where nothing is said. */
export const HEALTH_DEFAULTS = {
  intervalS: 300,
  sizes: [1280, 1460, 1500],
  limits: { lossPercent: 5, rttMs: 300, dnsMs: 500, firstByteMs: 3000, clockS: 60 },
} as const;
