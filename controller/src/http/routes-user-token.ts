import type { Static } from "@sinclair/typebox";
import type { FastifyInstance, FastifyReply } from "fastify";
import { requireActive } from "../access/applications.ts";
import { ControllerError } from "../errors.ts";
import type { Context } from "../operations/context.ts";
import type { TokenInfo } from "../tokens/keeper.ts";
import { guarded } from "./permission.ts";
import { accountOf, actorOf } from "./principal.ts";
import { NameParams, OwnTokenParams, UserTokenBody, UserTokenParams } from "./schemas-account.ts";
import { TokenAnswer, TokenMadeAnswer, TokensAnswer } from "./schemas-token.ts";

/** How many tokens of one user may be good at once. */
const MOST_AT_ONCE = 16;

/** Tokens of users: made by themselves or for them, named USER/LABEL, good for what is theirs. */
export function routeUserTokens(server: FastifyInstance, context: Context): void {
  server.get<{ Params: Static<typeof NameParams> }>(
    "/v1/users/:name/tokens",
    guarded("access", "A user's tokens", { params: NameParams, response: { 200: TokensAnswer } }),
    ({ params }) => ({ tokens: tokensOf(context, params.name) }),
  );

  server.post<{ Params: Static<typeof NameParams>; Body: Static<typeof UserTokenBody> }>(
    "/v1/users/:name/tokens",
    guarded("access", "Make a token for a user; its text is told once", {
      params: NameParams,
      body: UserTokenBody,
      response: { 200: TokenMadeAnswer },
    }),
    (request, reply) => make(context, reply, actorOf(request), request.params.name, request.body),
  );

  server.post<{ Params: Static<typeof UserTokenParams> }>(
    "/v1/users/:name/tokens/:label/revoke",
    guarded("access", "Make a user's token good for nothing, at once", {
      params: UserTokenParams,
      response: { 200: TokenAnswer },
    }),
    (request) => revoke(context, actorOf(request), request.params.name, request.params.label),
  );

  server.get(
    "/v1/me/tokens",
    guarded("self", "The asking user's tokens", { response: { 200: TokensAnswer } }),
    (request) => ({ tokens: tokensOf(context, accountOf(request)) }),
  );

  server.post<{ Body: Static<typeof UserTokenBody> }>(
    "/v1/me/tokens",
    guarded("self", "Make a token; its text is told once", {
      body: UserTokenBody,
      response: { 200: TokenMadeAnswer },
    }),
    async (request, reply) => {
      const account = accountOf(request);
      return make(context, reply, actorOf(request), account, request.body);
    },
  );

  server.post<{ Params: Static<typeof OwnTokenParams> }>(
    "/v1/me/tokens/:label/revoke",
    guarded("self", "Make one of the asking user's tokens good for nothing, at once", {
      params: OwnTokenParams,
      response: { 200: TokenAnswer },
    }),
    async (request) => {
      const account = accountOf(request);
      await context.store.transaction((tx) => requireActive(tx, account));
      return revoke(context, actorOf(request), account, request.params.label);
    },
  );
}

function tokensOf({ tokens }: Context, account: string): TokenInfo[] {
  return tokens.list().filter((info) => info.account === account);
}

async function make(
  context: Context,
  reply: FastifyReply,
  who: string,
  account: string,
  { label, expiresInS }: Static<typeof UserTokenBody>,
) {
  const { tokens } = context;
  if (tokensOf(context, account).filter((info) => tokens.isLive(info)).length >= MOST_AT_ONCE)
    throw new ControllerError("too-many-tokens", `${account} has ${MOST_AT_ONCE} tokens: revoke one first`);
  const name = `${account}/${label}`;
  const { text, info } = await tokens.create({ name, scopes: ["self"], expiresInS, who, account });
  void reply.header("cache-control", "no-store");
  return { ...info, token: text };
}

async function revoke({ tokens }: Context, who: string, account: string, label: string): Promise<TokenInfo> {
  return tokens.revoke(`${account}/${label}`, who);
}
