import {
  createHash,
  createPrivateKey,
  createPublicKey,
  sign as edSign,
  generateKeyPairSync,
  type KeyObject,
  verify,
} from "node:crypto";
import { Value } from "@sinclair/typebox/value";
import { Envelope, preAuthenticationEncoding } from "../contract/envelope.ts";
import { VsixError } from "../errors/vsix-error.ts";

/** Ed25519 (RFC 8032) signatures over DSSE envelopes. */

export interface SigningKey {
  readonly id: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

/** Public keys by key id. */
export type TrustedKeys = ReadonlyMap<string, KeyObject>;

export function generateKey(): SigningKey {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  return { id: keyId(publicKey), privateKey, publicKey };
}

/** 32 hex digits: the first 16 octets of the SHA-256 of the key's SubjectPublicKeyInfo (RFC 8410). */
export function keyId(publicKey: KeyObject): string {
  const spki = publicKey.export({ type: "spki", format: "der" });
  return createHash("sha256").update(spki).digest("hex").slice(0, 32);
}

/** PKCS #8 PEM (RFC 8410). Secret: write it to a file of mode 0600 and nowhere else. */
export function exportPrivateKey(key: SigningKey): string {
  return key.privateKey.export({ type: "pkcs8", format: "pem" }).toString();
}

/** SubjectPublicKeyInfo PEM. */
export function exportPublicKey(publicKey: KeyObject): string {
  return publicKey.export({ type: "spki", format: "pem" }).toString();
}

/** Throws VsixError `bad-key`. */
export function importPrivateKey(pem: string): SigningKey {
  const privateKey = importKey(() => createPrivateKey(pem));
  const publicKey = createPublicKey(privateKey);
  return { id: keyId(publicKey), privateKey, publicKey };
}

/** Throws VsixError `bad-key`. */
export function importPublicKey(pem: string): KeyObject {
  return importKey(() => createPublicKey(pem));
}

export function trustedKeys(publicKeys: Iterable<KeyObject>): TrustedKeys {
  return new Map([...publicKeys].map((key) => [keyId(key), key]));
}

/** Signs exactly these bytes under this type. */
export function sign(payloadType: string, payload: Uint8Array, key: SigningKey): Envelope {
  const signature = edSign(null, preAuthenticationEncoding(payloadType, payload), key.privateKey);
  return {
    payloadType,
    payload: Buffer.from(payload).toString("base64"),
    signatures: [{ keyid: key.id, sig: signature.toString("base64") }],
  };
}

/** The bytes that travel. */
export function encodeEnvelope(envelope: Envelope): Uint8Array {
  return Buffer.from(JSON.stringify(envelope), "ascii");
}

export type EnvelopeRefusal =
  | "too-large"
  | "malformed" // not JSON, not an envelope, not base64
  | "wrong-type" // signed for another node or as another message
  | "unknown-key" // no signature by a key that is trusted
  | "bad-signature";

export type OpenResult =
  | { readonly ok: true; readonly payload: Uint8Array; readonly keyId: string }
  | { readonly ok: false; readonly code: EnvelopeRefusal; readonly reason: string };

export interface OpenLimits {
  /** Octets of the whole envelope. */
  readonly maxOctets: number;
}

export const DEFAULT_LIMITS: OpenLimits = { maxOctets: 256 * 1024 };

/**
 * The payload of an envelope, if a trusted key signed these very bytes under the expected type. Nothing of the payload
 * is looked at before. Never throws, whatever the bytes are.
 */
export function openEnvelope(
  bytes: Uint8Array,
  expectedType: string,
  trusted: TrustedKeys,
  limits: OpenLimits = DEFAULT_LIMITS,
): OpenResult {
  const refuse = (code: EnvelopeRefusal, reason: string): OpenResult => ({ ok: false, code, reason });
  if (bytes.length > limits.maxOctets) {
    return refuse("too-large", `${bytes.length} octets; at most ${limits.maxOctets} are accepted`);
  }
  const envelope = decodeEnvelope(bytes);
  if (envelope === undefined) return refuse("malformed", "not a signed envelope");
  const payload = decodeBase64(envelope.payload);
  if (payload === undefined) return refuse("malformed", "the payload is not base64");
  if (envelope.payloadType !== expectedType) {
    return refuse("wrong-type", `signed as ${JSON.stringify(envelope.payloadType)}, not as ${expectedType}`);
  }
  const known = envelope.signatures.filter(({ keyid }) => trusted.has(keyid));
  if (known.length === 0) {
    const ids = envelope.signatures.map(({ keyid }) => JSON.stringify(keyid)).join(", ");
    return refuse("unknown-key", `signed by ${ids}, which is not trusted here`);
  }
  const signed = preAuthenticationEncoding(expectedType, payload);
  for (const { keyid, sig } of known) {
    const key = trusted.get(keyid);
    const signature = decodeBase64(sig);
    if (key !== undefined && signature?.length === 64 && verify(null, signed, key, signature)) {
      return { ok: true, payload, keyId: keyid };
    }
  }
  return refuse("bad-signature", "the signature does not fit the bytes");
}

/** The envelope in these bytes, unverified; undefined when they hold none. */
export function decodeEnvelope(bytes: Uint8Array): Envelope | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    return Value.Check(Envelope, value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Strict base64 (RFC 4648 section 4): one text for each value, nothing skipped. */
function decodeBase64(text: string): Uint8Array | undefined {
  const bytes = Buffer.from(text, "base64");
  return bytes.toString("base64") === text ? bytes : undefined;
}

function importKey(read: () => KeyObject): KeyObject {
  let key: KeyObject;
  try {
    key = read();
  } catch (cause) {
    throw new VsixError("bad-key", "this is not a PEM key", { cause });
  }
  if (key.asymmetricKeyType !== "ed25519") {
    throw new VsixError("bad-key", `the key is ${key.asymmetricKeyType ?? "secret"}, not ed25519`);
  }
  return key;
}
