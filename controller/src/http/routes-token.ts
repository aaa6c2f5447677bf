import { type Static, Type } from "@sinclair/typebox";
import type { FastifyInstance } from "fastify";
import type { Context } from "../operations/context.ts";
import { guarded } from "./permission.ts";
import { actorOf } from "./principal.ts";
import { TokenAnswer, TokenBody, TokenMadeAnswer, TokensAnswer } from "./schemas-token.ts";

const TokenParams = Type.Object({ name: Type.String({ maxLength: 127 }) });

/** API tokens. The text of one is told once, to who made it. */
export function routeTokens(server: FastifyInstance, { tokens }: Context): void {
  server.get(
    "/v1/tokens",
    guarded("admin", "Every token, without its text", { response: { 200: TokensAnswer } }),
    () => ({ tokens: tokens.list() }),
  );

  server.post<{ Body: Static<typeof TokenBody> }>(
    "/v1/tokens",
    guarded("admin", "Make a token; its text is in the answer and nowhere else", {
      body: TokenBody,
      response: { 200: TokenMadeAnswer },
    }),
    async (request, reply) => {
      const { name, scopes, expiresInS } = request.body;
      const { text, info } = await tokens.create({ name, scopes, expiresInS, who: actorOf(request) });
      void reply.header("cache-control", "no-store");
      return { ...info, token: text };
    },
  );

  server.post<{ Params: Static<typeof TokenParams> }>(
    "/v1/tokens/:name/revoke",
    guarded("admin", "Make a token good for nothing, at once", {
      params: TokenParams,
      response: { 200: TokenAnswer },
    }),
    (request) => tokens.revoke(request.params.name, actorOf(request)),
  );
}
