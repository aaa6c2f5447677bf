import { isIP } from "node:net";
import type { HealthState, HealthVerdict } from "@vsix/shared/contract/up-health.ts";
import { parseAddress } from "@vsix/shared/net/address.ts";
import { containsAddress, parsePrefix } from "@vsix/shared/net/prefix.ts";
import { isLiving } from "../core/access/applications.ts";
import { nodeHealth } from "../health/view.ts";
import type { Context } from "../operations/context.ts";
import { edgeNow } from "../status/status.ts";
import { ownApplications } from "./account-view.ts";

/** Which way a user's packets go, as far as routers have told. */
export interface OwnPath {
  readonly application: number;
  /** The first router of the point that serves it; BGP leads there. Null: none says so. */
  readonly router: string | null;
  /** Where that router's traffic is wanted, and on which planes packets were seen; empty: nobody has looked. */
  readonly wanted: string | null;
  readonly planes: readonly string[];
  /** How the network feels from the user's own device where it tells, else from the router. Null: neither looks. */
  readonly health: {
    readonly of: "device" | "router";
    readonly at: string;
    readonly stale: boolean;
    readonly state: HealthState;
    readonly verdicts: readonly HealthVerdict[];
  } | null;
}

/** The ways of a user's living applications, by number. */
export async function ownPaths(context: Context, account: string): Promise<readonly OwnPath[]> {
  const { desired, users } = context;
  const fabric = desired.inForce?.fabric;
  const applications = (await ownApplications(context, account)).filter(({ state }) => isLiving(state));
  return applications.map(({ id, node, routers }) => {
    const point = fabric?.services?.access?.find(({ name }) => name === users.book.standing(id)?.point);
    const serves = new Set(routers.filter(({ state }) => state === "served").map((one) => one.router));
    const router = point?.routers.find((one) => serves.has(one)) ?? null;
    const edge = router === null ? undefined : edgeNow(context, router);
    const seen = (edge?.observed ?? []).flatMap(({ inbound, outbound }) => [inbound, outbound]);
    return {
      application: id,
      router,
      wanted: edge === undefined || edge.wanted === "" ? null : edge.wanted,
      planes: [...new Set(seen.filter((plane) => plane !== null))].sort(),
      health: healthOf(context, "device", node) ?? healthOf(context, "router", router) ?? null,
    };
  });
}

function healthOf(
  context: Context,
  of: "device" | "router",
  node: string | null,
): OwnPath["health"] | undefined {
  const told = node === null ? undefined : nodeHealth(context, node);
  if (told === undefined || told.at === null) return undefined;
  const { at, stale, state, verdicts } = told;
  return { of, at, stale, state, verdicts };
}

/** A page that a browser may fetch to see whether it can. */
export interface TriedPage {
  readonly name: string;
  readonly url: string;
  /** translated: it has IPv4 only. */
  readonly kind: "ipv6" | "translated";
}

/** What is seen here of a user's connection, and what his browser can try. */
export interface OwnConnection {
  readonly address: string;
  readonly family: 4 | 6;
  /** It is an address of this network. */
  readonly inNetwork: boolean;
  /** The user's application that it belongs to; null: none. */
  readonly application: { readonly id: number; readonly device: string } | null;
  readonly pages: readonly TriedPage[];
}

export async function ownConnection(context: Context, account: string, from: string): Promise<OwnConnection> {
  const address = from.replace(/^::ffff:(?=[0-9.]+$)/i, "");
  const family = isIP(address) === 4 ? 4 : 6;
  const octets = family === 6 ? parseAddress(address.split("%")[0] ?? "") : undefined;
  const isWithin = (text: string): boolean => {
    const prefix = parsePrefix(text);
    return octets !== undefined && prefix !== undefined && containsAddress(prefix, octets);
  };
  const found =
    octets === undefined
      ? undefined
      : (await ownApplications(context, account)).find(({ prefixes }) => prefixes.some(isWithin));
  return {
    address,
    family,
    inNetwork: (context.desired.inForce?.fabric.prefixes ?? []).some(isWithin),
    application: found === undefined ? null : { id: found.id, device: found.device },
    pages: triedPages(context),
  };
}

/** Pages of section `health` of the fabric that a page of ours may fetch: by HTTPS. */
export function triedPages({ desired }: Pick<Context, "desired">): readonly TriedPage[] {
  const part = desired.inForce?.fabric.health?.part;
  const all = [
    ...(part?.web ?? []).map((site) => ({ ...site, kind: "ipv6" as const })),
    ...(part?.translated ?? []).map((site) => ({ ...site, kind: "translated" as const })),
  ];
  return all.filter(({ url }) => URL.canParse(url) && new URL(url).protocol === "https:");
}
