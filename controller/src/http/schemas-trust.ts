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

export const KeyChange = Type.Object({ from: Type.String(), to: Type.String(), at: Type.String() });
export type KeyChange = Static<typeof KeyChange>;

export const KeysAnswer = Type.Object({
  /** Id of the key that signs. */
  current: Type.String(),
  /** Oldest first. */
  changes: Type.Array(KeyChange),
  /** `follows`: yes, no (not heard of it yet), cannot (agent too old), unknown (not heard). */
  nodes: Type.Array(Type.Object({ node: Type.String(), follows: Type.String() })),
});
export type KeysAnswer = Static<typeof KeysAnswer>;

export const RotateBody = Type.Object(
  { force: Type.Boolean({ default: false }) },
  { additionalProperties: false },
);
export type RotateBody = Static<typeof RotateBody>;
