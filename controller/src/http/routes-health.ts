import { type Static, Type } from "@sinclair/typebox";
import { HealthState } from "@vsix/shared/contract/up-health.ts";
import type { FastifyInstance } from "fastify";
import {
  type HealthOverview,
  healthHistory,
  healthOf,
  healthOverview,
  healthTroubles,
} from "../health/view.ts";
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

const OPEN = { additionalProperties: true };
const share = { looked: Type.Integer(), poor: Type.Integer(), bad: Type.Integer() };
const NumberOrNull = Type.Union([Type.Number(), Type.Null()]);
/** Layers are the names of contract/up-health.ts; a value is sent whole, also where it says more than is written here. */
const OverviewAnswer = Type.Unsafe<HealthOverview>(
  Type.Object(
    {
      intervalS: Type.Number(),
      nodes: Type.Array(
        Type.Object(
          {
            node: Type.String(),
            site: Type.String(),
            at: Type.Union([Type.String(), Type.Null()]),
            stale: Type.Boolean(),
            state: HealthState,
            layers: Type.Record(Type.String(), HealthState),
            verdicts: Type.Array(Type.Object({ state: HealthState, text: Type.String() }, OPEN)),
          },
          OPEN,
        ),
      ),
      sites: Type.Array(
        Type.Object(
          {
            site: Type.String(),
            nodes: Type.Integer(),
            layers: Type.Record(Type.String(), Type.Object(share)),
            us: Type.Record(Type.String(), Type.Number()),
          },
          OPEN,
        ),
      ),
      planes: Type.Array(
        Type.Object({ plane: Type.String(), ...share, us: NumberOrNull, lossPercent: NumberOrNull }, OPEN),
      ),
    },
    OPEN,
  ),
);

/** How the network feels from its nodes. */
export function routeHealth(server: FastifyInstance, context: Context): void {
  server.get(
    "/v1/health",
    guarded("read", "How the network feels from every node that looks; sites and planes side by side", {
      response: { 200: OverviewAnswer },
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
