import { type Static, Type } from "@sinclair/typebox";
import type { FastifyInstance } from "fastify";
import { healthHistory, healthOf, healthOverview, healthTroubles } from "../health/view.ts";
import type { Context } from "../operations/context.ts";
import { guarded } from "./permission.ts";

const NodeParams = Type.Object({ node: Type.String({ pattern: "^[a-z0-9-]{1,63}$" }) });
const HistoryQuery = Type.Object({ limit: Type.Integer({ minimum: 1, maximum: 10_000, default: 50 }) });
const TroublesQuery = Type.Object({
  from: Type.Integer({ minimum: 0, description: "Milliseconds since 1970." }),
  to: Type.Integer({ minimum: 0, description: "Milliseconds since 1970." }),
});
/** Values of health/view.ts, which has the types; nothing in them is secret. */
const Anything = Type.Unsafe<object>({ type: "object", additionalProperties: true });
const Listed = Type.Object({ rows: Type.Array(Anything) });

/** How the network feels from its nodes. */
export function routeHealth(server: FastifyInstance, context: Context): void {
  server.get(
    "/v1/health",
    guarded("read", "How the network feels from every node that looks; sites and planes side by side", {
      response: { 200: Anything },
    }),
    () => healthOverview(context),
  );
  server.get<{ Querystring: Static<typeof TroublesQuery> }>(
    "/v1/health/troubles",
    guarded("read", "Layers that were bad or poor within a time, by site, the worst first", {
      querystring: TroublesQuery,
      response: { 200: Listed },
    }),
    async ({ query: { from, to } }) => ({
      rows: [...(await healthTroubles(context.store, (node) => context.health.siteOf(node), from, to)).worst],
    }),
  );
  server.get<{ Params: Static<typeof NodeParams> }>(
    "/v1/nodes/:node/health",
    guarded("read", "The newest run of one node, check by check", {
      params: NodeParams,
      response: { 200: Anything },
    }),
    ({ params: { node } }) => healthOf(context, node),
  );
  server.get<{ Params: Static<typeof NodeParams>; Querystring: Static<typeof HistoryQuery> }>(
    "/v1/nodes/:node/health/history",
    guarded("read", "Runs of one node, newest first", {
      params: NodeParams,
      querystring: HistoryQuery,
      response: { 200: Listed },
    }),
    async ({ params: { node }, query: { limit } }) => ({
      rows: [...(await healthHistory(context, node, limit))],
    }),
  );
}
