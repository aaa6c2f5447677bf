import { type Static, Type } from "@sinclair/typebox";

/** Answers of routes-trust.ts. */

export const RaiseAnswer = Type.Object({
  epoch: Type.Integer(),
  /** What nodes held that this controller had not made, in words. */
  over: Type.Array(Type.String()),
});
export type RaiseAnswer = Static<typeof RaiseAnswer>;
