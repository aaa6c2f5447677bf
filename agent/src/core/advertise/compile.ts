import type { AdvertisePart } from "@vsix/shared/contract/part-advertise.ts";
import type { AdvertisementObject } from "../../resources/router-advertisement/model.ts";
import { canonicalIp6, canonicalPrefix6 } from "../../wire/netlink/ip-text.ts";

/** What each LAN is told. Part `advertise` has been checked (check-advertise.ts). */
export function compileAdvertisements(part: AdvertisePart | undefined): readonly AdvertisementObject[] {
  return (part?.interfaces ?? []).map(
    ({ name, intervalS, lifetimeS, preference, mtu, prefixes, resolvers, pref64 }) => ({
      interface: name,
      intervalS,
      lifetimeS,
      preference,
      mtu,
      prefixes: prefixes.map((one) => ({ ...one, prefix: prefixText(one.prefix) })),
      resolvers: (resolvers?.addresses ?? []).map((text) => canonicalIp6(text) ?? text),
      resolversS: resolvers?.lifetimeS ?? 0,
      pref64: pref64 === undefined ? undefined : prefixText(pref64.prefix),
      pref64S: pref64?.lifetimeS ?? 0,
    }),
  );
}

/** Addresses of this node on its LANs, of those that are there. */
export function lanAddresses(
  part: AdvertisePart | undefined,
  present: (interfaceName: string) => boolean,
): readonly { readonly interface: string; readonly address: string }[] {
  return (part?.interfaces ?? [])
    .filter(({ name }) => present(name))
    .flatMap(({ name, addresses }) => addresses.map((address) => ({ interface: name, address })));
}

function prefixText(text: string): string {
  return canonicalPrefix6(text) ?? text;
}
