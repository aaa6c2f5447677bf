/**
 * With this prefix browsers take the cookie from us alone, over TLS, for this very host: no other host of the domain can set
 * one (RFC 6265bis section 4.1.3.2).
 */
export const SESSION_COOKIE = "__Host-vsix-session";

const ATTRIBUTES = "Path=/; Secure; HttpOnly; SameSite=Strict";

/** A `Set-Cookie` that lasts as long as the browser; how long it counts, the controller says. */
export function setCookie(secret: string): string {
  return `${SESSION_COOKIE}=${secret}; ${ATTRIBUTES}`;
}

export function clearCookie(): string {
  return `${SESSION_COOKIE}=; ${ATTRIBUTES}; Max-Age=0`;
}

/** Binds a way to an identity provider and back to the browser that began it. */
const WAY_COOKIE = "__Host-vsix-way";

export function setWayCookie(secret: string): string {
  return `${WAY_COOKIE}=${secret}; ${ATTRIBUTES}; Max-Age=600`;
}

export function clearWayCookie(): string {
  return `${WAY_COOKIE}=; ${ATTRIBUTES}; Max-Age=0`;
}

export function waySecret(header: string | undefined): string | undefined {
  return secretOf(header, WAY_COOKIE);
}

/** The secret in a `Cookie` header; undefined where there is none, one of another shape, or more than one. */
export function sessionSecret(header: string | undefined): string | undefined {
  return secretOf(header, SESSION_COOKIE);
}

function secretOf(header: string | undefined, name: string): string | undefined {
  const found = (header ?? "")
    .split(";")
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${name}=`))
    .map((pair) => pair.slice(name.length + 1));
  const [secret, ...more] = found;
  return more.length === 0 && secret !== undefined && /^[A-Za-z0-9_-]{43}$/.test(secret) ? secret : undefined;
}
