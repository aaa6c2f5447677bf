import {
  NETBOX_TAG,
  type NetboxPrefix,
  type NetboxWish,
  readNetbox,
  readPrefix,
} from "../core/access/netbox-forms.ts";
import type { NetboxSlugs } from "../core/access/netbox-plan.ts";
import { ControllerError, messageOf } from "../errors.ts";

export interface NetboxOptions {
  /** Of the instance: https://netbox.example.net, with or without a path. */
  readonly url: string;
  readonly token: () => string;
  /** fetch(), or a test's. */
  readonly fetch: typeof fetch;
  readonly timeoutMs: number;
}

/** Of one answer, octets. A thousand prefixes are about 1 MB. */
const MAX_ANSWER = 16 * 1024 * 1024;
const PAGE = 1000;
/** Pages of one list: two million prefixes. */
const MAX_PAGES = 2000;

/** A list and what answers it. */
interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** NetBox's REST API, as far as it is used. Throws ControllerError `netbox`, whose message never holds the token. */
export class NetboxClient {
  readonly #options: NetboxOptions;
  readonly #base: URL;

  constructor(options: NetboxOptions) {
    this.#options = options;
    this.#base = new URL(options.url.endsWith("/") ? options.url : `${options.url}/`);
  }

  /** Every IPv6 prefix at or inside of one. */
  async prefixesWithin(prefix: string): Promise<readonly NetboxPrefix[]> {
    const query = new URLSearchParams({ within_include: prefix, family: "6" });
    const found: NetboxPrefix[] = [];
    for await (const page of this.#pages(`api/ipam/prefixes/?${query}`))
      found.push(...readNetbox(page).prefixes);
    return found;
  }

  /** Slugs of sites, tenants and roles, and the numbers behind them. */
  async slugs(): Promise<NetboxIds> {
    const [sites, tenants, roles] = [
      await this.#idsBySlug("api/dcim/sites/"),
      await this.#idsBySlug("api/tenancy/tenants/"),
      await this.#idsBySlug("api/ipam/roles/"),
    ];
    const { body } = await this.#ask("GET", "api/status/");
    const version = fieldOf(body, "netbox-version");
    const [, major = "4", minor = "2"] =
      /^(\d+)\.(\d+)/.exec(typeof version === "string" ? version : "") ?? [];
    return new NetboxIds(sites, tenants, roles, Number(major) * 100 + Number(minor) >= 402);
  }

  /** Makes our tag where it is not there. */
  async ensureTag(): Promise<void> {
    const found = await this.#idsBySlug(`api/extras/tags/?slug=${NETBOX_TAG}`);
    if (found.has(NETBOX_TAG)) return;
    await this.#expect([201], "POST", "api/extras/tags/", { name: NETBOX_TAG, slug: NETBOX_TAG });
  }

  async create(wish: NetboxWish, ids: NetboxIds): Promise<void> {
    await this.#expect([201], "POST", "api/ipam/prefixes/", ids.write(wish));
  }

  async update(id: number, wish: NetboxWish, ids: NetboxIds): Promise<void> {
    await this.#expect([200], "PATCH", `api/ipam/prefixes/${id}/`, ids.write(wish));
  }

  /** One that is gone already is as good. */
  async remove(id: number): Promise<void> {
    await this.#expect([204, 404], "DELETE", `api/ipam/prefixes/${id}/`);
  }

  /**
   * Has NetBox choose a free prefix inside of one of its own and make it, in one step under its lock. Throws
   * `netbox-exhausted` where there is none (409).
   */
  async allocate(parent: number, length: number, description: string): Promise<NetboxPrefix> {
    const body = { prefix_length: length, status: "container", description, tags: [{ slug: NETBOX_TAG }] };
    const path = `api/ipam/prefixes/${parent}/available-prefixes/`;
    const answer = await this.#expect([201, 409], "POST", path, body);
    if (answer.status === 409)
      throw new ControllerError(
        "netbox-exhausted",
        `NetBox has no free /${length} there: ${detailOf(answer.body)}`,
      );
    const made = readPrefix(Array.isArray(answer.body) ? answer.body[0] : answer.body);
    if (typeof made === "string") throw new ControllerError("netbox", `NetBox made a prefix that ${made}`);
    return made;
  }

  async #idsBySlug(path: string): Promise<ReadonlyMap<string, number>> {
    const ids = new Map<string, number>();
    for await (const page of this.#pages(path)) {
      const results = fieldOf(page, "results");
      for (const one of Array.isArray(results) ? results : []) {
        const [slug, id] = [fieldOf(one, "slug"), fieldOf(one, "id")];
        if (typeof slug === "string" && typeof id === "number") ids.set(slug, id);
      }
    }
    return ids;
  }

