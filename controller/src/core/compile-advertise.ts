import type { AdvertisePart } from "@vsix/shared/contract/part-advertise.ts";
import type { FabricNode } from "@vsix/shared/fabric/model.ts";

/** RFC 4861 section 6.2.1, MaxRtrAdvInterval; what has a lifetime outlives two lost advertisements (also RFC 8106 section 5.1, RFC 8781 section 4.1). */
const INTERVAL_S = 600;
const LIFETIME_S = 3 * INTERVAL_S;
/** RFC 9096 section 3.4: shorter than RFC 4861's week and month, so that a prefix that is gone is forgotten. */
const PREFERRED_S = 2700;
const VALID_S = 5400;

/** Part `advertise` of one node; undefined where it has no LAN. */
export function compileAdvertise({ lans }: FabricNode): AdvertisePart | undefined {
  if (lans === undefined || lans.length === 0) return undefined;
  return {
    version: 1,
    interfaces: lans.map(({ interface: name, prefix, address, mtu, resolvers, pref64, preference }) => ({
      name,
      addresses: [`${address}/${prefix.slice(prefix.indexOf("/") + 1)}`],
      intervalS: INTERVAL_S,
      lifetimeS: LIFETIME_S,
      preference,
      ...(mtu === undefined ? {} : { mtu }),
      prefixes: [{ prefix, onLink: true, autonomous: true, preferredS: PREFERRED_S, validS: VALID_S }],
      ...(resolvers.length === 0 ? {} : { resolvers: { addresses: [...resolvers], lifetimeS: LIFETIME_S } }),
      ...(pref64 === undefined ? {} : { pref64: { prefix: pref64, lifetimeS: LIFETIME_S } }),
    })),
  };
}
