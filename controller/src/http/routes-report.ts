import { type Static, Type } from "@sinclair/typebox";
import type { FastifyInstance } from "fastify";
import { DnsLooks } from "../dns/looks.ts";
import { ControllerError } from "../errors.ts";
import type { Context } from "../operations/context.ts";
import { collectReport } from "../report/collect.ts";
import { guarded } from "./permission.ts";
import { actorOf } from "./principal.ts";

const Time = Type.Integer({
  minimum: 0,
  maximum: 9_000_000_000_000,
  description: "Milliseconds since 1970.",
});
const ReportQuery = Type.Object({
  fromMs: Time,
  untilMs: Time,
  event: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
});
/** A value of core/report/model.ts, which has the type. */
const Anything = Type.Unsafe<object>({ type: "object", additionalProperties: true });

/** What happened in a span of time. It names what users asked for most, so it wants the scope `dns` and is audited. */
export function routeReport(server: FastifyInstance, context: Context): void {
  const looks = new DnsLooks();
  server.get<{ Querystring: Static<typeof ReportQuery> }>(
    "/v1/report",
    guarded("dns", "Event report: DNS, incidents, rollouts, egress peers, access", {
      querystring: ReportQuery,
      response: { 200: Anything },
    }),
    async (request) => {
      const { fromMs, untilMs, event } = request.query;
      if (fromMs >= untilMs)
        throw new ControllerError("bad-question", "the time asked about ends before it begins");
      await looks.record(context, actorOf(request), "report", { fromMs, untilMs });
      return collectReport(context, { fromMs, untilMs, event: event ?? null });
    },
  );
}
