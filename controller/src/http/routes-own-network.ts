import { randomBytes } from "node:crypto";
import { type Static, Type } from "@sinclair/typebox";
import { HealthState, HealthVerdict } from "@vsix/shared/contract/up-health.ts";
import type { FastifyInstance } from "fastify";
import { ownConnection, ownPaths } from "../access/own-paths.ts";
import type { Context } from "../operations/context.ts";
import { guarded } from "./permission.ts";
import { accountOf } from "./principal.ts";
import { maybe } from "./schemas-address.ts";

const words = <T extends string>(list: readonly T[]) => Type.Unsafe<T>(Type.String({ enum: [...list] }));

const PathsAnswer = Type.Object({
  paths: Type.Array(
    Type.Object({
      application: Type.Integer(),
      router: maybe(Type.String()),
      wanted: maybe(Type.String()),
      planes: Type.Array(Type.String()),
      health: maybe(
        Type.Object({
          of: words<"device" | "router">(["device", "router"]),
          at: Type.String(),
          stale: Type.Boolean(),
          state: HealthState,
          verdicts: Type.Array(HealthVerdict),
        }),
      ),
    }),
  ),
});

const ConnectionAnswer = Type.Object({
  address: Type.String(),
  family: Type.Unsafe<4 | 6>(Type.Integer({ enum: [4, 6] })),
  inNetwork: Type.Boolean(),
  application: maybe(Type.Object({ id: Type.Integer(), device: Type.String() })),
  pages: Type.Array(
    Type.Object({
      name: Type.String(),
      url: Type.String(),
      kind: words<"ipv6" | "translated">(["ipv6", "translated"]),
    }),
  ),
});

/** More than fits in the packets that a path of any MTU lets a connection begin with. */
const LOAD_OCTETS = 48 * 1024;
const Filler = Type.Object({ filler: Type.String({ maxLength: 65_536 }) }, { additionalProperties: false });

/** The network as it is for one user: the way that his packets go, and where he comes from now. */
export function routeOwnNetwork(server: FastifyInstance, context: Context): void {
  server.get(
    "/v1/me/paths",
    guarded("self", "Router, plane and health of the way of each of the asking user's applications", {
      response: { 200: PathsAnswer },
    }),
    async (request) => ({
      paths: (await ownPaths(context, accountOf(request))).map((path) => ({
        ...path,
        planes: [...path.planes],
        health: path.health === null ? null : { ...path.health, verdicts: [...path.health.verdicts] },
      })),
    }),
  );

  server.get(
    "/v1/me/connection",
    guarded("self", "Where the request comes from as it is seen here, and pages that a browser can try", {
      response: { 200: ConnectionAnswer },
    }),
    async (request) => {
      const seen = await ownConnection(context, accountOf(request), request.ip);
      return { ...seen, pages: [...seen.pages] };
    },
  );

  server.get(
    "/v1/me/connection/load",
    guarded("self", "So much at once that packets are as large as they get", { response: { 200: Filler } }),
    async () => ({ filler: randomBytes(LOAD_OCTETS).toString("base64") }),
  );

  server.post<{ Body: Static<typeof Filler> }>(
    "/v1/me/connection/load",
    {
      ...guarded("self", "The same the other way; it is counted and forgotten", {
        body: Filler,
        response: { 200: Type.Object({ octets: Type.Integer() }) },
      }),
      bodyLimit: 68 * 1024,
    },
    async ({ body }) => ({ octets: body.filler.length }),
  );
}
