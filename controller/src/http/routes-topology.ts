import type { FastifyInstance } from "fastify";
import type { Context } from "../operations/context.ts";
import { linkLoads, topologyOf } from "../status/topology.ts";
import { LoadsAnswer, Topology } from "../status/topology-model.ts";
import { guarded } from "./permission.ts";

/** The network as it is drawn. */
export function routeTopology(server: FastifyInstance, { desired, fleet }: Context): void {
  server.get(
    "/v1/topology",
    guarded("read", "Sites, planes, nodes and links of the fabric in force", { response: { 200: Topology } }),
    () => topologyOf(desired.inForce),
  );
  server.get(
    "/v1/topology/loads",
    guarded("read", "What goes over every link of which a node tells, and what is lost there", {
      response: { 200: LoadsAnswer },
    }),
    () => ({ links: desired.inForce === undefined ? [] : linkLoads(desired.inForce.fabric, fleet) }),
  );
}
