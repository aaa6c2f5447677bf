import { createHash } from "node:crypto";

/** Begins every token, so that scanners find one in places where none should be. */
const PREFIX = "vsixt_";
const SHAPE = /^vsixt_[A-Za-z0-9_-]{43}$/;

/** The text of a token: prefix and 256 random bits in base64url (RFC 4648 section 5). `random` is 32 octets. */
export function tokenText(random: Uint8Array): string {
  return PREFIX + Buffer.from(random).toString("base64url");
}

/** The token in an Authorization header (RFC 6750 section 2.1); undefined when there is none of our shape. */
export function bearerToken(header: string | undefined): string | undefined {
  const [, text] = /^Bearer +(\S{1,256})$/i.exec(header ?? "") ?? [];
  return text !== undefined && SHAPE.test(text) ? text : undefined;
}

/** What is stored in its place. The secret has 256 bits of its own, so a plain hash cannot be searched. */
export function tokenHash(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
