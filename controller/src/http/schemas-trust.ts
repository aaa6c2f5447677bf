import { type Static, Type } from "@sinclair/typebox";

/** Answers of routes-trust.ts. */

export const RaiseAnswer = Type.Object({
  epoch: Type.Integer(),
  /** What nodes held that this controller had not made, in words. */
  over: Type.Array(Type.String()),
});
export type RaiseAnswer = Static<typeof RaiseAnswer>;

const Node = Type.Object({ name: Type.String(), state: Type.String(), why: Type.String() });

export const TrialAnswer = Type.Object({
  /** The trial that is on, or the last one since the controller's start. */
  trial: Type.Union([
    Type.Object({
      revision: Type.Integer(),
      previous: Type.Integer(),
      withinS: Type.Integer(),
      /** running, confirming, confirmed, taking-back, taken-back. */
      state: Type.String(),
      reason: Type.String(),
      nodes: Type.Array(Node),
      restored: Type.Union([Type.Integer(), Type.Null()]),
    }),
    Type.Null(),
  ]),
});
export type TrialAnswer = Static<typeof TrialAnswer>;
