/** What is shown once: sealed in this browser, opened in another. AES-256-GCM (NIST SP 800-38D) with a key that is used once. */

const NONCE_OCTETS = 12;

export interface Sealed {
  /** base64url: nonce and ciphertext. For the controller. */
  readonly sealed: string;
  /** base64url, 32 octets. For the link alone. */
  readonly key: string;
}

export async function seal(text: string): Promise<Sealed> {
  const key = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, true, ["encrypt"]);
  const nonce = crypto.getRandomValues(new Uint8Array(NONCE_OCTETS));
  const plain = new TextEncoder().encode(text);
  const cipher = await crypto.subtle.encrypt({ name: "AES-GCM", iv: nonce }, key, plain);
  const raw = await crypto.subtle.exportKey("raw", key);
  return {
    sealed: toBase64Url(new Uint8Array([...nonce, ...new Uint8Array(cipher)])),
    key: toBase64Url(new Uint8Array(raw)),
  };
}

/** Throws where the key is another one, or anything was changed. */
export async function unseal({ sealed, key }: Sealed): Promise<string> {
  const octets = fromBase64Url(sealed);
  const opener = await crypto.subtle.importKey("raw", fromBase64Url(key), "AES-GCM", false, ["decrypt"]);
  const iv = octets.slice(0, NONCE_OCTETS);
  const plain = await crypto.subtle.decrypt({ name: "AES-GCM", iv }, opener, octets.slice(NONCE_OCTETS));
  return new TextDecoder("utf-8", { fatal: true }).decode(plain);
}

function toBase64Url(octets: Uint8Array): string {
  let binary = "";
  for (const octet of octets) binary += String.fromCharCode(octet);
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

function fromBase64Url(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (one) => one.charCodeAt(0));
}
