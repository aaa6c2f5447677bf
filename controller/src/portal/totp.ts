import { createHmac, timingSafeEqual } from "node:crypto";

/**
 * Time-based one-time passwords (RFC 6238 on RFC 4226) as every authenticator application knows them: HMAC-SHA-1, six
 * digits, steps of 30 s.
 */

const STEP_MS = 30_000;
const DIGITS = 6;
/** Steps before and after the present one that count as well: clocks of telephones (RFC 6238 section 5.2). */
const DRIFT = 1;
/** RFC 4226 section 4, R6: 160 bits. */
export const TOTP_SECRET_OCTETS = 20;

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** Base32 without padding (RFC 4648 section 6). */
export function base32(octets: Uint8Array): string {
  let text = "";
  let held = 0;
  let bits = 0;
  for (const octet of octets) {
    held = (held << 8) | octet;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += ALPHABET[(held >>> bits) & 31];
    }
    held &= (1 << bits) - 1;
  }
  return bits === 0 ? text : text + ALPHABET[(held << (5 - bits)) & 31];
}

/** RFC 4226 section 5.3. */
export function hotp(secret: Uint8Array, counter: number, digits: number = DIGITS): string {
  const moving = Buffer.alloc(8);
  moving.writeBigUInt64BE(BigInt(counter));
  const mac = createHmac("sha1", secret).update(moving).digest();
  const offset = mac.readUInt8(mac.length - 1) & 15;
  const code = mac.readUInt32BE(offset) & 0x7fffffff;
  return String(code % 10 ** digits).padStart(digits, "0");
}

/** Number of the step that a moment lies in. */
export function totpStep(wallMs: number): number {
  return Math.floor(wallMs / STEP_MS);
}

/**
 * The step whose code this is, later than `after`, so that none counts twice (RFC 6238 section 5.2); undefined when it is
 * none. Looks at every step whatever it finds.
 */
export function totpMatch(
  secret: Uint8Array,
  code: string,
  wallMs: number,
  after: number,
): number | undefined {
  if (!/^[0-9]{6}$/.test(code)) return undefined;
  const now = totpStep(wallMs);
  let found: number | undefined;
  for (let step = Math.max(0, now - DRIFT); step <= now + DRIFT; step++) {
    const same = timingSafeEqual(Buffer.from(hotp(secret, step)), Buffer.from(code));
    if (same && step > after) found = step;
  }
  return found;
}

/** What a QR code for authenticator applications says (Key URI format). Holds the secret. */
export function totpUri(issuer: string, account: string, secret: Uint8Array): string {
  const label = `${encodeURIComponent(issuer)}:${encodeURIComponent(account)}`;
  return `otpauth://totp/${label}?secret=${base32(secret)}&issuer=${encodeURIComponent(issuer)}`;
}
