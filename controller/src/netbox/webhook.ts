import { createHmac, timingSafeEqual } from "node:crypto";

/** Header of NetBox's webhooks: HMAC-SHA512 of the body under the webhook's secret, lower-case hex. */
export const SIGNATURE_HEADER = "x-hook-signature";

export function signatureOf(body: Uint8Array, secret: string): string {
  return createHmac("sha512", secret).update(body).digest("hex");
}

/** Whether a webhook's body is signed with our secret. */
export function isSigned(body: Uint8Array, signature: unknown, secret: string): boolean {
  if (typeof signature !== "string" || !/^[0-9a-f]{128}$/.test(signature)) return false;
  return timingSafeEqual(Buffer.from(signature, "hex"), Buffer.from(signatureOf(body, secret), "hex"));
}
