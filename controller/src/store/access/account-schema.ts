import type { AccountState, ApplicationState, Role } from "../../core/access/applications.ts";
import type { Approval, Service } from "../../core/access/services.ts";

/** Tables of users, projects and what they applied for. `account` is a user: `user` is a word of SQL. */

export interface AccountTable {
  name: string;
  display: string;
  email: string | null;
  state: AccountState;
  /** Why it is in that state. */
  reason: string;
  since: string;
  created_at: string;
  created_by: string;
}

export interface ProjectTable {
  name: string;
  description: string;
  state: AccountState;
  reason: string;
  since: string;
  created_at: string;
  created_by: string;
}

export interface MemberTable {
  project: string;
  account: string;
  role: Role;
}

export interface ServicePolicyTable {
  service: Service;
  approval: Approval;
  per_user: number | null;
  per_project: number | null;
  total: number | null;
  lifetime_s: number | null;
  gives: "address" | "network";
}

/** Goes before the policy of the service. */
export interface QuotaTable {
  kind: "user" | "project";
  subject: string;
  service: Service;
  /** Null: no limit. */
  most: number | null;
}

export interface ApplicationTable {
  id: number;
  service: Service;
  account: string;
  project: string | null;
  /** Tells a user's applications apart; free again when one is over. */
  device: string;
  site: string | null;
  state: ApplicationState;
  since: string;
  reason: string;
  /** While it is suspended: who may resume it; operators always. */
  suspended_by: "user" | "operator" | null;
  /** The user's router, RFC 5952 text. */
  endpoint: string | null;
  endpoint_at: string | null;
  /** Of the newest update that was numbered: none is taken twice. */
  endpoint_number: number;
  /** Where it wanted to end while another one did, and since when. */
  endpoint_wish: string | null;
  endpoint_wish_at: string | null;
  public_key: string | null;
  /** SHA-256 of the key that updates the endpoint, hex. */
  update_hash: string | null;
  expires_at: string | null;
  created_at: string;
  note: string;
}

/** A router serves a user, by list and key in its shards, since then. */
export interface AccessSinceTable {
  router: string;
  user: string;
  /** RFC 3339. */
  since: string;
}

/** The most users at once in a minute, as their routers told. */
export interface AccessMinuteTable {
  /** RFC 3339, its beginning. */
  minute: string;
  tunnels: number;
  peers: number;
}

export interface AccountTables {
  access_minute: AccessMinuteTable;
  access_since: AccessSinceTable;
  account: AccountTable;
  project: ProjectTable;
  member: MemberTable;
  service_policy: ServicePolicyTable;
  quota: QuotaTable;
  application: ApplicationTable;
}
