import { type Static, Type } from "@sinclair/typebox";

const signed = {
  payloadType: Type.String({ maxLength: 256 }),
  /** Base64 of the payload. */
  payload: Type.String({ maxLength: 16 * 1024 * 1024 }),
  signatures: Type.Array(
    Type.Object({ keyid: Type.String({ maxLength: 128 }), sig: Type.String({ maxLength: 256 }) }),
    {
      minItems: 1,
      maxItems: 8,
    },
  ),
};

/**
 * The signed envelope, as DSSE v1 does it: the signature covers the exact transported payload bytes and the payload
 * type, so nothing is parsed before it is known to be ours and no canonical JSON is needed.
 * Source: https://github.com/secure-systems-lab/dsse, protocol.md. The type binds message kind and node name.
 */
export const Envelope = Type.Object({
  ...signed,
  /**
   * How the signing key came to be: oldest first, each an envelope of type {@link KEY_TRANSITION_TYPE}. Outside what is
   * signed, for each proves itself; who trusts any key of the chain can follow it.
   */
  transitions: Type.Optional(Type.Array(Type.Object(signed), { maxItems: 64 })),
});
export type Envelope = Static<typeof Envelope>;

/** Payload type of a manifest for one node. */
export function manifestType(node: string): string {
  return `application/vnd.vsix.manifest.v1+json; node=${node}`;
}

/** Payload type of a key transition; for all nodes alike. */
export const KEY_TRANSITION_TYPE = "application/vnd.vsix.key-transition.v1+json";

/** Signed by the key that goes: manifests are signed by the next one from now on. */
export const KeyTransition = Type.Object({
  version: Type.Literal(1),
  /** Id of the key that goes. */
  from: Type.String({ pattern: "^[0-9a-f]{32}$" }),
  /** SubjectPublicKeyInfo PEM of the key that comes. */
  to: Type.String({ maxLength: 512 }),
  /** RFC 3339; for people. */
  at: Type.String({ maxLength: 64 }),
});
export type KeyTransition = Static<typeof KeyTransition>;

/** DSSE's pre-authentication encoding: the bytes that are signed. `payloadType` is ASCII. */
export function preAuthenticationEncoding(payloadType: string, payload: Uint8Array): Uint8Array {
  const head = asciiBytes(`DSSEv1 ${payloadType.length} ${payloadType} ${payload.length} `);
  const all = new Uint8Array(head.length + payload.length);
  all.set(head);
  all.set(payload, head.length);
  return all;
}

function asciiBytes(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 0x7f) throw new RangeError(`payload type is not ASCII: ${JSON.stringify(text)}`);
    bytes[i] = code;
  }
  return bytes;
}
