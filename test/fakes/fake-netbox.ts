import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import {
  containsPrefix,
  formatPrefix,
  overlaps,
  type Prefix,
  parsePrefix,
  prefixOf,
  subnet,
} from "@vsix/shared/net/prefix.ts";
import { signatureOf } from "../../controller/src/netbox/webhook.ts";

/**
 * A stand-in for NetBox, which is not here: a Django application with PostgreSQL and Redis. What it does is what NetBox 4.2's
 * own source says (netbox/ipam/api/views.py, serializers_/ip.py, netbox/api/pagination.py, extras/webhooks.py), as far as the
 * controller uses it:
 *
 * - `Authorization: Token …`; without a good one 403 {detail}.
 * - Lists are {count, next, previous, results}; 50 a page, 1000 at most (here: `maxPage`), `next` is a whole URL.
 * - prefixes: filters `within_include`, `family`; POST takes an object or a list, 201; PATCH 200; DELETE 204; a prefix that is
 *   there already is 400 {prefix: [...]} (ENFORCE_GLOBAL_UNIQUE, on by default); unknown related objects are 400.
 * - status in answers is {value, label}, in what is written the value; `scope` is read-only, written as scope_type and scope_id;
 *   tags are written by slug, and must be there.
 * - available-prefixes: GET is what is free, largest blocks; POST {prefix_length} or a list is first fit, all of the list or
 *   nothing, 201; 409 {detail} where there is no room; containers do not take addresses, other prefixes do.
 * - Webhooks: POST of {event, timestamp, object_type, data, …}, X-Hook-Signature is HMAC-SHA512 of the body, lower-case hex.
 *
 * Not here: VRFs, IPv4, other filters, permissions, custom fields, bulk PATCH and DELETE, change log.
 */
