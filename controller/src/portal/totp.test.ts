import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { base32, hotp, totpMatch, totpStep, totpUri } from "./totp.ts";

/** RFC 4226 appendix D and RFC 6238 appendix B: 20 octets of ASCII. */
const SECRET = Buffer.from("12345678901234567890", "ascii");

test("codes are those of RFC 4226, appendix D", () => {
  const wanted = "755224 287082 359152 969429 338314 254676 287922 162583 399871 520489".split(" ");
  assert.deepEqual(
    wanted.map((_, counter) => hotp(SECRET, counter)),
    wanted,
  );
});

test("codes are those of RFC 6238, appendix B (SHA-1, eight digits)", () => {
  for (const [seconds, code] of [
    [59, "94287082"],
    [1111111109, "07081804"],
    [1111111111, "14050471"],
    [1234567890, "89005924"],
    [2000000000, "69279037"],
    [20000000000, "65353130"],
  ] as const)
    assert.equal(hotp(SECRET, totpStep(seconds * 1000), 8), code);
});

test("base32 is that of RFC 4648, section 10, without padding", () => {
  for (const [plain, coded] of [
    ["", ""],
    ["f", "MY"],
    ["fo", "MZXQ"],
    ["foo", "MZXW6"],
    ["foob", "MZXW6YQ"],
    ["fooba", "MZXW6YTB"],
    ["foobar", "MZXW6YTBOI"],
  ] as const)
    assert.equal(base32(Buffer.from(plain)), coded);
});

test("a code counts in its own step and in the ones beside it, and never again after it was used", () => {
  const nowMs = 1_700_000_000_000;
  const now = totpStep(nowMs);
  for (const step of [now - 1, now, now + 1]) {
    const code = hotp(SECRET, step);
    assert.equal(totpMatch(SECRET, code, nowMs, -1), step);
    assert.equal(totpMatch(SECRET, code, nowMs, step), undefined);
  }
  for (const step of [now - 2, now + 2])
    assert.equal(totpMatch(SECRET, hotp(SECRET, step), nowMs, -1), undefined);
});

test("no text makes the comparison throw", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[0-9]{6}$/), fc.constant("१२३४५६")), (text) => {
      const found = totpMatch(SECRET, text, 1_700_000_000_000, -1);
      assert.ok(found === undefined || hotp(SECRET, found) === text);
    }),
  );
});

test("the URI names issuer and account once more than nothing can break out of", () => {
  assert.equal(
    totpUri("vSIX: NOC", "a&b?", Buffer.from("foobar")),
    "otpauth://totp/vSIX%3A%20NOC:a%26b%3F?secret=MZXW6YTBOI&issuer=vSIX%3A%20NOC",
  );
});
