/** Of a WireGuard device, base64 as wg(8) has them. */
export interface KeyPair {
  /** Never leaves the browser: it is sent nowhere and stored nowhere. */
  readonly privateKey: string;
  readonly publicKey: string;
}

const KEY_OCTETS = 32;

/** Makes a key for X25519 (RFC 7748) with the browser's own WebCrypto. Throws where the browser has none. */
export async function makeKeyPair(): Promise<KeyPair> {
  const pair = await crypto.subtle.generateKey({ name: "X25519" }, true, ["deriveBits"]);
  if (!("privateKey" in pair)) throw new TypeError("X25519 makes pairs");
  const pkcs8 = new Uint8Array(await crypto.subtle.exportKey("pkcs8", pair.privateKey));
  const raw = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
  // PKCS #8 of X25519 ends with the key itself, in an OCTET STRING within another (RFC 8410, section 7).
  return { privateKey: base64(pkcs8.slice(-KEY_OCTETS)), publicKey: base64(raw) };
}

function base64(octets: Uint8Array): string {
  return btoa(String.fromCharCode(...octets));
}
