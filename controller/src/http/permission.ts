import "@fastify/swagger";
import type { FastifyInstance, FastifySchema } from "fastify";
import { ControllerError } from "../errors.ts";
import type { Scope } from "../tokens/scope.ts";
import { ErrorBody } from "./schemas.ts";

/** What a route asks of its caller. `anybody`: it proves its callers itself, or tells nothing worth a proof. */
export type Permission = Scope | "anybody";

declare module "fastify" {
  interface FastifyContextConfig {
    /** Set by `guarded` alone. */
    permission?: Permission;
    /** A page or a file of the web application: the same for everybody, and other sites may link to it. */
    isPage?: boolean;
  }
}

/**
 * Options of a route, and the only way to make them: the permission it needs, a line for the OpenAPI document, its
 * schemas. A route without them keeps the server from starting.
 */
export function guarded<S extends FastifySchema>(permission: Permission, summary: string, schema: S) {
  const { response } = schema;
  return {
    config: { permission },
    schema: {
      ...schema,
      summary,
      "x-permission": permission,
      security: permission === "anybody" ? [] : [{ token: [] }, { session: [] }],
      response: { ...(typeof response === "object" ? response : {}), "4xx": ErrorBody, "5xx": ErrorBody },
    },
  };
}

/** To be called before any route is added. Throws ControllerError `undeclared-route` at the first one not `guarded`. */
export function requirePermissions(server: FastifyInstance): void {
  server.addHook("onRoute", ({ method, url, config }) => {
    if (config?.permission !== undefined) return;
    throw new ControllerError(
      "undeclared-route",
      `${String(method)} ${url} declares no permission; make its options with guarded() of http/permission.ts`,
    );
  });
}
