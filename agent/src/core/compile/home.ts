import type { AdvertisePart } from "@vsix/shared/contract/part-advertise.ts";
import type { HomePart } from "@vsix/shared/contract/part-home.ts";
import { formatAddress, parseAddress } from "@vsix/shared/net/address.ts";
import {
  addressAt,
  containsAddress,
  formatPrefix,
  overlaps,
  parsePrefix,
  subnet,
} from "@vsix/shared/net/prefix.ts";
import type { TunnelObject } from "../../resources/tunnel/model.ts";
import type { EndedPrefix } from "../advertise/telling.ts";
import type { HomeWays } from "../home-ways.ts";
import {
  BGP_METRIC,
  BLACKHOLE_METRIC,
  ENDED_METRIC,
  HOME_PRIORITY,
  TABLE_HOME,
  TABLE_MAIN,
} from "../ownership.ts";
import { tunnelName } from "./access.ts";
import type { DesiredSysctl } from "./sysctls.ts";

/** What a home router's kernel should hold for its tunnels and LANs. */
export interface DesiredHome {
  readonly sysctls: readonly DesiredSysctl[];
  readonly tunnels: readonly TunnelObject[];
  readonly routes: readonly HomeRoute[];
  readonly rules: readonly { readonly priority: number; readonly from: string; readonly table: number }[];
  readonly waiting: ReadonlyMap<string, string>;
}

export interface HomeRoute {
  readonly table: number;
  readonly prefix: string;
  readonly metric: number;
  readonly type: "unicast" | "unreachable";
  readonly interface?: string;
}

export interface HomeFacts {
  /** Address that this machine would send to a tunnel's remote end from; a reason where there is none. */
  readonly localFor: (remote: string) => { readonly address: string } | { readonly reason: string };
  /** Devices behind which hosts are, in the order of this machine's configuration. */
  readonly lans: readonly string[];
  /** Devices that are there and not ours. */
  readonly present: readonly string[];
  /** By {@link endedOf}. */
  readonly ended?: readonly OnLan[];
}

/** A prefix and the LAN whose hosts have addresses in it. */
export type OnLan = Pick<EndedPrefix, "interface" | "prefix">;

const ALL_WELL = { deprecated: new Set<string>(), isDefaultRouter: true };
const LAN_LENGTH = 64;
/** RFC 4861 section 6.2.1, MaxRtrAdvInterval; what has a lifetime outlives two that are lost. */
const INTERVAL_S = 600;
const LIFETIME_S = 3 * INTERVAL_S;

/**
 * Tunnels with the addresses that this machine has now, and a table for each: what has a source out of a tunnel's prefixes leaves by it
 * and by nothing else (RFC 8028 section 3.2, RFC 7084 WPD-5: what is in no LAN is unreachable, and never goes out by the provider's default
 * route).
 */
export function compileHome(
  { tunnels }: HomePart,
  { localFor, lans, present, ended = [] }: HomeFacts,
): DesiredHome {
  const waiting = new Map<string, string>();
  if (lans.length === 0)
    waiting.set("home lan", "this machine's configuration names no device for it (`lan`)");
  for (const name of lans)
    if (!present.includes(name)) waiting.set(`home lan ${name}`, "no such interface on this machine");
  const own = tunnels.flatMap(({ prefixes }) => prefixes.flatMap((text) => parsePrefix(text) ?? []));
  const made: TunnelObject[] = [];
  const routes: HomeRoute[] = [];
  const rules: DesiredHome["rules"][number][] = [];
  const lanRoutes = (table: number): readonly HomeRoute[] =>
    tunnels.flatMap((tunnel) =>
      lanPrefixes(tunnel.prefixes, lans).flatMap(({ name, prefix }) =>
        present.includes(name)
          ? [{ table, prefix, metric: BGP_METRIC, type: "unicast" as const, interface: name }]
          : [],
      ),
    );
  // A host that has it still is told so (core/home-filters.ts), and what is under way to it arrives: whichever of its addresses this router
  // answers from, and whichever tunnel that leads to.
  for (const table of [TABLE_MAIN, ...tunnels.map((_, i) => TABLE_HOME + i)])
    for (const { interface: name, prefix } of ended)
      if (present.includes(name))
        routes.push({ table, prefix, metric: ENDED_METRIC, type: "unicast", interface: name });
  for (const [i, { id, local, remote, mtu, hopLimit, prefixes }] of tunnels.entries()) {
    const table = TABLE_HOME + i;
    const found = local === undefined ? localFor(remote) : { address: local };
    for (const prefix of prefixes) {
      rules.push({ priority: HOME_PRIORITY, from: prefix, table });
      for (const one of [TABLE_MAIN, table])
        routes.push({ table: one, prefix, metric: BLACKHOLE_METRIC, type: "unreachable" });
    }
    routes.push(...lanRoutes(table));
    const through = "address" in found ? parseAddress(found.address) : undefined;
    if (!("address" in found) || through === undefined) {
      waiting.set(
        `tunnel ${tunnelName(id)}`,
        "reason" in found ? found.reason : "it has no address to begin at",
      );
      continue;
    }
    if (own.some((prefix) => containsAddress(prefix, through))) {
      waiting.set(
        `tunnel ${tunnelName(id)}`,
        `${found.address} is an address out of a tunnel, where ${remote} was to be reached without one`,
      );
      continue;
    }
    made.push({ name: tunnelName(id), local: found.address, remote, mtu, hopLimit, up: true });
    routes.push({ table, prefix: "::/0", metric: BGP_METRIC, type: "unicast", interface: tunnelName(id) });
  }
  return {
    // A router takes no router's word for its own default route, unless it is told to (ip-sysctl.rst, accept_ra); before it becomes one, or
    // the route that it has goes.
    sysctls: present
      .filter((name) => !lans.includes(name))
      .map((name) => ({ path: `net/ipv6/conf/${name}/accept_ra`, value: "2" })),
    tunnels: made,
    routes,
    rules,
    waiting,
  };
}

