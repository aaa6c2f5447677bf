import { type Static, Type } from "@sinclair/typebox";
import type { FastifyInstance } from "fastify";
import { makeClaim, revokeNode } from "../enrol/claims.ts";
import type { Context } from "../operations/context.ts";
import { guarded } from "./permission.ts";
import { actorOf } from "./principal.ts";

const NodeParams = Type.Object({ name: Type.String({ pattern: "^[a-z0-9-]{1,63}$" }) });
type NodeParams = Static<typeof NodeParams>;

const ClaimBody = Type.Object(
  {
    ttlS: Type.Integer({ minimum: 10, maximum: 30 * 86_400, default: 3600 }),
    url: Type.Optional(Type.String({ maxLength: 512, format: "uri", pattern: "^https://" })),
  },
  { additionalProperties: false },
);
const ClaimReply = Type.Object({ node: Type.String(), token: Type.String(), expires: Type.String() });
export type ClaimReply = Static<typeof ClaimReply>;

const RevokeReply = Type.Object({ node: Type.String(), serials: Type.Array(Type.String()) });
export type RevokeReply = Static<typeof RevokeReply>;

const SUMMARY = {
  enrol: "Make a one-time claim with which a node gets its first certificate",
  rekey: "Make a one-time claim with which a node gets a certificate for a new key",
} as const;

/** Who may be a node: claims and revocation. The answer to the first two holds a secret, said once. */
export function routeIdentity(server: FastifyInstance, context: Context): void {
  for (const kind of ["enrol", "rekey"] as const) {
    server.post<{ Params: NodeParams; Body: Static<typeof ClaimBody> }>(
      `/v1/nodes/:name/${kind}`,
      guarded("node", SUMMARY[kind], { params: NodeParams, body: ClaimBody, response: { 200: ClaimReply } }),
      (request) =>
        makeClaim(context, {
          who: actorOf(request),
          node: request.params.name,
          ...request.body,
          kind,
        }),
    );
  }

  server.post<{ Params: NodeParams }>(
    "/v1/nodes/:name/revoke",
    guarded("node", "Make every certificate of a node worth nothing, at once", {
      params: NodeParams,
      response: { 200: RevokeReply },
    }),
    async (request) => {
      const node = request.params.name;
      return { node, serials: [...(await revokeNode(context, actorOf(request), node))] };
    },
  );
}
