import { createHmac } from "node:crypto";

/** The preshared key of an application's device with this public key, base64. */
export type PresharedKeys = (application: number, publicKey: string) => string;

/**
 * Preshared keys are worked out, never stored: HMAC-SHA256 under a key of the controller's own, from a file beside the database. A
 * copy of the database alone tells none of them; the file alone tells who has which to nobody who does not know the public
 * keys. Another public key has another preshared key.
 * @param secret 64 hexadecimal digits
 */
export function presharedKeys(secret: string): PresharedKeys {
  const key = Buffer.from(secret, "hex");
  return (application, publicKey) =>
    createHmac("sha256", key).update(`vsix preshared key 1\n${application}\n${publicKey}`).digest("base64");
}
