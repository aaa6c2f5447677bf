import { formatPrefix, type Prefix, parsePrefix } from "@vsix/shared/net/prefix.ts";
import { isPurpose, type Purpose } from "./pools.ts";
import type { PrefixState } from "./prefixes.ts";

/** Prefixes as NetBox's REST API writes them (ipam/prefixes), read from whatever somebody sends. */

export const NETBOX_STATUSES = ["container", "active", "reserved", "deprecated"] as const;
export type NetboxStatus = (typeof NETBOX_STATUSES)[number];

/** Marks what we made in NetBox: nothing else is changed or removed there. */
export const NETBOX_TAG = "vsix";
/** NetBox's own limit. */
const MAX_DESCRIPTION = 200;

/** An IPv6 prefix of NetBox, as far as it matters here. */
export interface NetboxPrefix {
  /** Undefined: not of NetBox's own, as in a file written by hand. */
  readonly id: number | undefined;
  readonly prefix: Prefix;
  readonly status: NetboxStatus;
  readonly description: string;
  /** Slugs. */
  readonly site: string | null;
  readonly tenant: string | null;
  readonly role: string | null;
  readonly ours: boolean;
}

/** What a file or an answer holds, and what of it is of no use here. */
export interface NetboxRead {
  readonly prefixes: readonly NetboxPrefix[];
  readonly skipped: readonly { readonly prefix: string; readonly reason: string }[];
}

/**
 * Reads a list of objects, or an answer of the API that holds one in `results`. Never throws: what is no prefix, or one of
 * IPv4, is skipped with a reason.
 */
export function readNetbox(value: unknown): NetboxRead {
  const list = Array.isArray(value) ? value : fieldOf(value, "results");
  if (!Array.isArray(list))
    return { prefixes: [], skipped: [{ prefix: "", reason: "is no list of prefixes" }] };
  const prefixes: NetboxPrefix[] = [];
  const skipped: { prefix: string; reason: string }[] = [];
  for (const one of list) {
    const read = readPrefix(one);
    if (typeof read === "string")
      skipped.push({ prefix: String(fieldOf(one, "prefix") ?? "").slice(0, 64), reason: read });
    else prefixes.push(read);
  }
  return { prefixes, skipped };
}

/** One object, or why it is of no use. */
export function readPrefix(value: unknown): NetboxPrefix | string {
  const text = fieldOf(value, "prefix");
  if (typeof text !== "string") return "has no field `prefix`";
  if (/^[0-9.]+\/[0-9]+$/.test(text)) return "is of IPv4";
  const prefix = parsePrefix(text);
  if (prefix === undefined) return "is no IPv6 prefix";
  const vrf = fieldOf(value, "vrf");
  if (vrf !== undefined && vrf !== null) return "is in a VRF";
  // {value, label} in answers, the value alone in what is written.
  const said = fieldOf(value, "status") ?? "active";
  const word = typeof said === "string" ? said : fieldOf(said, "value");
  const status = NETBOX_STATUSES.find((known) => known === word);
  if (status === undefined)
    return `has the status ${JSON.stringify(word)?.slice(0, 32) ?? "none"}, which is none of NetBox's own`;
  const id = fieldOf(value, "id");
  const description = fieldOf(value, "description");
  const tags = fieldOf(value, "tags");
  // Up to 4.1 a prefix has a site; since 4.2 a scope, of which a site is one kind.
  const scope =
    fieldOf(value, "scope_type") === "dcim.site" ? fieldOf(value, "scope") : fieldOf(value, "site");
  return {
    id: typeof id === "number" && Number.isSafeInteger(id) ? id : undefined,
    prefix,
    status,
    description: typeof description === "string" ? harmless(description) : "",
    site: slugOf(scope),
    tenant: slugOf(fieldOf(value, "tenant")),
    role: slugOf(fieldOf(value, "role")),
    ours: Array.isArray(tags) && tags.some((tag) => slugOf(tag) === NETBOX_TAG),
  };
}

/** What NetBox is told of one of our pools or prefixes. */
export interface NetboxWish {
  readonly prefix: string;
  readonly status: NetboxStatus;
  readonly description: string;
  readonly site: string | null;
  readonly tenant: string | null;
  readonly role: string | null;
}

export interface OwnPool {
  readonly name: string;
  readonly prefix: string;
  readonly purpose: Purpose;
  readonly site: string | null;
  readonly note: string;
}

export interface OwnPrefix {
  readonly prefix: string;
  readonly pool: string;
  readonly state: PrefixState;
  readonly account: string | null;
  readonly project: string | null;
  readonly application: number | null;
  readonly note: string;
}

/** A pool is a container: people see that what is in it is given out here. */
export function wishOfPool({ name, prefix, purpose, site, note }: OwnPool): NetboxWish {
  const description = shorten(`pool ${name}${note === "" ? "" : `: ${note}`}`);
  return { prefix, status: "container", description, site, tenant: null, role: purpose };
}

/** In quarantine or revoked: nobody has it, nobody gets it. NetBox calls that deprecated. */
export function wishOfPrefix(row: OwnPrefix, pool: OwnPool): NetboxWish {
  const status = row.state === "active" || row.state === "reserved" ? row.state : "deprecated";
  const whose = [row.account, row.note === "" ? null : row.note].filter((part) => part !== null).join(" ");
  const application = row.application === null ? "" : ` (application ${row.application})`;
  const description = shorten(`${whose}${application}`.trim());
  return {
    prefix: row.prefix,
    status,
    description,
    site: pool.site,
    tenant: row.project,
    role: pool.purpose,
  };
}

/** One of ours as an answer of NetBox's API shows it, for a file that NetBox's importers and ours read. */
export function showWish({ prefix, status, description, site, tenant, role }: NetboxWish): object {
  const nested = (slug: string | null) => (slug === null ? null : { name: slug, slug });
  return {
    prefix,
    status: { value: status, label: status[0]?.toUpperCase() + status.slice(1) },
    scope_type: site === null ? null : "dcim.site",
    scope: nested(site),
    tenant: nested(tenant),
    role: nested(role),
    is_pool: false,
    description,
    tags: [{ name: NETBOX_TAG, slug: NETBOX_TAG }],
  };
}

/** The purpose that a role's slug stands for. */
export function purposeOfRole(role: string | null): Purpose {
  return role !== null && isPurpose(role) ? role : "other";
}

export function keyOf(prefix: Prefix): string {
  return formatPrefix(prefix);
}

/** People type it; nothing in it shall move the cursor of whoever reads it here. */
function harmless(text: string): string {
  return text.replace(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, " ").slice(0, MAX_DESCRIPTION);
}

function shorten(text: string): string {
  return text.length <= MAX_DESCRIPTION ? text : `${text.slice(0, MAX_DESCRIPTION - 1)}…`;
}

function slugOf(value: unknown): string | null {
  const slug = fieldOf(value, "slug");
  return typeof slug === "string" && /^[a-z0-9][a-z0-9._-]{0,62}$/.test(slug) ? slug : null;
}

function fieldOf(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  return Object.getOwnPropertyDescriptor(value, name)?.value;
}
