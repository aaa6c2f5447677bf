import { createHmac, timingSafeEqual } from "node:crypto";

/**
 * Signatures of webhooks: `VSIX-Signature: t=SECONDS,v1=HEX`, where HEX is the HMAC-SHA256 (RFC 2104) of the secret
 * over `SECONDS.BODY`: the digits of t, a full stop and the exact octets of the body.
 */
export const SIGNATURE_HEADER = "vsix-signature";

/** Seconds that a signature's time may differ from the receiver's. Within them the notice's `id` tells replays. */
export const REPLAY_WINDOW_S = 300;

export function signBody(body: string, secret: string, nowS: number): string {
  const t = Math.floor(nowS);
  return `t=${t},v1=${mac(body, secret, String(t)).toString("hex")}`;
}

export type SignatureVerdict = "good" | "malformed" | "too-old-or-new" | "wrong";

/** The receiver's side. Two secrets while one takes the other's place. Never throws. */
export function verifyBody(
  body: string,
  header: string,
  secrets: readonly string[],
  nowS: number,
): SignatureVerdict {
  const parts = /^t=(\d{1,12}),v1=([0-9a-f]{64})$/.exec(header);
  if (parts === null) return "malformed";
  const [, t = "", hex = ""] = parts;
  if (Math.abs(nowS - Number(t)) > REPLAY_WINDOW_S) return "too-old-or-new";
  const given = Buffer.from(hex, "hex");
  return secrets.some((secret) => timingSafeEqual(given, mac(body, secret, t))) ? "good" : "wrong";
}

function mac(body: string, secret: string, t: string): Buffer {
  return createHmac("sha256", secret).update(`${t}.${body}`, "utf8").digest();
}
