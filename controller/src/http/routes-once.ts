import { type Static, Type } from "@sinclair/typebox";
import type { FastifyInstance } from "fastify";
import { makeOneTimeLink, openOneTimeLink } from "../portal/one-time-links.ts";
import type { Portal } from "../portal/portal.ts";
import { placeOf, sessionOf } from "./browser-session.ts";
import { guarded } from "./permission.ts";

const MOST_SEALED = 32 * 1024;
const Closed = { additionalProperties: false };

const MakeBody = Type.Object(
  {
    /** base64url of 12 octets of nonce and of AES-256-GCM's output; its key stays with whoever has the link. */
    sealed: Type.String({ minLength: 40, maxLength: MOST_SEALED, pattern: "^[A-Za-z0-9_-]+$" }),
    ttlS: Type.Integer({ minimum: 60, maximum: 7 * 86_400, default: 86_400 }),
  },
  Closed,
);
const MadeAnswer = Type.Object({ link: Type.String(), expiresAt: Type.String() });
const OpenBody = Type.Object({ link: Type.String({ maxLength: 64 }) }, Closed);
const OpenedAnswer = Type.Object({ sealed: Type.String() });

/** Links that show something once. Their text is in the body of a request, and in no address. */
export function routeOnce(server: FastifyInstance, portal: Portal): void {
  server.post<{ Body: Static<typeof MakeBody> }>(
    "/v1/portal/once",
    {
      ...guarded("self", "Keep something sealed for who has the link, once; the link is told once", {
        body: MakeBody,
        response: { 200: MadeAnswer },
      }),
      bodyLimit: MOST_SEALED + 1024,
    },
    (request) => makeOneTimeLink(portal, sessionOf(request).account, request.body),
  );

  server.post<{ Body: Static<typeof OpenBody> }>(
    "/v1/portal/once/open",
    {
      ...guarded("anybody", "What a one-time link was made for; it is gone afterwards", {
        body: OpenBody,
        response: { 200: OpenedAnswer },
      }),
      bodyLimit: 1024,
    },
    async (request) => ({ sealed: await openOneTimeLink(portal, request.body.link, placeOf(request)) }),
  );
}
