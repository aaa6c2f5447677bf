import swagger from "@fastify/swagger";
import { Type } from "@sinclair/typebox";
import type { FastifyInstance } from "fastify";
import { SESSION_COOKIE } from "../portal/cookie.ts";
import { guarded } from "./permission.ts";

/**
 * GET /v1/openapi.json: an OpenAPI 3.1 document of every route, made from the very schemas that requests and answers are
 * checked with. `x-permission` is the scope that a token needs. To be called before any other route is added.
 */
export async function describeApi(server: FastifyInstance): Promise<void> {
  await server.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: {
        title: "vSIX controller",
        description: "Errors are {error: {code, message}}; codes are stable, messages are for people.",
        version: "1",
        license: { name: "Apache-2.0", identifier: "Apache-2.0" },
      },
      components: {
        securitySchemes: {
          token: { type: "http", scheme: "bearer", description: "An API token (vsixctl token create)" },
          session: {
            type: "apiKey",
            in: "cookie",
            name: SESSION_COOKIE,
            description:
              "Of a browser that signed in, where browsers come; what writes wants Origin or Sec-Fetch-Site",
          },
        },
      },
    },
  });
}

/** To be called with the other routes. */
export function routeOpenapi(server: FastifyInstance): void {
  server.get(
    "/v1/openapi.json",
    guarded("read", "This document", { response: { 200: Type.Unknown() } }),
    () => server.swagger(),
  );
}
