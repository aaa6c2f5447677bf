import type { Generated } from "kysely";
import type { PortalRole, SecondFactor } from "../../portal/roles.ts";

/** Tables of people who sign in. `account` is a user of the access services, or an operator who is one as well. */

export interface PortalUserTable {
  account: string;
  role: PortalRole;
  since: string;
  set_by: string;
}

/**
 * password: a PHC string; one a user. totp: sealed (portal/secrets.ts); one a user. recovery: keyed hash of a code, deleted when
 * it is used. Other kinds will have rows of their own.
 */
export type CredentialKind = "password" | "totp" | "recovery";

export interface CredentialTable {
  id: Generated<number>;
  account: string;
  kind: CredentialKind;
  secret: string;
  /** pending: a second factor that its user has not shown yet; it counts for nothing. */
  state: "active" | "pending";
  /** totp: the newest step that was used; else 0. */
  counter: number;
  created_at: string;
}

/** One a user; deleted when it is used. */
export interface InvitationTable {
  account: string;
  /** SHA-256 of its text, hex. */
  hash: string;
  /** What he will be. */
  role: PortalRole;
  created_at: string;
  created_by: string;
  ends: string;
}

export interface PortalSessionTable {
  /** Names it in lists and in the audit log; opens nothing. */
  id: string;
  /** SHA-256 of the cookie's secret, hex. */
  hash: string;
  account: string;
  second_factor: SecondFactor;
  created_at: string;
  /** To the minute or so. */
  seen_at: string;
  ends: string;
  /** Where it was opened. */
  address: string;
  /** What the browser said it is; harmless text. */
  agent: string;
}

/** What somebody's browser has sealed; the key is in the link alone. */
export interface OneTimeLinkTable {
  /** SHA-256 of the link's text, hex. */
  hash: string;
  /** Names it in the audit log; opens nothing. */
  id: string;
  account: string;
  sealed: string;
  created_at: string;
  ends: string;
}

/** Opens an account, by who has its private half. */
export interface PasskeyTable {
  /** What it is called in addresses. */
  id: Generated<number>;
  /** The authenticator's own name for it, base64url. */
  credential: string;
  account: string;
  /** What its user calls it. */
  name: string;
  /** COSE_Key (RFC 9052 section 7), base64url. */
  public_key: string;
  /** The highest that its authenticator has told; 0: it does not count. */
  counter: number;
  /** How browsers may reach the authenticator, as a JSON array of words. */
  transports: string;
  created_at: string;
  used_at: string | null;
}

/** Opens an account; one a user and provider. */
export interface ProviderIdentityTable {
  issuer: string;
  subject: string;
  account: string;
  created_at: string;
}

export interface PortalTables {
  portal_user: PortalUserTable;
  credential: CredentialTable;
  invitation: InvitationTable;
  portal_session: PortalSessionTable;
  one_time_link: OneTimeLinkTable;
  provider_identity: ProviderIdentityTable;
  passkey: PasskeyTable;
}
