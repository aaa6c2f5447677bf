import type { FastifyInstance } from "fastify";
import type { Context } from "../operations/context.ts";
import { guarded } from "./permission.ts";
import { actorOf } from "./principal.ts";
import { RaiseAnswer } from "./schemas-trust.ts";

/** Who is obeyed: epochs and keys. */
export function routeTrust(server: FastifyInstance, context: Context): void {
  server.post(
    "/v1/epoch/raise",
    guarded("admin", "Publish what this controller holds over anything newer that nodes hold", {
      response: { 200: RaiseAnswer },
    }),
    (request) => context.lineage.raise(actorOf(request)),
  );
}