  /** Pages by our own counting: where `next` points is not for NetBox to say, for the token goes along. */
  async *#pages(path: string): AsyncGenerator<unknown> {
    for (let page = 0, seen = 0; page < MAX_PAGES; page++) {
      const mark = path.includes("?") ? "&" : "?";
      const { body } = await this.#expect([200], "GET", `${path}${mark}limit=${PAGE}&offset=${seen}`);
      yield body;
      const results = fieldOf(body, "results");
      const length = Array.isArray(results) ? results.length : 0;
      seen += length;
      // An instance may give out smaller pages than were asked for.
      if (length === 0 || fieldOf(body, "next") == null) return;
    }
    throw new ControllerError("netbox", "NetBox's list does not end");
  }

  async #expect(statuses: readonly number[], method: string, path: string, body?: object): Promise<Answer> {
    const answer = await this.#ask(method, path, body);
    if (statuses.includes(answer.status)) return answer;
    const where = `${method} /${path.split("?")[0]}`;
    throw new ControllerError(
      "netbox",
      `NetBox answered ${answer.status} to ${where}: ${detailOf(answer.body)}`,
    );
  }

  async #ask(method: string, path: string, body?: object): Promise<Answer> {
    const { token, timeoutMs } = this.#options;
    try {
      const response = await this.#options.fetch(new URL(path, this.#base), {
        method,
        headers: {
          authorization: `Token ${token()}`,
          accept: "application/json",
          ...(body === undefined ? {} : { "content-type": "application/json" }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        redirect: "error",
        signal: AbortSignal.timeout(timeoutMs),
      });
      const text = await readBounded(response);
      return { status: response.status, body: text === "" ? undefined : parseJson(text) };
    } catch (cause) {
      if (cause instanceof ControllerError) throw cause;
      const inner = cause instanceof Error && cause.cause !== undefined ? `: ${messageOf(cause.cause)}` : "";
      throw new ControllerError("netbox", `NetBox is out of reach: ${messageOf(cause)}${inner}`, { cause });
    }
  }
}

/** What NetBox calls sites, tenants and roles by number. */
export class NetboxIds implements NetboxSlugs {
  readonly sites: ReadonlySet<string>;
  readonly tenants: ReadonlySet<string>;
  readonly roles: ReadonlySet<string>;
  readonly #write: (wish: NetboxWish) => object;

  constructor(
    sites: ReadonlyMap<string, number>,
    tenants: ReadonlyMap<string, number>,
    roles: ReadonlyMap<string, number>,
    scoped: boolean,
  ) {
    this.sites = new Set(sites.keys());
    this.tenants = new Set(tenants.keys());
    this.roles = new Set(roles.keys());
    this.#write = ({ prefix, status, description, site, tenant, role }) => {
      const [siteId, tenantId, roleId] = [
        site && sites.get(site),
        tenant && tenants.get(tenant),
        role && roles.get(role),
      ];
      const where = scoped ? { scope_type: "dcim.site", scope_id: siteId } : { site: siteId };
      return {
        prefix,
        status,
        description,
        tags: [{ slug: NETBOX_TAG }],
        ...(siteId == null ? {} : where),
        ...(tenantId == null ? {} : { tenant: tenantId }),
        ...(roleId == null ? {} : { role: roleId }),
      };
    };
  }

  /** The body that makes or changes a prefix. */
  write(wish: NetboxWish): object {
    return this.#write(wish);
  }
}

async function readBounded(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let octets = 0;
  for await (const chunk of response.body ?? []) {
    octets += chunk.length;
    if (octets > MAX_ANSWER) throw new ControllerError("netbox", "NetBox answers more than is good");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ControllerError("netbox", "NetBox answers something that is no JSON; is the URL right?", {
      cause,
    });
  }
}

/** NetBox says {detail}, or faults by field. */
function detailOf(body: unknown): string {
  const detail = fieldOf(body, "detail") ?? body;
  return (typeof detail === "string" ? detail : (JSON.stringify(detail) ?? "nothing")).slice(0, 300);
}

function fieldOf(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  return Object.getOwnPropertyDescriptor(value, name)?.value;
}
