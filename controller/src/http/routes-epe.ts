import { type Static, Type } from "@sinclair/typebox";
import type { FastifyInstance } from "fastify";
import { EPE_MODES, type EpeMode } from "../core/epe/in-force.ts";
import { epeCourse } from "../epe/course-view.ts";
import { epeProgress } from "../epe/progress.ts";
import { epeDestinations, epeHistory, epeStatus, explainEpe } from "../epe/view.ts";
import type { Context } from "../operations/context.ts";
import { setEpeMode } from "../operations/epe.ts";
import { guarded } from "./permission.ts";
import { actorOf } from "./principal.ts";
import {
  CourseAnswer,
  DestinationsAnswer,
  EpeHistoryAnswer,
  EpeStatusAnswer,
  ExplainAnswer,
} from "./schemas-epe.ts";

const Limit = Type.Integer({ minimum: 1, maximum: 10_000, default: 100 });
const DestinationsQuery = Type.Object({ limit: Limit });
const ExplainQuery = Type.Object({ destination: Type.String({ minLength: 2, maxLength: 64 }) });
const ProgressQuery = Type.Partial(ExplainQuery);
const HistoryQuery = Type.Object({
  limit: Limit,
  destination: Type.Optional(Type.String({ minLength: 2, maxLength: 64 })),
});
const ModeBody = Type.Object(
  {
    mode: Type.Unsafe<EpeMode>(Type.String({ enum: [...EPE_MODES] })),
    note: Type.String({ maxLength: 1024, default: "" }),
    waitMs: Type.Integer({ minimum: 0, maximum: 60_000, default: 10_000 }),
  },
  { additionalProperties: false },
);
/** A value of epe/progress.ts or operations/epe.ts, which have the types; nothing in them is secret. */
const Anything = Type.Unsafe<object>({ type: "object", additionalProperties: true });

/** Egress peer engineering: how it is, why, what it did, and the switch. */
export function routeEpe(server: FastifyInstance, context: Context): void {
  server.get(
    "/v1/epe",
    guarded("read", "Egress peer engineering: mode, peers, what was moved, what is wrong", {
      response: { 200: EpeStatusAnswer },
    }),
    () => epeStatus(context),
  );
  server.get<{ Querystring: Static<typeof DestinationsQuery> }>(
    "/v1/epe/destinations",
    guarded("read", "The newest decision about every destination, what gains most first", {
      querystring: DestinationsQuery,
      response: { 200: DestinationsAnswer },
    }),
    ({ query: { limit } }) => ({ rows: [...epeDestinations(context, limit)] }),
  );
  server.get<{ Querystring: Static<typeof ExplainQuery> }>(
    "/v1/epe/explain",
    guarded("read", "Why a destination leaves as it does: every peer, every figure", {
      querystring: ExplainQuery,
      response: { 200: ExplainAnswer },
    }),
    ({ query: { destination } }) => explainEpe(context, destination),
  );
  server.get<{ Querystring: Static<typeof ExplainQuery> }>(
    "/v1/epe/course",
    guarded(
      "read",
      "What was measured of a destination by every peer, cycle by cycle, as far as it is kept",
      {
        querystring: ExplainQuery,
        response: { 200: CourseAnswer },
      },
    ),
    ({ query: { destination } }) => epeCourse(context, destination),
  );
  server.get<{ Querystring: Static<typeof ProgressQuery> }>(
    "/v1/epe/progress",
    guarded("read", "How far measuring has come, of everything or of one destination", {
      querystring: ProgressQuery,
      response: { 200: Anything },
    }),
    ({ query: { destination } }) => epeProgress(context, destination),
  );
  server.get<{ Querystring: Static<typeof HistoryQuery> }>(
    "/v1/epe/history",
    guarded("read", "What was moved, taken back and found out, newest first", {
      querystring: HistoryQuery,
      response: { 200: EpeHistoryAnswer },
    }),
    async ({ query: { limit, destination } }) => ({
      rows: [...(await epeHistory(context, limit, destination))],
    }),
  );
  server.post<{ Body: Static<typeof ModeBody> }>(
    "/v1/epe/mode",
    guarded("steer", "Switch it: off, observe or enforce; waits until routers have it", {
      body: ModeBody,
      response: { 200: Anything },
    }),
    (request) => setEpeMode(context, { who: actorOf(request), ...request.body }),
  );
}
