import { type Static, Type } from "@sinclair/typebox";
import type { FastifyInstance } from "fastify";
import type { Context } from "../operations/context.ts";
import { pathEvents, pathNow, pathsNow, receiversNow, silencesNow } from "../operations/paths.ts";
import { PathDetail, PathEventView, PathView, ReceiverView, SilenceView } from "../status/path-model.ts";
import { guarded } from "./permission.ts";
import { actorOf } from "./principal.ts";

const Name = Type.String({ pattern: "^[a-z][a-z0-9-]{0,62}$" });
const NameOrAll = Type.String({ pattern: "^([*]|[a-z][a-z0-9-]{0,62})$", description: "* is every one" });
const Note = Type.String({ maxLength: 512, default: "" });

export const PathsAnswer = Type.Object({ paths: Type.Array(PathView), silences: Type.Array(SilenceView) });
export type PathsAnswer = Static<typeof PathsAnswer>;

export const PathEventsAnswer = Type.Object({ events: Type.Array(PathEventView) });
export type PathEventsAnswer = Static<typeof PathEventsAnswer>;

export const ReceiversAnswer = Type.Object({ receivers: Type.Array(ReceiverView) });
export type ReceiversAnswer = Static<typeof ReceiversAnswer>;

export const NotifyTestAnswer = Type.Object({
  results: Type.Array(
    Type.Object({
      name: Type.String(),
      outcome: Type.String({ description: "sent, dropped, or waiting: it did not arrive in time" }),
      code: Type.String(),
    }),
  ),
});
export type NotifyTestAnswer = Static<typeof NotifyTestAnswer>;

const OnePath = Type.Object({ source: Name, target: Name });
const EventsQuery = Type.Object({
  limit: Type.Integer({ minimum: 1, maximum: 1000, default: 50 }),
  source: Type.Optional(Name),
  target: Type.Optional(Name),
});
const AckBody = Type.Object({ source: Name, target: Name, note: Note }, { additionalProperties: false });
const SilenceBody = Type.Object(
  {
    source: NameOrAll,
    target: NameOrAll,
    forS: Type.Integer({ minimum: 10, maximum: 30 * 86_400 }),
    note: Note,
  },
  { additionalProperties: false },
);
const UnsilenceBody = Type.Object({ source: NameOrAll, target: NameOrAll }, { additionalProperties: false });
const TestBody = Type.Object({ receiver: Type.Optional(Type.String({ maxLength: 64 })) });

/** So long a test of the way of alarms is waited for. */
const TEST_WAIT_MS = 15_000;

/** Watched paths, and who is told of them. */
export function routeWatch(server: FastifyInstance, context: Context): void {
  const { paths, notices } = context.watch;

  server.get(
    "/v1/paths",
    guarded("read", "Every watched path: by which planes, as expected or not, since when", {
      response: { 200: PathsAnswer },
    }),
    () => ({ paths: pathsNow(context), silences: silencesNow(context) }),
  );

  server.get<{ Querystring: Static<typeof OnePath> }>(
    "/v1/paths/one",
    guarded("read", "One watched path with its newest trace and what people knew before", {
      querystring: OnePath,
      response: { 200: PathDetail },
    }),
    ({ query: { source, target } }) => pathNow(context, source, target),
  );

  server.get<{ Querystring: Static<typeof EventsQuery> }>(
    "/v1/paths/events",
    guarded("read", "What was seen of paths, newest first", {
      querystring: EventsQuery,
      response: { 200: PathEventsAnswer },
    }),
    async ({ query: { limit, ...of } }) => ({ events: await pathEvents(context, limit, of) }),
  );

  server.post<{ Body: Static<typeof AckBody> }>(
    "/v1/paths/ack",
    guarded(
      "steer",
      "Somebody looks after a path that is wrong: nothing more is told until it is worse or well",
      {
        body: AckBody,
        response: { 200: PathView },
      },
    ),
    async (request) => {
      const { source, target } = request.body;
      await paths.acknowledge({ who: actorOf(request), ...request.body });
      return pathNow(context, source, target);
    },
  );

  server.post<{ Body: Static<typeof SilenceBody> }>(
    "/v1/paths/silence",
    guarded("steer", "Nothing is told of these paths for a while; the log goes on", {
      body: SilenceBody,
      response: { 200: PathsAnswer },
    }),
    async (request) => {
      const { forS, ...body } = request.body;
      await paths.silence({ who: actorOf(request), ...body }, forS * 1000);
      return { paths: pathsNow(context), silences: silencesNow(context) };
    },
  );

  server.post<{ Body: Static<typeof UnsilenceBody> }>(
    "/v1/paths/unsilence",
    guarded("steer", "End a silence: what is different since is told at once", {
      body: UnsilenceBody,
      response: { 200: PathsAnswer },
    }),
    async (request) => {
      await paths.endSilence({ who: actorOf(request), ...request.body });
      return { paths: pathsNow(context), silences: silencesNow(context) };
    },
  );

  server.get(
    "/v1/notify",
    guarded("read", "Who is told, and how that goes", { response: { 200: ReceiversAnswer } }),
    () => ({ receivers: receiversNow(context) }),
  );

  server.post<{ Body: Static<typeof TestBody> }>(
    "/v1/notify/test",
    guarded("steer", "Send a test to every receiver, or to one, and see whether it arrives", {
      body: TestBody,
      response: { 200: NotifyTestAnswer },
    }),
    async (request) => {
      const who = actorOf(request);
      const results = await notices.test(who, request.body.receiver, TEST_WAIT_MS, context.signal);
      return { results: [...results] };
    },
  );
}
