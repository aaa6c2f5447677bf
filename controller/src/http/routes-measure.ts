import { type Static, Type } from "@sinclair/typebox";
import type { FastifyInstance } from "fastify";
import { distributionsOf, SHARES } from "../evidence/distribution.ts";
import { measurementsOf } from "../evidence/measurements.ts";
import { type Context, requireInForce } from "../operations/context.ts";
import { guarded } from "./permission.ts";

const OrNull = (description: string) => Type.Union([Type.Number(), Type.Null()], { description });

const Row = Type.Object({
  plane: Type.Union([Type.String(), Type.Null()]),
  node: Type.Union([Type.String(), Type.Null()]),
  target: Type.String(),
  address: Type.String(),
  sent: Type.Integer(),
  lost: Type.Integer(),
  unsent: Type.Integer({ description: "Of the lost, those that the node could not send." }),
  late: Type.Integer({ description: "Answers after more than a second; the echoes count as lost." }),
  lossPercent: OrNull("Null where nothing was sent."),
  p50Us: OrNull("Round trip, microseconds."),
  p95Us: OrNull("Round trip, microseconds."),
  jitterUs: OrNull("Mean difference of one round trip to the one before, microseconds."),
  complete: Type.Number({ description: "Share of the echoes that should have been told of, 0 to 1." }),
});

export const MeasureAnswer = Type.Object({
  lastS: Type.Integer(),
  planes: Type.Array(Row),
  routers: Type.Array(Row),
  edges: Type.Array(Row),
});
export type MeasureAnswer = Static<typeof MeasureAnswer>;

const DistributionsAnswer = Type.Object({
  lastS: Type.Integer(),
  shares: Type.Array(Type.Number(), { description: "Of all answers, 0 to 1." }),
  distributions: Type.Array(
    Type.Object({
      plane: Type.String(),
      target: Type.String(),
      sent: Type.Integer(),
      lost: Type.Integer(),
      quantilesUs: Type.Array(Type.Number(), {
        description: "Round trip that the share of the same place does not exceed; empty without answers.",
      }),
    }),
  ),
});

const MeasureQuery = Type.Object({ lastS: Type.Integer({ minimum: 5, maximum: 600, default: 60 }) });

/** A window is told up to two seconds after its beginning, and then it has to come here. */
const SETTLED_MS = 3_000;

/** What planes and Edges were measured to be. */
export function routeMeasure(server: FastifyInstance, { desired, evidence, clock }: Context): void {
  const spanOf = (lastS: number) => {
    const toMs = clock.monotonicMs() - SETTLED_MS;
    return { fromMs: toMs - lastS * 1000, toMs };
  };

  server.get<{ Querystring: Static<typeof MeasureQuery> }>(
    "/v1/measure",
    guarded("read", "Loss and round trips of every plane over the same targets, and of every Edge", {
      querystring: MeasureQuery,
      response: { 200: MeasureAnswer },
    }),
    ({ query: { lastS } }) => {
      const { fabric } = requireInForce(desired.inForce);
      const { planes, routers, edges } = measurementsOf(evidence.quality, fabric, spanOf(lastS));
      return { lastS, planes: [...planes], routers: [...routers], edges: [...edges] };
    },
  );

  server.get<{ Querystring: Static<typeof MeasureQuery> }>(
    "/v1/measure/distributions",
    guarded("read", "How round trips of every plane to the same targets are distributed", {
      querystring: MeasureQuery,
      response: { 200: DistributionsAnswer },
    }),
    ({ query: { lastS } }) => {
      const { fabric } = requireInForce(desired.inForce);
      const found = distributionsOf(evidence.quality, fabric, spanOf(lastS));
      return {
        lastS,
        shares: [...SHARES],
        distributions: found.map((one) => ({ ...one, quantilesUs: [...one.quantilesUs] })),
      };
    },
  );
}
