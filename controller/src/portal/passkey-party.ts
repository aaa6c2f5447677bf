import { isIP } from "node:net";
import { ControllerError } from "../errors.ts";
import type { Bounds } from "./pending.ts";
import type { Portal } from "./portal.ts";

/** Whom passkeys are made for: browsers use them at this origin and no other (Web Authentication Level 3, section 13.4.9). */
export interface RelyingParty {
  /** The host of the portal's origin. */
  readonly id: string;
  readonly origin: string;
}

/** What an authenticator is to sign, once. */
export interface Challenge {
  /** base64url. */
  readonly challenge: string;
  /** The session that wants another passkey; undefined: somebody signs in. */
  readonly session: string | undefined;
}

/** How long somebody may take with his device, and more challenges than one address may ask for in that time. */
export const CHALLENGE_BOUNDS: Bounds = { patienceMs: 5 * 60_000, most: 20_000 };

/** `origin` as portal.origin has it. Undefined: its host is an address, and browsers make passkeys for names only. */
export function relyingParty(origin: string): RelyingParty | undefined {
  const id = new URL(origin).hostname;
  return isIP(id.replace(/^\[|\]$/g, "")) === 0 ? { id, origin } : undefined;
}

/** Throws ControllerError `no-passkeys`. */
export function requireParty({ party }: Portal): RelyingParty {
  if (party !== undefined) return party;
  throw new ControllerError(
    "no-passkeys",
    "browsers make passkeys for names only, and portal.origin is an address: give the portal a name",
  );
}
