import type { FabricPolicy } from "./model.ts";

/** What a fabric file means where it is silent. */

/** Octets at the IP layer. */
export const DEFAULT_LINK_MTU = { plane: 9000, other: 1500 } as const;

/** Room that SRv6 needs on plane links: an outer IPv6 header and an SRH of one segment (RFC 8754 section 2). */
export const ENCAPSULATION_ROOM = 40 + 24;

export const DEFAULT_LINK_COST = 10;

/** Site of an upstream that names none. */
export const OUTSIDE_SITE = "outside";

export const DEFAULT_POLICY = {
  maxPrefixes: { edge: 100, upstream: 400_000, plane: 1_000_000 },
  holdS: 9,
  gracefulRestartS: 120,
  bfd: { intervalMs: 200, multiplier: 3 },
  med: { preferred: 100, other: 200, drained: 1000 },
  probe: { intervalMs: 500, burstIntervalMs: 20 },
} as const satisfies Omit<FabricPolicy, "bogons">;

export const DEFAULT_MEASURE = { intervalMs: 100, size: 104, maxPacketsPerS: 200 } as const;

/** Targets measured when the file names none: so many upstreams. */
export const MAX_DEFAULT_TARGETS = 16;
/** Targets that a file may name. */
export const MAX_MEASURE_TARGETS = 64;

/**
 * Never in the global table: the special-purpose registry (RFC 6890 and the IANA registry it made) together with what
 * operators refuse by custom (6bone, 6to4, site-local).
 */
export const DEFAULT_BOGONS: readonly string[] = [
  "::/8", // unspecified, loopback, IPv4-mapped, NAT64 (RFC 4291, RFC 6052, RFC 8215)
  "100::/64", // discard-only, RFC 6666
  "100:0:0:1::/64", // dummy prefix, RFC 9780
  "2001:2::/48", // benchmarking, RFC 5180
  "2001:10::/28", // ORCHID, RFC 4843, ended
  "2001:db8::/32", // documentation, RFC 3849
  "2002::/16", // 6to4, RFC 7526
  "3ffe::/16", // 6bone, RFC 3701
  "3fff::/20", // documentation, RFC 9637
  "5f00::/16", // SRv6 SIDs, RFC 9602
  "fc00::/7", // unique local, RFC 4193
  "fe80::/10", // link-local, RFC 4291
  "fec0::/10", // site-local, RFC 3879
  "ff00::/8", // multicast, RFC 4291
];
