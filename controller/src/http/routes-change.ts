import { type Static, Type } from "@sinclair/typebox";
import type { FastifyInstance } from "fastify";
import { applyFabric, rollback } from "../operations/apply.ts";
import type { Context } from "../operations/context.ts";
import { drain, release, steer, undrain } from "../operations/steer.ts";
import { actorOf } from "./actor.ts";
import {
  ApplyAnswer,
  DrainBody,
  FabricBody,
  MoveAnswer,
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
    { schema: { body: FabricBody, response: { 200: ApplyAnswer } } },
    (request) => applyFabric(context, { who: actorOf(request), ...request.body }),
  );

  server.post<{ Body: Static<typeof RollbackBody> }>(
    "/v1/rollback",
    { schema: { body: RollbackBody, response: { 200: ApplyAnswer } } },
    (request) => rollback(context, actorOf(request), request.body.revision),
  );

  server.post<{ Params: EdgeParams; Body: Static<typeof SteerBody> }>(
    "/v1/edges/:edge/steer",
    { schema: { params: EdgeParams, body: SteerBody, response: { 200: MoveAnswer } } },
    (request) => steer(context, { who: actorOf(request), ...request.params, ...request.body }),
  );

  server.post<{ Params: EdgeParams; Body: Static<typeof WaitBody> }>(
    "/v1/edges/:edge/release",
    { schema: { params: EdgeParams, body: WaitBody, response: { 200: MoveAnswer } } },
    (request) => release(context, { who: actorOf(request), ...request.params, ...request.body }),
  );

  server.post<{ Params: PlaneParams; Body: Static<typeof DrainBody> }>(
    "/v1/planes/:plane/drain",
    { schema: { params: PlaneParams, body: DrainBody, response: { 200: MoveAnswer } } },
    (request) => drain(context, { who: actorOf(request), ...request.params, ...request.body }),
  );

  server.post<{ Params: PlaneParams; Body: Static<typeof WaitBody> }>(
    "/v1/planes/:plane/undrain",
    { schema: { params: PlaneParams, body: WaitBody, response: { 200: MoveAnswer } } },
    (request) => undrain(context, { who: actorOf(request), ...request.params, ...request.body }),
  );
}
