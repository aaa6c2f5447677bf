import type { Access, TunnelUser } from "@vsix/shared/contract/part-access.ts";

/** What is told in tunnels by DHCPv6, and nothing else: the routes are there whether anybody asks or not. */
export interface DesiredDelegation {
  /** Some address of this node: names the relay to the server. */
  readonly link: string;
  /** Names the server to clients. */
  readonly server: string;
  readonly preferredS: number;
  readonly validS: number;
  readonly resolvers: readonly string[];
  /** Sorted by device. */
  readonly tunnels: readonly DelegatingTunnel[];
}

export interface DelegatingTunnel {
  readonly interface: string;
  /** From 1: the same as long as the tunnel is there. */
  readonly number: number;
  readonly prefixes: readonly string[];
}

/** A longer one holds no network (RFC 4291 section 2.5.1). */
const LONGEST = 64;

/** Undefined where nothing is to be told. */
export function desiredDelegation(
  { frame }: Access,
  users: readonly TunnelUser[],
  link: string | undefined,
  of: { readonly name: (id: string) => string; readonly number: (id: string) => number },
): DesiredDelegation | undefined {
  const { delegation } = frame.tunnels;
  if (delegation === undefined || link === undefined) return undefined;
  const { preferredS, validS, server = link, resolvers = [] } = delegation;
  const tunnels = users
    .map(({ id, prefixes }) => ({
      interface: of.name(id),
      number: of.number(id),
      prefixes: prefixes.filter((prefix) => Number(prefix.split("/")[1] ?? 128) <= LONGEST),
    }))
    .filter(({ prefixes }) => prefixes.length > 0)
    .sort((a, b) => (a.interface < b.interface ? -1 : 1));
  return { link, server, preferredS, validS, resolvers, tunnels };
}
