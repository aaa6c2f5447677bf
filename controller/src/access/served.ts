import type { ServedUser } from "../core/access/place.ts";
import type { Service } from "../core/access/services.ts";
import type { ApplicationTable } from "../store/access/account-schema.ts";
import type { StoreReader } from "../store/reader.ts";
import type { PresharedKeys } from "./preshared.ts";

/** What routers are to serve: an application and the prefixes that it has. */
export interface Served {
  readonly application: ApplicationTable;
  /** RFC 5952 text, in the order of addresses. */
  readonly prefixes: readonly { readonly prefix: string; readonly pool: string }[];
}

/** More numbers than this are asked for by asking for all: SQLite takes so many variables and no more. */
const MOST_NUMBERS = 500;

/**
 * Every application of a service (or of all) that is active, of an active user and an active project or none, with its prefixes;
 * by number. Two queries, however many there are. What is served changes only by transactions that leave an audit record or,
 * for endpoints, a history event.
 */
export async function served(reader: StoreReader, service: Service | "all"): Promise<readonly Served[]> {
  const applications = await reader.accounts.servedApplications(service === "all" ? "all" : { service });
  return join(applications, await reader.addresses.prefixesInUse());
}

/** The same for these numbers only; one that is not served is not among them. */
export async function servedOf(reader: StoreReader, ids: readonly number[]): Promise<readonly Served[]> {
  if (ids.length === 0) return [];
  if (ids.length > MOST_NUMBERS) {
    const wanted = new Set(ids);
    return (await served(reader, "all")).filter(({ application }) => wanted.has(application.id));
  }
  const applications = await reader.accounts.servedApplications({ ids });
  return join(applications, await reader.addresses.prefixesInUse(ids));
}

/** As it is placed at access points. */
export function userOf({ application, prefixes }: Served, preshared: PresharedKeys): ServedUser {
  const { id, service, endpoint } = application;
  return {
    id,
    service,
    prefixes: prefixes.map(({ prefix }) => prefix),
    endpoint,
    publicKey: application.public_key,
    presharedKey: application.public_key === null ? null : preshared(id, application.public_key),
    expiresAt: application.expires_at,
  };
}

function join(
  applications: readonly ApplicationTable[],
  prefixes: readonly {
    readonly prefix: string;
    readonly pool: string;
    readonly application: number | null;
  }[],
): readonly Served[] {
  const byApplication = new Map<number, { prefix: string; pool: string }[]>();
  for (const { prefix, pool, application } of prefixes) {
    if (application === null) continue;
    const own = byApplication.get(application);
    if (own === undefined) byApplication.set(application, [{ prefix, pool }]);
    else own.push({ prefix, pool });
  }
  return applications.map((application) => ({
    application,
    prefixes: byApplication.get(application.id) ?? [],
  }));
}
