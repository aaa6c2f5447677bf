import type { Kind } from "../../core/kind.ts";

/** What the hosts of one link are told. Times are seconds. */
export interface AdvertisementObject {
  readonly interface: string;
  /** At most so long between advertisements (MaxRtrAdvInterval). */
  readonly intervalS: number;
  /** Of a default router; 0: it is none. */
  readonly lifetimeS: number;
  readonly preference: "high" | "medium" | "low";
  /** Octets. */
  readonly mtu: number | undefined;
  readonly prefixes: readonly ToldPrefix[];
  readonly resolvers: readonly string[];
  readonly resolversS: number;
  readonly pref64: string | undefined;
  readonly pref64S: number;
}

export interface ToldPrefix {
  readonly prefix: string;
  readonly onLink: boolean;
  readonly autonomous: boolean;
  readonly preferredS: number;
  readonly validS: number;
}

export const advertisementKind: Kind<AdvertisementObject> = {
  name: "router-advertisement",
  key: ({ interface: name }) => name,
  normalise: (desired) => ({
    ...desired,
    prefixes: [...desired.prefixes].sort((a, b) => (a.prefix < b.prefix ? -1 : 1)),
    // Their order is the order in which hosts ask them.
    resolversS: desired.resolvers.length === 0 ? 0 : desired.resolversS,
    pref64S: desired.pref64 === undefined ? 0 : desired.pref64S,
  }),
  equal: (desired, observed) => contentOf(desired) === contentOf(observed),
  content: contentOf,
  describe: ({ interface: name, lifetimeS, prefixes, mtu, resolvers, pref64 }) =>
    [
      `${name}: ${lifetimeS === 0 ? "no default router" : `default router for ${lifetimeS} s`}`,
      ...prefixes.map(({ prefix }) => prefix),
      ...(mtu === undefined ? [] : [`MTU ${mtu}`]),
      ...(resolvers.length === 0 ? [] : [`resolvers ${resolvers.join(" ")}`]),
      ...(pref64 === undefined ? [] : [`Pref64 ${pref64}`]),
    ].join(", "),
};

function contentOf(object: AdvertisementObject): string {
  const { prefixes, resolvers } = object;
  return JSON.stringify([
    ...[object.intervalS, object.lifetimeS, object.preference, object.mtu ?? null],
    prefixes.map((one) => [one.prefix, one.onLink, one.autonomous, one.preferredS, one.validS]),
    ...[resolvers, object.resolversS, object.pref64 ?? null, object.pref64S],
  ]);
}
