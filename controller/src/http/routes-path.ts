import type { Static } from "@sinclair/typebox";
import type { FastifyInstance } from "fastify";
import type { Context } from "../operations/context.ts";
import { applyExpected, clearExpected, type ExpectedResult, expectedNow } from "../operations/expected.ts";
import { learnPaths } from "../operations/learn.ts";
import { tracesNow } from "../operations/traces.ts";
import { guarded } from "./permission.ts";
import { actorOf } from "./principal.ts";
import {
  ExpectedAnswer,
  ExpectedBody,
  ExpectedFileAnswer,
  LearnAnswer,
  LearnBody,
  TracesAnswer,
  TracesQuery,
} from "./schemas-path.ts";

/** What is expected of paths, and what was seen of them. */
export function routePaths(server: FastifyInstance, context: Context): void {
  server.post<{ Body: ExpectedBody }>(
    "/v1/paths/expected",
    guarded("apply", "Check a file of expected paths, store it, and have it traced and watched", {
      body: ExpectedBody,
      response: { 200: ExpectedAnswer },
    }),
    async (request) => {
      const result = await applyExpected(context, { who: actorOf(request), ...request.body });
      return answerOf(result);
    },
  );

  server.get(
    "/v1/paths/expected",
    guarded("read", "The file of expected paths in force", { response: { 200: ExpectedFileAnswer } }),
    () => {
      const { unfit, ...file } = expectedNow(context);
      return { ...file, unfit: [...unfit] };
    },
  );

  server.delete(
    "/v1/paths/expected",
    guarded("apply", "Expect nothing any more: nothing is traced or watched", {
      response: { 200: ExpectedAnswer },
    }),
    async (request) => answerOf(await clearExpected(context, actorOf(request))),
  );

  server.post<{ Body: LearnBody }>(
    "/v1/paths/learn",
    guarded("apply", "Trace for a moment, and write down what is seen as a first file of expected paths", {
      body: LearnBody,
      response: { 200: LearnAnswer },
    }),
    async (request) => {
      const { missing, ...learned } = await learnPaths(context, { who: actorOf(request), ...request.body });
      return { ...learned, missing: [...missing] };
    },
  );

  server.get<{ Querystring: Static<typeof TracesQuery> }>(
    "/v1/paths/traces",
    guarded("read", "The newest trace of each source and target", {
      querystring: TracesQuery,
      response: { 200: TracesAnswer },
    }),
    (request) => tracesNow(context, request.query),
  );
}

/** The answer's schema speaks of lists that may change. */
function answerOf({ nodes, changed, ...rest }: ExpectedResult): ExpectedAnswer {
  return { ...rest, nodes: [...nodes], changed: [...changed] };
}
