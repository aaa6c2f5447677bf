import { type Static, Type } from "@sinclair/typebox";

/**
 * The signed envelope, as DSSE v1 does it: the signature covers the exact transported payload bytes and the payload
 * type, so nothing is parsed before it is known to be ours and no canonical JSON is needed.
 * Source: https://github.com/secure-systems-lab/dsse, protocol.md. The type binds message kind and node name.
 */
export const Envelope = Type.Object({
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
});
export type Envelope = Static<typeof Envelope>;

/** Payload type of a manifest for one node. */
export function manifestType(node: string): string {
  return `application/vnd.vsix.manifest.v1+json; node=${node}`;
}

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
