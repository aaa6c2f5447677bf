import type { FastifyInstance } from "fastify";
import { isRefusal } from "../metrics/metrics.ts";
import type { Context } from "../operations/context.ts";
import { guarded } from "./permission.ts";

/** GET /metrics, where Prometheus looks for it. */
export function routeMetrics(server: FastifyInstance, context: Context): void {
  server.get(
    "/metrics",
    guarded("read", "Figures in Prometheus' exposition format", {}),
    async (_request, reply) => {
      void reply.type(context.metrics.contentType);
      return context.metrics.expose(context);
    },
  );
}

/** Counts every answer by its declared route: what was asked for could be anything. To be called before the routes. */
export function countAnswers(server: FastifyInstance, { metrics }: Context): void {
  server.addHook("onResponse", async ({ method, routeOptions }, reply) => {
    metrics.answered(method, routeOptions.url ?? "none", reply.statusCode);
  });
  server.addHook("onError", async (_request, _reply, { code }) => {
    if (isRefusal(code)) metrics.refused(code);
  });
}
