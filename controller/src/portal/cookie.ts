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

/** Binds what somebody has begun to the browser that began it (portal/pending.ts). */
export class BegunCookie {
  readonly #name: string;

  /** `what`: the last word of its name. */
  constructor(what: string) {
    this.#name = `__Host-vsix-${what}`;
  }

  /** A `Set-Cookie` for ten minutes; how long it counts, the controller says. */
  set(secret: string): string {
    return `${this.#name}=${secret}; ${ATTRIBUTES}; Max-Age=600`;
  }

  clear(): string {
    return `${this.#name}=; ${ATTRIBUTES}; Max-Age=0`;
  }

  /** Of a `Cookie` header; undefined as with `sessionSecret`. */
  read(header: string | undefined): string | undefined {
    return secretOf(header, this.#name);
  }
}

/** To an identity provider and back. */
export const WAY_COOKIE = new BegunCookie("way");
/** A challenge that a passkey is to answer. */
export const CHALLENGE_COOKIE = new BegunCookie("challenge");

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
