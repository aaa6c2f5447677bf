import { Type } from "@sinclair/typebox";
import { ScopeType } from "../tokens/scope.ts";

/** Bodies and answers about API tokens. */

const MaybeTime = Type.Union([Type.String(), Type.Null()]);

export const TokenBody = Type.Object(
  {
    /** Stands in the audit log; never used again, even after revocation. */
    name: Type.String({ pattern: "^[a-z0-9][a-z0-9._-]{0,62}$" }),
    scopes: Type.Array(ScopeType, { minItems: 1, maxItems: 16 }),
    /** Seconds; at most ten years. Without it, the token does not expire. */
    expiresInS: Type.Optional(Type.Integer({ minimum: 1, maximum: 315_360_000 })),
  },
  { additionalProperties: false },
);

const info = {
  name: Type.String(),
  scopes: Type.Array(ScopeType),
  createdAt: Type.String(),
  createdBy: Type.String(),
  expiresAt: MaybeTime,
  revokedAt: MaybeTime,
  lastUsedAt: MaybeTime,
  account: Type.Union([Type.String(), Type.Null()], {
    description: "The user whose token it is; null: an operator's",
  }),
};

export const TokenAnswer = Type.Object(info);
export const TokenMadeAnswer = Type.Object({ ...info, token: Type.String() });
export const TokensAnswer = Type.Object({ tokens: Type.Array(TokenAnswer) });
