import { type Static, Type } from "@sinclair/typebox";

/**
 * Part `advertise`: what a node tells the hosts of its LANs by router advertisements (RFC 4861), and the address it has there.
 */

const InterfaceName = Type.String({ minLength: 1, maxLength: 15, pattern: "^[^\\s/:]+$" });
const Address = Type.String({ minLength: 2, maxLength: 64 });
const Prefix = Type.String({ minLength: 2, maxLength: 64 });
/** Seconds; 2^32 - 1 is for ever (RFC 4861 section 4.6.2). */
const Lifetime = Type.Integer({ minimum: 0, maximum: 4_294_967_295 });

export const ROUTER_PREFERENCES = ["high", "medium", "low"] as const;

export const AdvertisedPrefix = Type.Object({
  prefix: Prefix,
  onLink: Type.Boolean(),
  /** Hosts make addresses in it by themselves. */
  autonomous: Type.Boolean(),
  preferredS: Lifetime,
  validS: Lifetime,
});
export type AdvertisedPrefix = Static<typeof AdvertisedPrefix>;

export const AdvertisePart = Type.Object({
  version: Type.Literal(1),
  interfaces: Type.Array(
    Type.Object({
      name: InterfaceName,
      /** This node's own there, with their prefix lengths. */
      addresses: Type.Array(Prefix, { maxItems: 8 }),
      /** At most so long between advertisements, RFC 4861 MaxRtrAdvInterval. */
      intervalS: Type.Integer({ minimum: 4, maximum: 1800 }),
      /** Of a default router; 0: it is none. */
      lifetimeS: Type.Integer({ minimum: 0, maximum: 9000 }),
      /** RFC 4191. */
      preference: Type.Union(ROUTER_PREFERENCES.map((word) => Type.Literal(word))),
      /** Octets. Absent: that of the medium. */
      mtu: Type.Optional(Type.Integer({ minimum: 1280, maximum: 65_535 })),
      prefixes: Type.Array(AdvertisedPrefix, { maxItems: 8 }),
      /** RFC 8106. */
      resolvers: Type.Optional(
        Type.Object({ addresses: Type.Array(Address, { minItems: 1, maxItems: 4 }), lifetimeS: Lifetime }),
      ),
      /** RFC 8781; its unit is 8 s. */
      pref64: Type.Optional(
        Type.Object({ prefix: Prefix, lifetimeS: Type.Integer({ minimum: 0, maximum: 65_528 }) }),
      ),
    }),
    { maxItems: 64 },
  ),
});
export type AdvertisePart = Static<typeof AdvertisePart>;
