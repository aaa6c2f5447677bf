import { type Static, Type } from "@sinclair/typebox";

/**
 * Part `home` of a user's own router, which enrolled by a claim of an application: the tunnels that it has to access routers (RFC 2473),
 * the prefixes it has by them, and what hosts behind it are told. Which of its ports are LANs the machine knows, not the controller.
 */

const Address = Type.String({ minLength: 2, maxLength: 64 });
const Prefix = Type.String({ minLength: 2, maxLength: 64 });
const Mtu = Type.Integer({ minimum: 1280, maximum: 65_535 });
const Lifetime = Type.Integer({ minimum: 0, maximum: 4_294_967_295 });

export const HomeTunnel = Type.Object({
  /** Becomes part of a device's name. */
  id: Type.String({ pattern: "^[a-z0-9][a-z0-9-]{0,10}$" }),
  /** Of this router. Absent: the address that it would send to `remote` from, followed when that changes. */
  local: Type.Optional(Address),
  /** Of the access router, or its SID. */
  remote: Address,
  /** Octets of what is within. */
  mtu: Mtu,
  /** Of the outer header; 0: as within. */
  hopLimit: Type.Integer({ minimum: 0, maximum: 255 }),
  /** What this router has by it; only these sources go into it. */
  prefixes: Type.Array(Prefix, { minItems: 1, maxItems: 16 }),
});
export type HomeTunnel = Static<typeof HomeTunnel>;

export const HomeLan = Type.Object({
  /** Octets, told to hosts. Absent: that of their medium. */
  mtu: Type.Optional(Mtu),
  /** RFC 8106. */
  resolvers: Type.Array(Address, { maxItems: 4 }),
  /** RFC 8781. */
  pref64: Type.Optional(Prefix),
  /** Of prefixes, seconds. */
  preferredS: Lifetime,
  validS: Lifetime,
});
export type HomeLan = Static<typeof HomeLan>;

/** By what it is known whether tunnels carry anything. */
export const HomeWatch = Type.Object({
  /** Beyond every access router; answer echoes. One of them answering is enough. */
  targets: Type.Array(Address, { minItems: 1, maxItems: 4 }),
  /** Between two questions by a tunnel. Access routers answer one error a second to each home (RFC 4443 section 2.4 (f)): not shorter than that outside of tests. */
  intervalMs: Type.Integer({ minimum: 100, maximum: 60_000 }),
});
export type HomeWatch = Static<typeof HomeWatch>;

export const HomePart = Type.Object({
  version: Type.Literal(1),
  tunnels: Type.Array(HomeTunnel, { maxItems: 8 }),
  /** The n-th LAN of the machine has the n-th /64 of each tunnel's first prefix. */
  lan: HomeLan,
  /** Absent: tunnels are believed to carry what they are given. */
  watch: Type.Optional(HomeWatch),
});
export type HomePart = Static<typeof HomePart>;
