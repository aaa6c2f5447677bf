import assert from "node:assert/strict";
import { hotp, totpStep } from "../../controller/src/portal/totp.ts";
import type { Browser } from "./browser.ts";

/** Base32 (RFC 4648) without padding. */
export function fromBase32(text: string): Buffer {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const bits = [...text].map((one) => alphabet.indexOf(one).toString(2).padStart(5, "0")).join("");
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((octet) => Number.parseInt(octet, 2)));
}

/** Sets up a second factor as an authenticator application does; returns its secret and the recovery codes. */
export async function setUpTotp(
  browser: Pick<Browser, "post">,
  password: string,
): Promise<{ secret: Buffer; recovery: readonly string[] }> {
  const begun = await browser.post("/v1/portal/totp", { password });
  assert.equal(begun.status, 200, begun.message);
  const secret = fromBase32(String(begun.body["secret"]));
  assert.equal(secret.length, 20);
  const code = hotp(secret, totpStep(Date.now()));
  const confirmed = await browser.post("/v1/portal/totp/confirm", { code });
  assert.equal(confirmed.status, 200, confirmed.message);
  return { secret, recovery: confirmed.body["recoveryCodes"] as string[] };
}
