import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import Fastify, { type FastifyInstance } from "fastify";
import { pino } from "pino";
import { systemClock } from "../../controller/src/clock.ts";
import { parseConfig } from "../../controller/src/config.ts";
import { Controller } from "../../controller/src/controller.ts";
import { type Permission, requirePermissions } from "../../controller/src/http/permission.ts";
import { addRoutes, buildServer } from "../../controller/src/http/server.ts";
import { SCOPES } from "../../controller/src/tokens/scope.ts";

const LIMITS = {
  tokenPerMinute: 10_000,
  addressPerMinute: 10_000,
  failuresPerMinute: 10_000,
  connections: 10,
  connectionsPerAddress: 10,
  headersMs: 10_000,
};

interface Route {
  readonly method: string;
  readonly url: string;
  readonly permission: Permission | undefined;
}

let directory: string;
let controller: Controller;
let server: FastifyInstance;
/** With every route and Fastify's own compilers, which compile all schemas before it is ready. */
let watched: FastifyInstance;
const routes: Route[] = [];

before(async () => {
  directory = await mkdtemp(join(tmpdir(), "vsix-routes-"));
  const config = parseConfig(
    {
      stateDir: join(directory, "state"),
      socket: join(directory, "c.sock"),
      mqtt: { listen: { host: "127.0.0.1", port: 0 } },
    },
    "test",
  );
  controller = await Controller.start(config, systemClock, pino({ level: "silent" }));
  server = await buildServer(controller.context, { limits: LIMITS, tls: false });
  watched = Fastify({ exposeHeadRoutes: false }) as unknown as FastifyInstance;
  watched.addHook("onRoute", ({ method, url, config }) => {
    for (const one of [method].flat()) routes.push({ method: one, url, permission: config?.permission });
  });
  await addRoutes(watched, controller.context);
});

after(async () => {
  await server.close();
  await watched.close();
  await controller[Symbol.asyncDispose]();
  await rm(directory, { recursive: true, force: true });
});

test("a route that declares no permission keeps the server from starting, and is named", () => {
  const careless = Fastify() as unknown as FastifyInstance;
  requirePermissions(careless);
  assert.throws(() => careless.post("/v1/everything", () => ({})), {
    code: "undeclared-route",
    message: /POST \/v1\/everything declares no permission; .*guarded\(\)/,
  });
});

test("the schemas of every route compile: a controller does that when they are used", async () => {
  await watched.ready();
});

test("every route refuses who has no token, and who has every scope but the one it declares", async () => {
  assert.ok(routes.length >= 17, `${routes.length} routes`);
  const without = new Map<string, string>();
  for (const scope of SCOPES) {
    // Admin allows everything, so it is in no token that lacks something.
    const scopes = SCOPES.filter((one) => one !== scope && one !== "admin");
    const made = await controller.context.tokens.create({
      name: `all-but-${scope}`,
      scopes,
      expiresInS: undefined,
      who: "test",
    });
    without.set(scope, made.text);
  }
  for (const { method, url, permission } of routes) {
    if (permission === "anybody") continue;
    const path = url.replace(/:\w+/g, "x");
    const ask = async (token?: string) => {
      const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
      const answer = await server.inject({ method: method as "GET", url: path, headers });
      const { error } = answer.json<{ error: { code: string } }>();
      return [answer.statusCode, error.code];
    };
    assert.deepEqual(await ask(), [401, "unauthenticated"], `${method} ${url}`);
    assert.deepEqual(await ask(without.get(permission ?? "")), [403, "forbidden"], `${method} ${url}`);
  }
});

test("the manual has every route with its scope, and no other", async () => {
  const manual = await readFile(new URL("../../controller/README.md", import.meta.url), "utf8");
  const written = [...manual.matchAll(/^\| (`(?:GET|POST|PUT|DELETE) .*?) \| (\w+) \|/gm)].flatMap(
    ([, cell = "", scope]) => [...cell.matchAll(/`(.+?)`/g)].map(([, route]) => `${route} ${scope}`),
  );
  const wanted = routes.map(({ method, url, permission }) => `${method} ${url} ${permission}`);
  const missing = wanted.filter((one) => !written.includes(one));
  const gone = written.filter((one) => !wanted.includes(one));
  assert.deepEqual({ missing, gone }, { missing: [], gone: [] }, "controller/README.md, table under Routes");
});

interface Operation {
  readonly summary?: string;
  readonly "x-permission"?: string;
  readonly security?: readonly object[];
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly required?: boolean;
  }[];
  readonly responses: Readonly<Record<string, { readonly description: string; readonly content?: object }>>;
}

test("the OpenAPI document holds every route with its summary, permission and error shape, and is valid as 3.1", async () => {
  const { text } = await controller.context.tokens.create({
    name: "document",
    scopes: ["read"],
    expiresInS: undefined,
    who: "test",
  });
  const answer = await server.inject({
    url: "/v1/openapi.json",
    headers: { authorization: `Bearer ${text}` },
  });
  const document = answer.json<{
    openapi: string;
    info: { title: string; version: string };
    paths: Record<string, Record<string, Operation>>;
    components: { securitySchemes: Record<string, { type: string; scheme: string }> };
  }>();
  assert.equal(document.openapi, "3.1.0");
  assert.ok(document.info.title !== "" && document.info.version !== "");
  assert.deepEqual(Object.keys(document.components.securitySchemes), ["token", "session"]);

  const described = Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
  );
  const wanted = routes.map(({ method, url }) => `${method} ${url.replace(/:(\w+)/g, "{$1}")}`);
  assert.deepEqual(described.sort(), wanted.sort());

  for (const { method, url, permission } of routes) {
    const path = url.replace(/:(\w+)/g, "{$1}");
    const operation = document.paths[path]?.[method.toLowerCase()];
    assert.ok(operation !== undefined, path);
    assert.ok((operation.summary ?? "").length > 5, `${path} has no summary`);
    assert.equal(operation["x-permission"], permission);
    assert.deepEqual(operation.security, permission === "anybody" ? [] : [{ token: [] }, { session: [] }]);
    // OpenAPI 3.1, section 4.8.16: status codes, ranges in capitals, or `default`; each with a description.
    for (const [status, response] of Object.entries(operation.responses)) {
      assert.match(status, /^([1-5]\d\d|[1-5]XX|default)$/, path);
      assert.equal(typeof response.description, "string");
    }
    assert.match(JSON.stringify(operation.responses["4XX"]), /"error":.*"code":.*"message":/, path);
    // Section 4.8.9: every template expression has a required parameter in the path, and the reverse.
    const inPath = (operation.parameters ?? []).filter((one) => one.in === "path");
    assert.deepEqual(
      inPath.map(({ name }) => name).sort(),
      [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort(),
    );
    assert.ok(inPath.every(({ required }) => required === true));
  }
  for (const [, reference] of answer.body.matchAll(/"\$ref":"#\/([^"]+)"/g)) {
    const found = (reference ?? "").split("/").reduce<unknown>((value, key) => {
      return typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined;
    }, document);
    assert.notEqual(found, undefined, reference);
  }
  assert.ok(!answer.body.includes('"nullable"'), "a word of OpenAPI 3.0");
});
