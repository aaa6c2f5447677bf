import { type Static, Type } from "@sinclair/typebox";
import type { FastifyInstance } from "fastify";
import { applyFabric, rollback } from "../operations/apply.ts";
import type { Context } from "../operations/context.ts";
import { drain, release, steer, undrain } from "../operations/steer.ts";
import { guarded } from "./permission.ts";
import { actorOf } from "./principal.ts";
import {
  ApplyAnswer,
  DrainBody,
  FabricBody,
  MoveAnswer,
  ReleaseBody,
  RollbackBody,
  SteerBody,
  WaitBody,
} from "./schemas.ts";

const EdgeParams = Type.Object({ edge: Type.String({ maxLength: 64 }) });
const PlaneParams = Type.Object({ plane: Type.String({ maxLength: 64 }) });
type EdgeParams = Static<typeof EdgeParams>;
type PlaneParams = Static<typeof PlaneParams>;

/** Everything that changes something; each leaves an audit record in the transaction that does it. */
export function routeChanges(server: FastifyInstance, context: Context): void {
  server.post<{ Body: FabricBody }>(
    "/v1/fabric",
    guarded("apply", "Check a fabric file, store it as a revision and publish it", {
      body: FabricBody,
      response: { 200: ApplyAnswer },
    }),
    (request) => applyFabric(context, { who: actorOf(request), ...request.body }),
  );

  server.post<{ Body: Static<typeof RollbackBody> }>(
    "/v1/rollback",
    guarded("apply", "Put an earlier revision in force again, as a new one", {
      body: RollbackBody,
      response: { 200: ApplyAnswer },
    }),
    (request) => rollback(context, actorOf(request), request.body.revision, request.body.confirmWithinS),
  );

  server.post<{ Params: EdgeParams; Body: Static<typeof SteerBody> }>(
    "/v1/edges/:edge/steer",
    guarded("steer", "Lead an Edge to a plane", {
      params: EdgeParams,
      body: SteerBody,
      response: { 200: MoveAnswer },
    }),
    (request) => steer(context, { who: actorOf(request), ...request.params, ...request.body }),
  );

  server.post<{ Params: EdgeParams; Body: Static<typeof ReleaseBody> }>(
    "/v1/edges/:edge/release",
    guarded("steer", "Let an Edge go back to the plane it prefers", {
      params: EdgeParams,
      body: ReleaseBody,
      response: { 200: MoveAnswer },
    }),
    (request) => release(context, { who: actorOf(request), ...request.params, ...request.body }),
  );

  server.post<{ Params: PlaneParams; Body: Static<typeof DrainBody> }>(
    "/v1/planes/:plane/drain",
    guarded("steer", "Lead every Edge off a plane", {
      params: PlaneParams,
      body: DrainBody,
      response: { 200: MoveAnswer },
    }),
    (request) => drain(context, { who: actorOf(request), ...request.params, ...request.body }),
  );

  server.post<{ Params: PlaneParams; Body: Static<typeof WaitBody> }>(
    "/v1/planes/:plane/undrain",
    guarded("steer", "Let Edges use a plane again", {
      params: PlaneParams,
      body: WaitBody,
      response: { 200: MoveAnswer },
    }),
    (request) => undrain(context, { who: actorOf(request), ...request.params, ...request.body }),
  );
}
