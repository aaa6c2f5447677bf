/** Points of small order on Curve25519 (RFC 7748 section 6.1): whoever uses one agrees on a key that everybody knows. */
const SMALL_ORDER: ReadonlySet<string> = new Set([
  "00".repeat(32),
  `01${"00".repeat(31)}`,
  "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
  "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
  `ec${"ff".repeat(30)}7f`,
  `ed${"ff".repeat(30)}7f`,
  `ee${"ff".repeat(30)}7f`,
]);
const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** Why a text is no WireGuard public key, as `wg pubkey` prints it; undefined when it is one. */
export function publicKeyFault(text: string): string | undefined {
  if (!/^[A-Za-z0-9+/]{43}=$/.test(text))
    return "a WireGuard public key is 44 characters of base64, as `wg pubkey` prints it";
  const octets = decode(text);
  if (octets === undefined) return "the key has bits beyond its 32 octets: copy it again, whole";
  // X25519 leaves the highest bit out of account (RFC 7748 section 5).
  const hex = [...octets.slice(0, 31), (octets[31] ?? 0) & 0x7f]
    .map((one) => one.toString(16).padStart(2, "0"))
    .join("");
  return SMALL_ORDER.has(hex) ? "the key is a point of small order, with which nothing is secret" : undefined;
}

/** 43 digits of six bits are 258: the last two must be zero, else two texts would be one key. */
function decode(text: string): readonly number[] | undefined {
  const octets: number[] = [];
  let bits = 0;
  let value = 0;
  for (const digit of text.slice(0, 43)) {
    value = ((value << 6) | DIGITS.indexOf(digit)) & 0xfff;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    octets.push((value >> bits) & 0xff);
  }
  return (value & 0b11) === 0 ? octets : undefined;
}
