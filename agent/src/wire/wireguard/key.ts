/** Keys of WireGuard: 32 octets of Curve25519 (RFC 7748), as text in base64 (RFC 4648 section 4) or hexadecimal. */

export const KEY_OCTETS = 32;

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const VALUE = new Map([...ALPHABET].map((letter, value) => [letter, value]));
/** The last letter carries four bits; its lowest two are 0, or two texts would mean one key. */
const TEXT = /^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/;

/** The key that a text of 44 letters says, or undefined. */
export function parseKey(text: string): Uint8Array | undefined {
  if (!TEXT.test(text)) return undefined;
  const key = new Uint8Array(KEY_OCTETS);
  let bits = 0;
  let count = 0;
  let at = 0;
  for (const letter of text.slice(0, 43)) {
    bits = ((bits << 6) | (VALUE.get(letter) ?? 0)) & 0xffff;
    count += 6;
    if (count < 8) continue;
    count -= 8;
    key[at++] = (bits >> count) & 0xff;
  }
  return key;
}

export function formatKey(key: Uint8Array): string {
  let text = "";
  for (let i = 0; i < KEY_OCTETS; i += 3) {
    const bits = ((key[i] ?? 0) << 16) | ((key[i + 1] ?? 0) << 8) | (key[i + 2] ?? 0);
    for (const shift of [18, 12, 6, 0]) text += ALPHABET[(bits >> shift) & 63] ?? "";
  }
  return `${text.slice(0, 43)}=`;
}

/** 64 lower-case digits, as the text protocol of wireguard-go has it. */
export function formatKeyHex(key: Uint8Array): string {
  return [...key].map((octet) => octet.toString(16).padStart(2, "0")).join("");
}

export function parseKeyHex(text: string): Uint8Array | undefined {
  if (!/^[0-9a-f]{64}$/i.test(text)) return undefined;
  return Uint8Array.from({ length: KEY_OCTETS }, (_, i) => Number.parseInt(text.slice(2 * i, 2 * i + 2), 16));
}

/** What stands for "none": the kernel keeps 32 zeros where there is no key. */
export function isNoKey(key: Uint8Array): boolean {
  return key.every((octet) => octet === 0);
}

/** A private key in the form in which implementations keep it (RFC 7748 section 5, decodeScalar25519). */
export function clampKey(key: Uint8Array): Uint8Array {
  const clamped = Uint8Array.from(key);
  clamped[0] = (clamped[0] ?? 0) & 248;
  clamped[31] = ((clamped[31] ?? 0) & 127) | 64;
  return clamped;
}