/**
 * What hosts are told on each LAN: a /64 of every tunnel. Where others are better, a tunnel's prefix has no preferred lifetime: it stays valid,
 * and hosts begin nothing new with it.
 */
export function compileHomeLans(
  { tunnels, lan }: HomePart,
  lans: readonly string[],
  { deprecated, isDefaultRouter }: Pick<HomeWays, "deprecated" | "isDefaultRouter"> = ALL_WELL,
): AdvertisePart | undefined {
  if (lans.length === 0 || tunnels.length === 0) return undefined;
  const { mtu, resolvers, pref64, preferredS, validS } = lan;
  return {
    version: 1,
    interfaces: lans.map((name) => {
      const prefixes = tunnels.flatMap((tunnel) =>
        lanPrefixes(tunnel.prefixes, lans)
          .filter((one) => one.name === name)
          .map((one) => ({ ...one, preferredS: deprecated.has(tunnel.id) ? 0 : preferredS })),
      );
      return {
        name,
        addresses: prefixes.map(({ address }) => `${address}/${LAN_LENGTH}`),
        intervalS: INTERVAL_S,
        lifetimeS: isDefaultRouter ? LIFETIME_S : 0,
        preference: "medium" as const,
        ...(mtu === undefined ? {} : { mtu }),
        prefixes: prefixes.map((one) => ({
          ...{ prefix: one.prefix, onLink: true, autonomous: true, preferredS: one.preferredS, validS },
        })),
        ...(resolvers.length === 0
          ? {}
          : { resolvers: { addresses: [...resolvers], lifetimeS: LIFETIME_S } }),
        ...(pref64 === undefined ? {} : { pref64: { prefix: pref64, lifetimeS: LIFETIME_S } }),
      };
    }),
  };
}

/** Of prefixes that are over, those that no tunnel has: what is on another LAN now, or on none, is not. Each once, on one LAN. */
export function endedOf({ tunnels }: HomePart, ended: readonly OnLan[]): readonly OnLan[] {
  const own = tunnels.flatMap(({ prefixes }) => prefixes.flatMap((text) => parsePrefix(text) ?? []));
  const found = new Map<string, OnLan>();
  for (const one of ended) {
    const prefix = parsePrefix(one.prefix);
    if (prefix !== undefined && !own.some((other) => overlaps(other, prefix))) found.set(one.prefix, one);
  }
  return [...found.values()];
}

/** Where each tunnel is asked from: this router's address out of it on the first LAN that is there. */
export function homeSources(
  { tunnels }: HomePart,
  { lans, present }: Pick<HomeFacts, "lans" | "present">,
): ReadonlyMap<string, string> {
  return new Map(
    tunnels.flatMap(({ id, prefixes }) => {
      const found = lanPrefixes(prefixes, lans).find(({ name }) => present.includes(name));
      return found === undefined ? [] : [[id, found.address] as const];
    }),
  );
}

/** The n-th /64 of a tunnel's first prefix for the n-th LAN, as far as there are any. */
function lanPrefixes(
  [first]: readonly string[],
  lans: readonly string[],
): readonly { readonly name: string; readonly prefix: string; readonly address: string }[] {
  const whole = first === undefined ? undefined : parsePrefix(first);
  if (whole === undefined || whole.length > LAN_LENGTH) return [];
  const room = 2 ** Math.min(16, LAN_LENGTH - whole.length);
  return lans.slice(0, room).map((name, n) => {
    const prefix = subnet(whole, LAN_LENGTH, n);
    return { name, prefix: formatPrefix(prefix), address: formatAddress(addressAt(prefix, 1)) };
  });
}
