import type { Static } from "@sinclair/typebox";
import type { FastifyInstance } from "fastify";
import type { Context } from "../operations/context.ts";
import { evidenceOf } from "../operations/rollout-evidence.ts";
import { RolloutEvidence, RolloutView } from "../status/rollout-model.ts";
import { guarded } from "./permission.ts";
import { actorOf } from "./principal.ts";
import { LimitQuery } from "./schemas.ts";
import { RolloutBody, RolloutNote, RolloutParams, RolloutsAnswer } from "./schemas-rollout.ts";

type Params = Static<typeof RolloutParams>;
type Note = Static<typeof RolloutNote>;

/** Canary releases. */
export function routeRollouts(server: FastifyInstance, context: Context): void {
  const { rollouts } = context;

  server.get<{ Querystring: Static<typeof LimitQuery> }>(
    "/v1/rollouts",
    guarded("read", "Rollouts, newest first", { querystring: LimitQuery, response: { 200: RolloutsAnswer } }),
    async (request) => ({ rollouts: await rollouts.list(context, request.query.limit) }),
  );

  server.post<{ Body: RolloutBody }>(
    "/v1/rollouts",
    guarded("steer", "Move Edges to another plane step by step, with a judge that can say no", {
      body: RolloutBody,
      response: { 200: RolloutView },
    }),
    (request) => rollouts.create(context, { who: actorOf(request), ...request.body }),
  );

  server.get<{ Params: Params }>(
    "/v1/rollouts/:id",
    guarded("read", "One rollout", { params: RolloutParams, response: { 200: RolloutView } }),
    (request) => rollouts.show(context, request.params.id),
  );

  server.get<{ Params: Params }>(
    "/v1/rollouts/:id/evidence",
    guarded("read", "What moved when, every verdict with its arithmetic, who did what", {
      params: RolloutParams,
      response: { 200: RolloutEvidence },
    }),
    (request) => evidenceOf(context.store.read, request.params.id),
  );

  const acts = [
    ["pause", "Take no further step until it is resumed; the judge goes on, and so does the deadline"],
    ["resume", "Go on after a pause"],
    ["promote", "Take the next step without waiting for the rest of this one"],
    ["abort", "Lead everybody back at once"],
  ] as const;
  for (const [type, summary] of acts) {
    server.post<{ Params: Params; Body: Note }>(
      `/v1/rollouts/:id/${type}`,
      guarded("steer", summary, { params: RolloutParams, body: RolloutNote, response: { 200: RolloutView } }),
      (request) =>
        rollouts.act(context, request.params.id, { type, who: actorOf(request), why: request.body.note }),
    );
  }
}
