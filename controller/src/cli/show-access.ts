import type { AccessEvent, PoolAnswer, PrefixAnswer } from "../http/schemas-address.ts";
import { formatTable } from "./table.ts";

/** Tables about addresses and accounts. */

export function showPools(pools: readonly PoolAnswer[]): string {
  if (pools.length === 0)
    return "there is no pool; `vsixctl pool create NAME --prefix PREFIX --purpose PURPOSE` makes one";
  const rows = pools.map(({ name, prefix, length, purpose, site, strategy, state, utilisation }) => [
    name,
    prefix,
    `/${length}`,
    purpose,
    site ?? "every",
    strategy,
    state,
    utilisation === undefined ? "-" : percent(utilisation.share),
    String(utilisation?.prefixes.active ?? 0),
    String(utilisation?.prefixes.reserved ?? 0),
    String(utilisation?.prefixes.quarantine ?? 0),
    String(utilisation?.prefixes.revoked ?? 0),
  ]);
  const header = "NAME PREFIX GIVES PURPOSE SITE FIT STATE TAKEN ACTIVE RESERVED QUARANTINE REVOKED";
  return formatTable(header.split(" "), rows);
}

export function showPrefixes(prefixes: readonly PrefixAnswer[]): string {
  if (prefixes.length === 0) return "nothing was given out";
  const rows = prefixes.map((one) => [
    one.prefix,
    one.pool,
    one.until === null ? one.state : `${one.state} until ${one.until}`,
    one.user ?? "-",
    one.project ?? "-",
    one.application === null ? "-" : String(one.application),
    one.since,
    one.note,
  ]);
  return formatTable(["PREFIX", "POOL", "STATE", "USER", "PROJECT", "APPLICATION", "SINCE", "NOTE"], rows);
}

export function showEvents(events: readonly AccessEvent[]): string {
  if (events.length === 0) return "nothing happened yet";
  const rows = events.map(({ at, who, kind, subject, what, detail }) => [
    at,
    who,
    kind,
    subject,
    what,
    showDetail(detail),
  ]);
  return formatTable(["AT", "WHO", "OF", "NAME", "WHAT", "DETAIL"], rows);
}

/** Two digits where something is taken but hardly any: 0.0 % would hide it. */
export function percent(share: number): string {
  if (share > 0 && share < 0.0005) return "<0.1 %";
  return `${(share * 100).toFixed(1)} %`;
}

function showDetail(detail: unknown): string {
  if (typeof detail !== "object" || detail === null) return "";
  return Object.entries(detail)
    .filter(([, value]) => value !== null && value !== "")
    .map(([key, value]) => `${key}=${typeof value === "object" ? JSON.stringify(value) : String(value)}`)
    .join(" ");
}
