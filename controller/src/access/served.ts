import type { Service } from "../core/access/services.ts";
import type { ApplicationTable } from "../store/access/account-schema.ts";
import type { StoreReader } from "../store/reader.ts";

/** What routers are to serve: an application and the prefixes that it has. */
export interface Served {
  readonly application: ApplicationTable;
  /** RFC 5952 text, in the order of addresses. */
  readonly prefixes: readonly { readonly prefix: string; readonly pool: string }[];
}

/**
 * Every application of a service that is active, of an active user and an active project or none, with its prefixes; by
 * number. Two queries, however many there are. What is served changes only by transactions that leave an audit record or,
 * for endpoints, a history event.
 */
export async function served(reader: StoreReader, service: Service): Promise<readonly Served[]> {
  const applications = await reader.accounts.servedApplications(service);
  const prefixes = await reader.addresses.prefixesInUse();
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
