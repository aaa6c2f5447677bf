import { type Static, Type } from "@sinclair/typebox";
import type { FastifyInstance } from "fastify";
import {
  allocatePrefix,
  changePrefix,
  createPool,
  findPrefix,
  listPools,
  removePool,
  setPoolState,
} from "../access/addresses.ts";
import { historyOf, viewPool, viewPrefix } from "../access/view.ts";
import type { PoolWish } from "../core/access/pools.ts";
import type { Context } from "../operations/context.ts";
import { guarded } from "./permission.ts";
import { actorOf } from "./principal.ts";
import {
  AllocateBody,
  EventsAnswer,
  FindQuery,
  FoundAnswer,
  HistoryQuery,
  PoolAnswer,
  PoolBody,
  PoolParams,
  PoolStateBody,
  PoolsAnswer,
  PrefixAnswer,
  PrefixChangeBody,
  PrefixChangedAnswer,
  PrefixesAnswer,
  PrefixQuery,
} from "./schemas-address.ts";

/** Pools, prefixes, and what happened to them: for operators. */
export function routeAddresses(server: FastifyInstance, context: Context): void {
  server.get(
    "/v1/pools",
    guarded("access", "Every pool and how full it is", { response: { 200: PoolsAnswer } }),
    async () => ({
      pools: (await listPools(context)).map(({ pool, utilisation }) => viewPool(pool, utilisation)),
    }),
  );

  server.post<{ Body: Static<typeof PoolBody> }>(
    "/v1/pools",
    guarded("access", "Make a pool, all of it free", { body: PoolBody, response: { 200: PoolAnswer } }),
    async (request) => {
      const wish: PoolWish = request.body;
      const { pool, utilisation } = await createPool(context, actorOf(request), wish);
      return viewPool(pool, utilisation);
    },
  );

  server.post<{ Params: Static<typeof PoolParams>; Body: Static<typeof PoolStateBody> }>(
    "/v1/pools/:name/state",
    guarded("access", "Open or close a pool; a closed one gives out nothing more", {
      params: PoolParams,
      body: PoolStateBody,
      response: { 200: PoolAnswer },
    }),
    async (request) =>
      viewPool(await setPoolState(context, actorOf(request), request.params.name, request.body.state)),
  );

  server.delete<{ Params: Static<typeof PoolParams> }>(
    "/v1/pools/:name",
    guarded("access", "Remove a pool of which everything is free", {
      params: PoolParams,
      response: { 200: Type.Object({ name: Type.String() }) },
    }),
    async (request) => {
      await removePool(context, actorOf(request), request.params.name);
      return { name: request.params.name };
    },
  );

  server.post<{ Params: Static<typeof PoolParams>; Body: Static<typeof AllocateBody> }>(
    "/v1/pools/:name/prefixes",
    guarded("access", "Give out or reserve a prefix of a pool by hand", {
      params: PoolParams,
      body: AllocateBody,
      response: { 200: PrefixAnswer },
    }),
    async (request) =>
      viewPrefix(
        await allocatePrefix(context, actorOf(request), { pool: request.params.name, ...request.body }),
      ),
  );

  server.get<{ Querystring: Static<typeof PrefixQuery> }>(
    "/v1/prefixes",
    guarded("access", "What is not free, in the order of addresses", {
      querystring: PrefixQuery,
      response: { 200: PrefixesAnswer },
    }),
    async ({ query: { user, ...query } }) => {
      const rows = await context.store.read.addresses.prefixes({
        ...query,
        ...(user === undefined ? {} : { account: user }),
      });
      const last = rows.length < query.limit ? undefined : rows.at(-1);
      return { prefixes: rows.map(viewPrefix), next: last?.start ?? null };
    },
  );

  server.get<{ Querystring: Static<typeof FindQuery> }>(
    "/v1/prefixes/around",
    guarded("access", "Whose an address is", { querystring: FindQuery, response: { 200: FoundAnswer } }),
    async ({ query }) => {
      const { pool, prefix } = await findPrefix(context, query.address);
      return { pool: viewPool(pool), prefix: prefix === undefined ? null : viewPrefix(prefix) };
    },
  );

  server.post<{ Body: Static<typeof PrefixChangeBody> }>(
    "/v1/prefixes/change",
    guarded("access", "Activate, release, revoke or free a prefix that no application has", {
      body: PrefixChangeBody,
      response: { 200: PrefixChangedAnswer },
    }),
    (request) => {
      const { prefix, action, reason } = request.body;
      return changePrefix(context, actorOf(request), prefix, action, reason);
    },
  );

  server.get<{ Querystring: Static<typeof HistoryQuery> }>(
    "/v1/access/history",
    guarded("access", "What happened to pools, prefixes, users, projects and applications, newest first", {
      querystring: HistoryQuery,
      response: { 200: EventsAnswer },
    }),
    async ({ query }) => ({ events: [...(await historyOf(context, query))] }),
  );
}
