import { type Static, Type } from "@sinclair/typebox";
import { PORTAL_ROLES, type PortalRole, SECOND_FACTORS, type SecondFactor } from "../portal/roles.ts";
import { ScopeType } from "../tokens/scope.ts";
import { maybe, Name } from "./schemas-address.ts";

/** Bodies and answers of signing in. */

const words = <T extends string>(list: readonly T[]) => Type.Unsafe<T>(Type.String({ enum: [...list] }));
const Closed = { additionalProperties: false };

/** What is too long to be one is refused before anything is worked out. */
const Password = Type.String({ maxLength: 512 });
const Code = Type.String({ minLength: 6, maxLength: 32 });

export const SignInBody = Type.Object({ user: Name, password: Password, code: Type.Optional(Code) }, Closed);
export const AcceptBody = Type.Object(
  { invitation: Type.String({ maxLength: 64 }), password: Password },
  Closed,
);
export const PasswordBody = Type.Object({ current: Password, password: Password }, Closed);
export const BeginBody = Type.Object({ password: Password }, Closed);
export const ConfirmBody = Type.Object({ code: Code }, Closed);
export const RemoveBody = Type.Object({ password: Password, code: Code }, Closed);
export const SessionParams = Type.Object({ id: Type.String({ pattern: "^[0-9a-f]{24}$" }) });

/** Who is signed in, and what he may: pages show what is allowed, the controller decides. */
export const SessionAnswer = Type.Object({
  id: Type.String(),
  user: Type.String(),
  role: words<PortalRole>(PORTAL_ROLES),
  secondFactor: words<SecondFactor>(SECOND_FACTORS),
  wantsSecondFactor: Type.Boolean({ description: "The role's rights wait until there is a second factor" }),
  scopes: Type.Array(ScopeType),
  createdAt: Type.String(),
  endsAt: Type.String(),
});
export type SessionAnswer = Static<typeof SessionAnswer>;

/** Null: nobody is. */
export const DoorAnswer = Type.Object({
  session: Type.Union([SessionAnswer, Type.Null()]),
  /** What the identity provider is called by which one may sign in; null: there is none. */
  provider: maybe(Type.String()),
  /** Whether one may sign in by a passkey: the portal has a name, for which browsers make them. */
  passkeys: Type.Boolean(),
});

export const SessionsAnswer = Type.Object({
  sessions: Type.Array(
    Type.Object({
      id: Type.String(),
      current: Type.Boolean(),
      secondFactor: words<SecondFactor>(SECOND_FACTORS),
      createdAt: Type.String(),
      seenAt: Type.String(),
      endsAt: Type.String(),
      address: Type.String(),
      agent: Type.String(),
    }),
  ),
});
export const TotpAnswer = Type.Object({ secret: Type.String(), uri: Type.String() });
export const RecoveryAnswer = Type.Object({ recoveryCodes: Type.Array(Type.String()) });

export const InviteBody = Type.Object(
  {
    /** Without it: what he is already, or a user. */
    role: Type.Optional(words<PortalRole>(PORTAL_ROLES)),
    ttlS: Type.Integer({ minimum: 60, maximum: 30 * 86_400, default: 3 * 86_400 }),
  },
  Closed,
);
export const InvitedAnswer = Type.Object({
  user: Type.String(),
  role: words<PortalRole>(PORTAL_ROLES),
  expiresAt: Type.String(),
  invitation: Type.String(),
  url: Type.String(),
});
export type InvitedAnswer = Static<typeof InvitedAnswer>;
export const RoleBody = Type.Object({ role: words<PortalRole>(PORTAL_ROLES) }, Closed);
export const SignInAnswer = Type.Object({
  user: Type.String(),
  /** Null: he has accepted no invitation yet. */
  role: maybe(words<PortalRole>(PORTAL_ROLES)),
  password: Type.Boolean(),
  secondFactor: Type.Boolean(),
  passkeys: Type.Integer(),
  recoveryCodesLeft: Type.Integer(),
  sessions: Type.Integer(),
  /** When the open invitation ends; null: there is none. */
  invitedUntil: maybe(Type.String()),
});
export type SignInAnswer = Static<typeof SignInAnswer>;
