import type { Static } from "@sinclair/typebox";
import type { FastifyInstance } from "fastify";
import type { Context } from "../operations/context.ts";
import { tracesNow } from "../operations/traces.ts";
import { guarded } from "./permission.ts";
import { TracesAnswer, TracesQuery } from "./schemas-path.ts";

/** What is expected of paths, and what was seen of them. */
export function routePaths(server: FastifyInstance, context: Context): void {
  server.get<{ Querystring: Static<typeof TracesQuery> }>(
    "/v1/paths/traces",
    guarded("read", "The newest trace of each source and target", {
      querystring: TracesQuery,
      response: { 200: TracesAnswer },
    }),
    (request) => tracesNow(context, request.query),
  );
}
