import type { Static } from "@sinclair/typebox";
import type { FastifyInstance } from "fastify";
import { verifyAudit } from "../audit/verify.ts";
import type { Context } from "../operations/context.ts";
import { guarded } from "./permission.ts";
import { AuditAnswer, AuditListQuery, AuditQuery, AuditVerdictAnswer } from "./schemas.ts";

/** The audit log, and whether it is whole. */
export function routeAudit(server: FastifyInstance, { store, auditHead }: Context): void {
  server.get<{ Querystring: AuditListQuery }>(
    "/v1/audit",
    guarded("audit", "Who changed what, newest first", {
      querystring: AuditListQuery,
      response: { 200: AuditAnswer },
    }),
    async (request) => {
      const { limit, ...of } = request.query;
      const rows = await store.read.audit(limit, of);
      return { audit: rows.map((row) => ({ ...row, detail: JSON.parse(row.detail) as unknown })) };
    },
  );

  server.get<{ Querystring: Static<typeof AuditQuery> }>(
    "/v1/audit/verify",
    guarded("audit", "Whether the audit log is whole, and which record is the first that is not", {
      querystring: AuditQuery,
      response: { 200: AuditVerdictAnswer },
    }),
    async (request) => {
      const [id, hash] = request.query.head?.split(":") ?? [];
      const noted = id === undefined || hash === undefined ? undefined : { id: Number(id), hash };
      return verifyAudit(store.read, await auditHead.read(), noted);
    },
  );
}