export class FakeNetbox implements AsyncDisposable {
  readonly token = "0123456789abcdef0123456789abcdef01234567";
  readonly prefixes = new Map<number, Row>();
  readonly sites: Named[] = [];
  readonly tenants: Named[] = [];
  readonly roles: Named[] = [];
  readonly tags: Named[] = [];
  /** Requests that were answered, `METHOD path`. */
  readonly asked: string[] = [];
  version = "4.2.3";
  maxPage = 1000;
  /** Answers everything with this instead. */
  broken: { readonly status: number; readonly text: string } | undefined;
  #next = 1;
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(): Promise<FakeNetbox> {
    const server = createServer();
    const fake = new FakeNetbox(server);
    server.on("request", (request, response) => void fake.#serve(request, response));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return fake;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** As a person would enter it. */
  enter(prefix: string, status = "active", description = ""): number {
    return this.#insert({ prefix, status, description }).id;
  }

  addNamed(list: Named[], slug: string): void {
    list.push({ id: this.#next++, name: slug, slug });
  }

  find(prefix: string): Row | undefined {
    return [...this.prefixes.values()].find((row) => row.prefix === prefix);
  }

  /** Sends a webhook as NetBox does; the receiver's status. */
  async fire(url: string, secret: string, row: object, event = "created"): Promise<number> {
    const data = { event, timestamp: "2026-01-01T00:00:00+00:00", object_type: "ipam.prefix", data: row };
    const body = JSON.stringify(data);
    const headers = {
      "content-type": "application/json",
      ...(secret === "" ? {} : { "x-hook-signature": signatureOf(Buffer.from(body), secret) }),
    };
    return (await fetch(url, { method: "POST", headers, body })).status;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const url = new URL(request.url ?? "/", this.url);
    this.asked.push(`${request.method} ${url.pathname}`);
    const send = ({ status, body }: Reply): void => {
      response.writeHead(status, { "content-type": "application/json" });
      response.end(body === undefined ? "" : JSON.stringify(body));
    };
    if (this.broken !== undefined) {
      response.writeHead(this.broken.status, { "content-type": "text/html" });
      response.end(this.broken.text);
      return;
    }
    if (request.headers.authorization !== `Token ${this.token}`)
      return send({ status: 403, body: { detail: "Invalid token" } });
    const text = Buffer.concat(chunks).toString("utf8");
    try {
      send(this.#answer(request.method ?? "GET", url, text === "" ? undefined : JSON.parse(text)));
    } catch (error) {
      if (error instanceof Refusal) return send(error.reply);
      throw error;
    }
  }

  #answer(method: string, url: URL, body: unknown): Reply {
    const path = url.pathname;
    if (path === "/api/status/") return { status: 200, body: { "netbox-version": this.version } };
    const lists = new Map([
      ["/api/dcim/sites/", this.sites],
      ["/api/tenancy/tenants/", this.tenants],
      ["/api/ipam/roles/", this.roles],
      ["/api/extras/tags/", this.tags],
    ]);
    const list = lists.get(path);
    if (list !== undefined && method === "GET") {
      const slug = url.searchParams.get("slug");
      return this.#page(
        url,
        list.filter((one) => slug === null || one.slug === slug),
      );
    }
    if (list !== undefined && method === "POST") {
      const { slug } = body as Named;
      if (list.some((one) => one.slug === slug))
        return { status: 400, body: { slug: ["tag with this slug already exists."] } };
      this.addNamed(list, slug);
      return { status: 201, body: list.at(-1) };
    }
    if (path === "/api/ipam/prefixes/" && method === "GET") return this.#page(url, this.#filtered(url));
    if (path === "/api/ipam/prefixes/" && method === "POST") return this.#createAll(body);
    const [, digits, more] = /^\/api\/ipam\/prefixes\/(\d+)\/(available-prefixes\/)?$/.exec(path) ?? [];
    const row = this.prefixes.get(Number(digits));
    if (row === undefined) return { status: 404, body: { detail: "No Prefix matches the given query." } };
    if (more !== undefined) return method === "GET" ? this.#available(row) : this.#allocate(row, body);
    if (method === "PATCH") {
      const changed = this.#check({ ...this.#written(row), ...(body as Written) }, row.id);
      this.prefixes.set(row.id, { ...changed, id: row.id });
      return { status: 200, body: this.#show({ ...changed, id: row.id }) };
    }
    if (method === "DELETE") {
      this.prefixes.delete(row.id);
      return { status: 204, body: undefined };
    }
    return { status: 200, body: this.#show(row) };
  }

  #page(url: URL, rows: readonly object[]): Reply {
    const asked = Number(url.searchParams.get("limit") ?? 50);
    const limit = asked === 0 ? this.maxPage : Math.min(asked, this.maxPage);
    const offset = Number(url.searchParams.get("offset") ?? 0);
    const next = new URL(url);
    next.searchParams.set("limit", String(limit));
    next.searchParams.set("offset", String(offset + limit));
    const body = {
      count: rows.length,
      next: offset + limit < rows.length ? next.href : null,
      previous: null,
      results: rows.slice(offset, offset + limit),
    };
    return { status: 200, body };
  }

  #filtered(url: URL): readonly object[] {
    const within = parsePrefix(url.searchParams.get("within_include") ?? "::/0");
    const rows = [...this.prefixes.values()].filter(
      ({ prefix }) => within !== undefined && containsPrefix(within, parsed(prefix)),
    );
    rows.sort((a, b) => Buffer.compare(parsed(a.prefix).address, parsed(b.prefix).address));
    return rows.map((row) => this.#show(row));
  }

  #createAll(body: unknown): Reply {
    const rows = (Array.isArray(body) ? body : [body]).map((one) => this.#check(one as Written, undefined));
    const made = rows.map((row) => this.#show(this.#keep(row)));
    return { status: 201, body: Array.isArray(body) ? made : made[0] };
  }

  #available({ prefix }: Row): Reply {
    const blocks = this.#free(parsed(prefix), []);
    return {
      status: 200,
      body: blocks.map((block) => ({ family: 6, prefix: formatPrefix(block), vrf: null })),
    };
  }

  #allocate({ prefix }: Row, body: unknown): Reply {
    const wanted = (Array.isArray(body) ? body : [body]) as (Written & { prefix_length?: unknown })[];
    const taken: Prefix[] = [];
    const rows: Omit<Row, "id">[] = [];
    for (const { prefix_length: length, ...rest } of wanted) {
      if (length === undefined) throw new Refusal(400, [{ prefix_length: "this field can not be missing" }]);
      if (typeof length !== "number")
        throw new Refusal(400, [{ prefix_length: "this field must be int type" }]);
      const block = this.#free(parsed(prefix), taken).find((one) => one.length <= length);
      if (block === undefined)
        throw new Refusal(409, {
          detail: "Insufficient space is available to accommodate the requested prefix size(s)",
        });
      const chosen = prefixOf(block.address, length);
      taken.push(chosen);
      rows.push(this.#check({ ...rest, prefix: formatPrefix(chosen) }, undefined));
    }
    const made = rows.map((row) => this.#show(this.#keep(row)));
    return { status: 201, body: Array.isArray(body) ? made : made[0] };
  }

  /** As netaddr's IPSet does it: the fewest blocks, by address. */
  #free(parent: Prefix, more: readonly Prefix[]): readonly Prefix[] {
    const inside = [...this.prefixes.values()].map(({ prefix }) => parsed(prefix));
    const taken = [
      ...inside.filter((one) => one.length > parent.length && containsPrefix(parent, one)),
      ...more,
    ];
    const walk = (block: Prefix): Prefix[] => {
      const here = taken.filter((one) => overlaps(one, block));
      if (here.length === 0) return [block];
      if (here.some((one) => containsPrefix(one, block))) return [];
      return [0, 1].flatMap((half) => walk(subnet(block, block.length + 1, half)));
    };
    return walk(parent);
  }

  #insert(row: Written): Row {
    return this.#keep(this.#check(row, undefined));
  }

  #keep(row: Omit<Row, "id">): Row {
    const kept = { ...row, id: this.#next++ };
    this.prefixes.set(kept.id, kept);
    return kept;
  }

  #check(written: Written, id: number | undefined): Omit<Row, "id"> {
    const prefix = parsePrefix(written.prefix ?? "");
    if (prefix === undefined) throw new Refusal(400, { prefix: ["Invalid IP prefix"] });
    const text = formatPrefix(prefix);
    if ([...this.prefixes.values()].some((row) => row.prefix === text && row.id !== id))
      throw new Refusal(400, { prefix: [`Duplicate prefix found in global table: ${text}`] });
    const status = written.status ?? "active";
    if (!["container", "active", "reserved", "deprecated"].includes(status))
      throw new Refusal(400, { status: [`"${status}" is not a valid choice.`] });
    const description = written.description ?? "";
    if (description.length > 200)
      throw new Refusal(400, { description: ["Ensure this field has no more than 200 characters."] });
    const related = (list: readonly Named[], wanted: number | null | undefined): number | null => {
      if (wanted == null) return null;
      if (!list.some((one) => one.id === wanted))
        throw new Refusal(400, {
          detail: `Related object not found using the provided numeric ID: ${wanted}`,
        });
      return wanted;
    };
    const site = this.version.startsWith("4.2") ? written.scope_id : written.site;
    const tags = (written.tags ?? []).map(({ slug }) => {
      if (this.tags.some((tag) => tag.slug === slug)) return slug;
      throw new Refusal(400, { tags: ["Related object not found using the provided attributes"] });
    });
    return {
      prefix: text,
      status,
      description,
      site: related(this.sites, site),
      tenant: related(this.tenants, written.tenant),
      role: related(this.roles, written.role),
      tags,
    };
  }

  #written({ prefix, status, description, site, tenant, role, tags }: Row): Written {
    return {
      prefix,
      status,
      description,
      site,
      scope_id: site,
      tenant,
      role,
      tags: tags.map((slug) => ({ slug })),
    };
  }

  #show({ id, prefix, status, description, site, tenant, role, tags }: Row): object {
    const nested = (list: readonly Named[], wanted: number | null) =>
      list.find((one) => one.id === wanted) ?? null;
    const where = this.version.startsWith("4.2")
      ? { scope_type: site === null ? null : "dcim.site", scope_id: site, scope: nested(this.sites, site) }
      : { site: nested(this.sites, site) };
    return {
      id,
      url: `${this.url}/api/ipam/prefixes/${id}/`,
      display: prefix,
      family: { value: 6, label: "IPv6" },
      prefix,
      vrf: null,
      ...where,
      tenant: nested(this.tenants, tenant),
      status: { value: status, label: status },
      role: nested(this.roles, role),
      is_pool: false,
      description,
      tags: this.tags.filter(({ slug }) => tags.includes(slug)),
    };
  }
}

interface Named {
  readonly id: number;
  readonly name: string;
  readonly slug: string;
}

interface Row {
  readonly id: number;
  readonly prefix: string;
  readonly status: string;
  readonly description: string;
  readonly site: number | null;
  readonly tenant: number | null;
  readonly role: number | null;
  readonly tags: readonly string[];
}

interface Written {
  readonly prefix?: string;
  readonly status?: string;
  readonly description?: string;
  readonly site?: number | null;
  readonly scope_id?: number | null;
  readonly tenant?: number | null;
  readonly role?: number | null;
  readonly tags?: readonly { readonly slug: string }[];
}

interface Reply {
  readonly status: number;
  readonly body: unknown;
}

class Refusal extends Error {
  readonly reply: Reply;

  constructor(status: number, body: unknown) {
    super("refused");
    this.reply = { status, body };
  }
}

function parsed(text: string): Prefix {
  const prefix = parsePrefix(text);
  if (prefix === undefined) throw new RangeError(text);
  return prefix;
}
