import type { Logger } from "pino";
import type { Clock } from "../clock.ts";
import { ControllerError } from "../errors.ts";
import type { Store } from "../store/store.ts";
import { Attempts } from "./attempts.ts";
import { OIDC_BOUNDS, type OidcUnderWay } from "./oidc.ts";
import { OidcClient, type OidcSettings } from "./oidc-client.ts";
import { CHALLENGE_BOUNDS, type Challenge, type RelyingParty, relyingParty } from "./passkey-party.ts";
import { Passwords } from "./password.ts";
import { Pending } from "./pending.ts";
import { Vault } from "./secrets.ts";
import { Sessions } from "./sessions.ts";

/** Failures within which time, of one name and from one address (an IPv6 /64). */
const WINDOW_MS = 15 * 60_000;
const OF_ACCOUNT = 10;
const FROM_ADDRESS = 20;

/** What signing in works on. */
export interface Portal {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Logger;
  /** `https://HOST[:PORT]` as browsers know it. */
  readonly origin: string;
  readonly vault: Vault;
  readonly passwords: Passwords;
  readonly sessions: Sessions;
  /** Where people may sign in as well; undefined: nowhere. */
  readonly oidc: OidcClient | undefined;
  readonly oidcWays: Pending<OidcUnderWay>;
  /** What passkeys are made for; undefined: `origin` is an address, for which browsers make none. */
  readonly party: RelyingParty | undefined;
  readonly challenges: Pending<Challenge>;
  readonly attempts: { readonly account: Attempts; readonly address: Attempts };
}

/** `key` is that of portal.key: 64 hexadecimal digits. */
export function makePortal(
  needs: Pick<Portal, "store" | "clock" | "log" | "origin"> & {
    readonly key: string;
    readonly oidc?: Omit<OidcSettings, "redirectUri">;
  },
): Portal {
  const { key, oidc, ...rest } = needs;
  const vault = new Vault(key);
  return {
    ...rest,
    vault,
    passwords: new Passwords(vault.pepper),
    oidc:
      oidc === undefined
        ? undefined
        : new OidcClient({ ...oidc, redirectUri: `${needs.origin}/oidc` }, needs.log),
    oidcWays: new Pending(OIDC_BOUNDS),
    party: relyingParty(needs.origin),
    challenges: new Pending(CHALLENGE_BOUNDS),
    sessions: new Sessions(needs.store, needs.clock),
    attempts: {
      account: new Attempts(OF_ACCOUNT, WINDOW_MS),
      address: new Attempts(FROM_ADDRESS, WINDOW_MS),
    },
  };
}

/** Throws ControllerError `portal-off`. */
export function requirePortal({ portal }: { readonly portal: Portal | undefined }): Portal {
  if (portal !== undefined) return portal;
  throw new ControllerError(
    "portal-off",
    "nobody can sign in here: `portal` in the configuration file is missing",
  );
}
