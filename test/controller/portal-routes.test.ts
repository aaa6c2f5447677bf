import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { FastifyInstance } from "fastify";
import { pino } from "pino";
import { createAccount } from "../../controller/src/access/accounts.ts";
import { systemClock } from "../../controller/src/clock.ts";
import { parseConfig } from "../../controller/src/config.ts";
import { Controller } from "../../controller/src/controller.ts";
import { buildServer } from "../../controller/src/http/server.ts";
import { requirePortal } from "../../controller/src/portal/portal.ts";
import type { PortalRole, SecondFactor } from "../../controller/src/portal/roles.ts";
import { apiStamp } from "../../controller/web/api-document.ts";
import { Browser, ITSELF, ORIGIN } from "./browser.ts";
import { MAY, type Who } from "./portal-may.ts";

const MANY = 1_000_000;
const LIMITS = {
  tokenPerMinute: MANY,
  addressPerMinute: MANY,
  failuresPerMinute: MANY,
  connections: 100,
  connectionsPerAddress: 100,
  headersMs: 10_000,
};

/** Somebody of each kind, with the role and second factor that the session has. */
const PEOPLE: readonly (readonly [Who, PortalRole, SecondFactor])[] = [
  ["user", "user", "none"],
  ["read-only", "read-only", "none"],
  ["operator", "operator", "totp"],
  ["admin", "admin", "totp"],
  ["operator-without", "operator", "none"],
  ["admin-without", "admin", "none"],
];

let directory: string;
let controller: Controller;
let server: FastifyInstance;
let port: number;
const routes: string[] = [];
const secrets = new Map<Who, string>();

before(async () => {
  directory = await mkdtemp(join(tmpdir(), "vsix-portal-"));
  const config = parseConfig(
    {
      stateDir: join(directory, "state"),
      socket: join(directory, "c.sock"),
      mqtt: { listen: { host: "127.0.0.1", port: 0 } },
      portal: { listen: { host: "127.0.0.1", port: 0 }, origin: ORIGIN, tls: "off" },
    },
    "test",
  );
  controller = await Controller.start(config, systemClock, pino({ level: "silent" }));
  const { context } = controller;
  const portal = requirePortal(context);
  server = await buildServer(context, { limits: LIMITS, tls: false, portal });
  // Whoever may come in is stopped where his request would be read: nothing that a route does is wanted here.
  server.addHook("preParsing", async (_request, reply) => reply.code(299).send({ reached: true }));
  await server.listen({ host: "127.0.0.1", port: 0 });
  const { paths } = server.swagger() as { paths: Record<string, Record<string, unknown>> };
  for (const [path, operations] of Object.entries(paths))
    for (const method of Object.keys(operations))
      routes.push(`${method.toUpperCase()} ${path.replace(/\{(\w+)\}/g, ":$1").replace("{*}", "*")}`);
  const address = server.server.address();
  port = typeof address === "object" && address !== null ? address.port : 0;
  for (const [account, role, secondFactor] of PEOPLE) {
    await createAccount(context, "test", { name: account, display: "" });
    await context.store.transaction(async (tx) => {
      await tx.portal.putUser({ account, role, since: "2026-01-01T00:00:00.000Z", set_by: "test" });
      const place = { address: "127.0.0.1", agent: "" };
      const { secret } = await portal.sessions.open(tx, { account, secondFactor, place });
      secrets.set(account, secret);
    });
  }
});

after(async () => {
  await server.close();
  await controller[Symbol.asyncDispose]();
  await rm(directory, { recursive: true, force: true });
});

function as(who: Who | undefined, says: Readonly<Record<string, string>> = ITSELF): Browser {
  const browser = new Browser(port, says);
  if (who !== undefined) browser.cookie = `__Host-vsix-session=${secrets.get(who)}`;
  return browser;
}

function split(route: string): readonly [string, string] {
  const [method = "", path = ""] = route.split(" ");
  return [method, path.replace(/:\w+|[*]/g, "x")];
}

test("the table in portal-may.ts has every route, once, and no other", () => {
  const written = MAY.flatMap(({ routes }) => routes);
  assert.ok(routes.length > 100, `${routes.length} routes`);
  assert.deepEqual([...written].sort(), [...routes].sort());
});

