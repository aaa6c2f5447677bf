import { type Static, Type } from "@sinclair/typebox";
import { formatPrefix } from "@vsix/shared/net/prefix.ts";
import type { FastifyInstance } from "fastify";
import { createPool } from "../access/addresses.ts";
import { viewPool } from "../access/view.ts";
import { showWish } from "../core/access/netbox-forms.ts";
import { DEFAULT_QUARANTINE_S, PURPOSES, type Purpose } from "../core/access/pools.ts";
import { AttemptLimiter } from "../enrol/attempt-limiter.ts";
import { ControllerError } from "../errors.ts";
import { importNetbox } from "../netbox/import.ts";
import { ownWishes } from "../netbox/own-side.ts";
import type { NetboxService } from "../netbox/service.ts";
import { isSigned, SIGNATURE_HEADER } from "../netbox/webhook.ts";
import type { Context } from "../operations/context.ts";
import { guarded } from "./permission.ts";
import { actorOf } from "./principal.ts";
import { Name, Note, PoolAnswer, PrefixText } from "./schemas-address.ts";

/** Values of netbox/sync.ts and netbox/import.ts, which have the types; nothing in them is secret. */
const Anything = Type.Unsafe<object>({ type: "object", additionalProperties: true });
const purposes = Object.keys(PURPOSES);
const PurposeType = Type.Unsafe<Purpose>(Type.String({ enum: purposes }));
const DryRun = Type.Boolean({ default: false });
const Closed = { additionalProperties: false };

const SyncBody = Type.Object({ dryRun: DryRun }, Closed);
const ImportBody = Type.Object(
  { data: Type.Unknown(), purpose: Type.Optional(PurposeType), dryRun: DryRun },
  Closed,
);
const NetboxPoolBody = Type.Object(
  {
    name: Name,
    /** A prefix of NetBox that the pool is to be a part of. */
    container: PrefixText,
    /** Of the pool. */
    prefixLength: Type.Integer({ minimum: 16, maximum: 128 }),
    purpose: PurposeType,
    site: Type.Optional(Name),
    note: Note,
  },
  Closed,
);

/** A file of thousands of prefixes. */
const IMPORT_LIMIT = 32 * 1024 * 1024;
const REFUSALS = { perPrefix: 20, total: 500, windowMs: 60_000 };

/** NetBox: comparing, taking over, handing over, and its webhooks. */
export async function routeNetbox(server: FastifyInstance, context: Context): Promise<void> {
  server.get(
    "/v1/netbox",
    guarded("access", "What came of the newest comparison with NetBox", { response: { 200: Anything } }),
    () => ({ configured: context.netbox !== undefined, ...context.netbox?.sync.status }),
  );

  server.post<{ Body: Static<typeof SyncBody> }>(
    "/v1/netbox/sync",
    guarded("access", "Compare with NetBox now, and bring both sides into line", {
      body: SyncBody,
      response: { 200: Anything },
    }),
    (request) => requireNetbox(context).sync.run(actorOf(request), request.body.dryRun),
  );

  server.get(
    "/v1/netbox/export",
    guarded("access", "Pools and prefixes as NetBox's API shows them", { response: { 200: Anything } }),
    async () => {
      const wishes = await ownWishes(context.store.read);
      const named = (slugs: readonly (string | null)[]) =>
        [...new Set(slugs.flatMap((slug) => slug ?? []))].map((slug) => ({ name: slug, slug }));
      return {
        sites: named(wishes.map(({ site }) => site)),
        tenants: named(wishes.map(({ tenant }) => tenant)),
        roles: named(wishes.map(({ role }) => role)),
        prefixes: wishes.map(showWish),
      };
    },
  );

  server.post<{ Body: Static<typeof ImportBody> }>(
    "/v1/netbox/import",
    {
      ...guarded("access", "Take over containers as pools, and what is in them", {
        body: ImportBody,
        response: { 200: Anything },
      }),
      bodyLimit: IMPORT_LIMIT,
    },
    (request) => importNetbox(context, actorOf(request), request.body),
  );

  server.post<{ Body: Static<typeof NetboxPoolBody> }>(
    "/v1/netbox/pools",
    guarded("access", "Have NetBox choose a free prefix, and make a pool of it", {
      body: NetboxPoolBody,
      response: { 200: PoolAnswer },
    }),
    async (request) => {
      const { container, prefixLength, ...wish } = request.body;
      const { client } = requireNetbox(context).sync;
      const parent = (await client.prefixesWithin(container)).find(
        (one) => one.id !== undefined && one.prefix.length === Number(container.split("/")[1]),
      );
      if (parent?.id === undefined)
        throw new ControllerError("unknown-prefix", `NetBox has no prefix ${container}`);
      const rest = { ...wish, strategy: "first", quarantineS: DEFAULT_QUARANTINE_S } as const;
      await client.ensureTag();
      const made = await client.allocate(parent.id, prefixLength, `pool ${wish.name}`);
      try {
        const prefix = formatPrefix(made.prefix);
        const { pool, utilisation } = await createPool(context, actorOf(request), { ...rest, prefix });
        return viewPool(pool, utilisation);
      } catch (error) {
        // Nothing half-made: what NetBox gave out for nothing goes back.
        if (made.id !== undefined) await client.remove(made.id);
        throw error;
      }
    },
  );

  await server.register(async (scope) => routeWebhook(scope, context));
}

/** In a scope of its own: the signature is over the octets, so this body is not parsed before it was checked. */
function routeWebhook(scope: FastifyInstance, context: Context): void {
  const refusals = new AttemptLimiter(REFUSALS);
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser("*", { parseAs: "buffer" }, (_request, body, done) => done(null, body));
  scope.post<{ Body: Buffer | undefined }>(
    "/v1/netbox/webhook",
    guarded("anybody", "NetBox says that something has changed; signed with the webhook's secret", {
      response: { 202: Type.Object({ accepted: Type.Boolean() }) },
    }),
    async (request, reply) => {
      const { webhookSecret, sync } = requireNetbox(context);
      if (webhookSecret === undefined)
        throw new ControllerError("no-netbox", "no secret for webhooks is configured");
      const from = request.ip ?? "";
      const nowMs = context.clock.monotonicMs();
      if (!refusals.mayTry(from, nowMs))
        throw new ControllerError("too-many-attempts", "too many refused webhooks; try again in a minute");
      const body = request.body ?? Buffer.alloc(0);
      if (!isSigned(body, request.headers[SIGNATURE_HEADER], webhookSecret())) {
        refusals.refused(from, nowMs);
        throw new ControllerError("webhook-refused", "the webhook is not signed with our secret");
      }
      // What it says is not believed: NetBox is asked. So one that is played again does nothing but that.
      sync.soon();
      return reply.code(202).send({ accepted: true });
    },
  );
}

function requireNetbox({ netbox }: Context): NetboxService {
  if (netbox !== undefined) return netbox;
  throw new ControllerError(
    "no-netbox",
    "no NetBox is configured: `netbox` of the controller's configuration",
  );
}
