import { type Static, Type } from "@sinclair/typebox";
import { maybe } from "./schemas-address.ts";

/** Bodies and answers of passkeys: the JSON shapes of Web Authentication Level 3, of which only what is needed is sent. */

const Closed = { additionalProperties: false };
const Base64url = (maxLength: number) =>
  Type.String({ minLength: 1, maxLength, pattern: "^[A-Za-z0-9_-]+$" });
/** An authenticator's name for a passkey has at most 1023 octets. */
const Credential = Base64url(1364);
const ClientData = Base64url(1400);
const PasskeyName = Type.String({ pattern: "^[^\\p{Cc}]{1,64}$" });
const PublicKeyType = Type.Unsafe<"public-key">(Type.String({ enum: ["public-key"] }));
const Required = Type.Unsafe<"required">(Type.String({ enum: ["required"] }));

export const PasskeyParams = Type.Object({ id: Type.Integer({ minimum: 1 }) });
export const RenameBody = Type.Object({ name: PasskeyName }, Closed);
export const NewPasskeyBody = Type.Object(
  {
    name: PasskeyName,
    id: Credential,
    clientDataJSON: ClientData,
    attestationObject: Base64url(6000),
    transports: Type.Array(Type.String({ pattern: "^[a-z-]{1,20}$" }), { maxItems: 8 }),
  },
  Closed,
);
export const AssertionBody = Type.Object(
  {
    id: Credential,
    clientDataJSON: ClientData,
    authenticatorData: Base64url(400),
    signature: Base64url(800),
    userHandle: Base64url(88),
  },
  Closed,
);

export const CreationAnswer = Type.Object({
  challenge: Type.String(),
  rp: Type.Object({ id: Type.String(), name: Type.String() }),
  user: Type.Object({ id: Type.String(), name: Type.String(), displayName: Type.String() }),
  pubKeyCredParams: Type.Array(Type.Object({ alg: Type.Integer(), type: PublicKeyType })),
  timeout: Type.Integer(),
  excludeCredentials: Type.Array(
    Type.Object({ id: Type.String(), type: PublicKeyType, transports: Type.Array(Type.String()) }),
  ),
  authenticatorSelection: Type.Object({
    residentKey: Required,
    requireResidentKey: Type.Boolean(),
    userVerification: Required,
  }),
  attestation: Type.Unsafe<"none">(Type.String({ enum: ["none"] })),
});
export const RequestAnswer = Type.Object({
  challenge: Type.String(),
  rpId: Type.String(),
  timeout: Type.Integer(),
  userVerification: Required,
});

/** What somebody proves himself with beside his password. */
export const ProofsAnswer = Type.Object({
  /** An authenticator application. */
  totp: Type.Boolean(),
  recoveryCodesLeft: Type.Integer(),
  /** Null: browsers make none for this portal. Oldest first. */
  passkeys: Type.Union([
    Type.Array(
      Type.Object({
        id: Type.Integer(),
        name: Type.String(),
        createdAt: Type.String(),
        usedAt: maybe(Type.String()),
      }),
    ),
    Type.Null(),
  ]),
});
export type ProofsAnswer = Static<typeof ProofsAnswer>;