test("every route lets in those roles that the table names, and refuses every other and who has not signed in", async () => {
  for (const { who, routes } of MAY) {
    for (const route of routes) {
      const [method, path] = split(route);
      for (const [person] of PEOPLE) {
        const { status, code } = await as(person).ask(method, path);
        const wanted = who === "anybody" || who.includes(person) ? [299, ""] : [403, "forbidden"];
        assert.deepEqual([status, code], wanted, `${route} as ${person}`);
      }
      const { status, code } = await as(undefined).ask(method, path);
      assert.deepEqual([status, code], who === "anybody" ? [299, ""] : [401, "unauthenticated"], route);
    }
  }
});

test("a link on another site's page may open a page of ours with the whole tab, and nothing else: no frame, no script, no picture", async () => {
  const opens = {
    "sec-fetch-site": "cross-site",
    "sec-fetch-mode": "navigate",
    "sec-fetch-dest": "document",
  };
  const ours = MAY.flatMap(({ routes: all }) => all).filter((route) =>
    /^GET [/](?!v1|nic|metrics)/.test(route),
  );
  assert.ok(ours.length >= 8, ours.join());
  for (const route of ours) {
    const [method, path] = split(route);
    assert.equal((await as(undefined, opens).ask(method, path)).status, 299, route);
    for (const change of [{ "sec-fetch-dest": "iframe" }, { "sec-fetch-mode": "no-cors" }]) {
      const { code } = await as("admin", { ...opens, ...change }).ask(method, path);
      assert.equal(code, "cross-site", `${route} ${JSON.stringify(change)}`);
    }
  }
  for (const path of ["/v1/portal/door", "/v1/me", "/metrics"])
    assert.equal((await as("admin", opens).ask("GET", path)).code, "cross-site", path);
});

test("the types of the web application's client are made of this very API", async () => {
  const file = new URL("../../controller/web/src/gen/api.ts", import.meta.url);
  const [first] = (await readFile(file, "utf8")).split("\n");
  assert.equal(first, `// ${apiStamp(server.swagger())}`, "run `node controller/web/generate.ts`");
});

test("a page of another site gets nothing from any route, with an admin's cookie, whatever it asks", async () => {
  for (const route of routes) {
    const [method, path] = split(route);
    for (const says of [
      { origin: "https://evil.example", "sec-fetch-site": "cross-site" },
      { "sec-fetch-site": "same-site" },
      { origin: "null" },
    ]) {
      const { status, code } = await as("admin", says).ask(method, path);
      assert.deepEqual([status, code], [403, "cross-site"], `${route} ${JSON.stringify(says)}`);
    }
    if (method === "GET") continue;
    const { code } = await as("admin", {}).ask(method, path);
    assert.equal(code, "cross-site", `${route} by a browser that says nothing`);
  }
});

test("where there is no route, who has not signed in is told nothing; an API token is nothing here", async () => {
  assert.equal((await as(undefined).get("/v1/no-such-thing")).code, "unauthenticated");
  const { text } = await controller.context.tokens.create({
    ...{ name: "all", scopes: ["admin"], expiresInS: undefined, who: "test" },
  });
  const bearer = new Browser(port, { ...ITSELF, authorization: `Bearer ${text}` });
  assert.equal((await bearer.get("/v1/status")).code, "unauthenticated");
});

test("every answer carries the headers that browsers obey, refusals and streams too", async () => {
  for (const page of [
    await as("admin").get("/v1/status"),
    await as(undefined).get("/v1/status"),
    await as("user").get("/v1/no-such-thing"),
    await as("admin", {}).post("/v1/keys/rotate"),
  ]) {
    const policy = String(page.headers["content-security-policy"]);
    assert.match(policy, /default-src 'none'/);
    assert.match(policy, /frame-ancestors 'none'/);
    assert.match(policy, /base-uri 'none'/);
    assert.doesNotMatch(policy, /unsafe|https?:|\*/);
    assert.match(String(page.headers["strict-transport-security"]), /^max-age=\d{8}/);
    assert.equal(page.headers["x-content-type-options"], "nosniff");
    assert.equal(page.headers["x-frame-options"], "DENY");
    assert.equal(page.headers["referrer-policy"], "no-referrer");
    assert.equal(page.headers["cache-control"], "no-store");
    assert.equal(page.headers["access-control-allow-origin"], undefined);
  }
});

test("the portal's document has every route of signing in, with who may", async () => {
  const manual = await readFile(new URL("../../controller/PORTAL.md", import.meta.url), "utf8");
  for (const route of routes.filter((one) => one.includes(" /v1/portal/")))
    assert.ok(manual.includes(`\`${route}\``), `controller/PORTAL.md lacks ${route}`);
});
