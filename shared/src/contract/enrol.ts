import { type Static, Type } from "@sinclair/typebox";

/** How a node gets its certificate: HTTPS with JSON, before there is any MQTT. Binary fields are base64. */

export const NODE_NAME = "^[a-z0-9-]{1,63}$";
/** An ECDSA P-256 SubjectPublicKeyInfo is 91 octets, its signature at most 72. */
const ShortBase64 = Type.String({ maxLength: 512, pattern: "^[A-Za-z0-9+/]+={0,2}$" });
const Pem = Type.String({ maxLength: 16 * 1024 });

/** What a claim token holds: `vsix1.` and the base64url of this as JSON. Secret: whoever has it may be that node, once. */
export const Claim = Type.Object({
  /** https://HOST:PORT of the controller's enrolment listener. */
  url: Type.String({ maxLength: 512, pattern: "^https://" }),
  node: Type.String({ pattern: NODE_NAME }),
  /** 256 random bits, base64url. */
  secret: Type.String({ minLength: 43, maxLength: 43, pattern: "^[A-Za-z0-9_-]+$" }),
  /** SHA-256 of the CA's SubjectPublicKeyInfo, lower-case hex. */
  ca: Type.String({ pattern: "^[0-9a-f]{64}$" }),
  /** RFC 3339; judged by the controller's clock. */
  expires: Type.String({ maxLength: 64 }),
});
export type Claim = Static<typeof Claim>;

/** GET /v1/ca */
export const CaAnswer = Type.Object({ ca: Pem });
export type CaAnswer = Static<typeof CaAnswer>;

/** POST /v1/enrol */
export const EnrolRequest = Type.Object({
  node: Type.String({ pattern: NODE_NAME }),
  secret: Type.String({ maxLength: 64 }),
  /** SubjectPublicKeyInfo, DER. */
  spki: ShortBase64,
  /** Signature by that key over possession(…): crypto/possession.ts. */
  proof: ShortBase64,
});
export type EnrolRequest = Static<typeof EnrolRequest>;

/** POST /v1/renew, over TLS with the certificate at hand. */
export const RenewRequest = Type.Object({ spki: ShortBase64, proof: ShortBase64 });
export type RenewRequest = Static<typeof RenewRequest>;

/** The answer to both. */
export const IdentityAnswer = Type.Object({
  node: Type.String({ pattern: NODE_NAME }),
  certificate: Pem,
  ca: Pem,
  /** mqtts://HOST:PORT */
  brokerUrl: Type.String({ maxLength: 512 }),
  /** Where to renew. */
  enrolUrl: Type.String({ maxLength: 512 }),
  /** SPKI PEM of the keys whose manifests are to be obeyed. */
  manifestKeys: Type.Array(Type.String({ maxLength: 1024 }), { minItems: 1, maxItems: 16 }),
});
export type IdentityAnswer = Static<typeof IdentityAnswer>;

/** The answer to POST /v1/confirm, over TLS with the new certificate. */
export const ConfirmAnswer = Type.Object({
  node: Type.String({ pattern: NODE_NAME }),
  /** Lower-case hex. */
  serial: Type.String({ maxLength: 64 }),
});
export type ConfirmAnswer = Static<typeof ConfirmAnswer>;

export const CLAIM_PREFIX = "vsix1.";
