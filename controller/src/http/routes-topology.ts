import type { FastifyInstance } from "fastify";
import type { Context } from "../operations/context.ts";
import { linkLoads, topologyOf } from "../status/topology.ts";
import { LoadsAnswer, Topology } from "../status/topology-model.ts";
import { guarded } from "./permission.ts";
import { sharedAnswer } from "./shared-answer.ts";

/** Nodes count every five seconds, milliseconds. */
const KEEP_LOADS_MS = 1000;

/** The network as it is drawn. */
export function routeTopology(
  server: FastifyInstance,
  { desired, fleet, clock }: Context,
  keepMs: number,
): void {
  const dependsOn = (): readonly unknown[] => [desired.inForce];
  server.get(
    "/v1/topology",
    guarded("read", "Sites, planes, nodes and links of the fabric in force", { response: { 200: Topology } }),
    sharedAnswer({
      clock,
      value: () => topologyOf(desired.inForce),
      dependsOn,
      // Of nothing but the fabric.
      keepMs: Number.POSITIVE_INFINITY,
    }),
  );
  server.get(
    "/v1/topology/loads",
    guarded("read", "What goes over every link of which a node tells, and what is lost there", {
      response: { 200: LoadsAnswer },
    }),
    sharedAnswer({
      clock,
      value: () => ({ links: desired.inForce === undefined ? [] : linkLoads(desired.inForce.fabric, fleet) }),
      dependsOn,
      keepMs: keepMs === 0 ? 0 : KEEP_LOADS_MS,
    }),
  );
}
