import { type Static, Type } from "@sinclair/typebox";
import { Counters, Observation, Report } from "@vsix/shared/contract/up.ts";
import { Machine } from "@vsix/shared/contract/up-machine.ts";
import type { FastifyInstance } from "fastify";
import { madeOfRow } from "../desired/stored-fabric.ts";
import { ControllerError } from "../errors.ts";
import { bundleOf } from "../operations/bundle.ts";
import type { Context } from "../operations/context.ts";
import { EdgeStatus, NodeStatus, Status } from "../status/model.ts";
import { edgesNow, nodeNow, nodesNow, statusOf } from "../status/status.ts";
import { decisionsOf } from "./decisions.ts";
import { guarded } from "./permission.ts";
import { LimitQuery, RevisionAnswer, RevisionsAnswer } from "./schemas.ts";
import { sharedAnswer } from "./shared-answer.ts";

const NodeParams = Type.Object({ name: Type.String({ pattern: "^[a-z0-9-]{1,63}$" }) });

const OPEN = { additionalProperties: true };
const NodeAnswer = Type.Object({
  node: NodeStatus,
  parts: Type.Array(
    Type.Object({ name: Type.String(), sha256: Type.String(), generation: Type.Integer() }, OPEN),
  ),
  report: Type.Union([Report, Type.Null()]),
  observation: Type.Union([Observation, Type.Null()]),
  counters: Type.Union([Counters, Type.Null()]),
  machine: Type.Union([Machine, Type.Null()]),
});

const RevisionParams = Type.Object({ revision: Type.Integer({ minimum: 1, maximum: 2 ** 31 }) });

/** Everything that only looks. */
export function routeReads(server: FastifyInstance, context: Context, keepMs: number): void {
  const dependsOn = decisionsOf(context);
  const shared = <T>(value: () => T) => sharedAnswer({ clock: context.clock, value, dependsOn, keepMs });

  server.get(
    "/v1/status",
    guarded("read", "The whole network: wanted and observed", { response: { 200: Status } }),
    shared(() => statusOf(context)),
  );

  server.get(
    "/v1/edges",
    guarded("read", "Where every Edge is wanted and observed", {
      response: { 200: Type.Object({ edges: Type.Array(EdgeStatus) }) },
    }),
    shared(() => ({ edges: edgesNow(context) })),
  );

  server.get(
    "/v1/nodes",
    guarded("read", "Every router that runs our agent", {
      response: { 200: Type.Object({ nodes: Type.Array(NodeStatus) }) },
    }),
    shared(() => ({ nodes: nodesNow(context) })),
  );

  server.get<{ Params: Static<typeof NodeParams> }>(
    "/v1/nodes/:name",
    guarded("read", "One node: its parts, and what it said last", {
      params: NodeParams,
      response: { 200: NodeAnswer },
    }),
    (request) => {
      const { name } = request.params;
      const node = nodeNow(context, name);
      if (node === undefined) {
        const known = nodesNow(context)
          .map((one) => one.name)
          .join(", ");
        throw new ControllerError(
          "unknown-node",
          `there is no node ${JSON.stringify(name)}; nodes: ${known}`,
        );
      }
      const view = context.fleet.node(name);
      const parts = context.desired.inForce?.nodes.get(name)?.parts ?? [];
      return {
        node,
        parts: parts.map(({ bytes: _bytes, ...reference }) => reference),
        report: view.report?.value ?? null,
        observation: view.observation?.value ?? null,
        counters: view.counters?.value ?? null,
        machine: view.machine?.value ?? null,
      };
    },
  );

  server.get<{ Params: Static<typeof NodeParams> }>(
    "/v1/nodes/:name/bundle",
    guarded("node", "What a node needs to start without a controller in reach", { params: NodeParams }),
    (request) => bundleOf(context, request.params.name),
  );

  server.get<{ Querystring: Static<typeof LimitQuery> }>(
    "/v1/revisions",
    guarded("read", "Revisions of the fabric, newest first", {
      querystring: LimitQuery,
      response: { 200: RevisionsAnswer },
    }),
    async (request) => ({
      current: context.desired.inForce?.revision ?? null,
      revisions: (await context.store.read.revisions(request.query.limit)).map((row) => {
        const { made_of: _, ...rest } = row;
        return { ...rest, madeOf: madeOfRow(row) ?? null };
      }),
    }),
  );

  server.get<{ Params: Static<typeof RevisionParams> }>(
    "/v1/revisions/:revision",
    guarded("read", "One revision with its fabric file as it was written", {
      params: RevisionParams,
      response: { 200: RevisionAnswer },
    }),
    async ({ params: { revision } }) => {
      const row = await context.store.read.revision(revision);
      if (row === undefined)
        throw new ControllerError("unknown-revision", `there is no revision ${revision}`);
      const { made_of: _, fabric: text, ...rest } = row;
      return { ...rest, madeOf: madeOfRow(row) ?? null, text };
    },
  );
}
