import type { FastifyInstance } from "fastify";
import type { Context } from "../operations/context.ts";
import { listKeys, rotateKey } from "../operations/keys.ts";
import { guarded } from "./permission.ts";
import { actorOf } from "./principal.ts";
import { KeyChange, KeysAnswer, RaiseAnswer, RotateBody, TrialAnswer } from "./schemas-trust.ts";

/** Who is obeyed, and what stays: epochs, keys, trials. */
export function routeTrust(server: FastifyInstance, context: Context): void {
  server.get(
    "/v1/trial",
    guarded("read", "The change that is on trial, or was last", { response: { 200: TrialAnswer } }),
    () => ({ trial: context.trials.progress ?? null }),
  );

  server.post(
    "/v1/epoch/raise",
    guarded("admin", "Publish what this controller holds over anything newer that nodes hold", {
      response: { 200: RaiseAnswer },
    }),
    (request) => context.lineage.raise(actorOf(request)),
  );

  server.get(
    "/v1/keys",
    guarded("read", "The key that signs manifests, how it came to be, and who follows it", {
      response: { 200: KeysAnswer },
    }),
    () => listKeys(context),
  );

  server.post<{ Body: RotateBody }>(
    "/v1/keys/rotate",
    guarded("admin", "Sign manifests with a new key from now on", {
      body: RotateBody,
      response: { 200: KeyChange },
    }),
    (request) => rotateKey(context, actorOf(request), request.body.force),
  );
}
