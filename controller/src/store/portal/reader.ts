import type { Kysely, Selectable } from "kysely";
import type { AccountState } from "../../core/access/applications.ts";
import type { PortalRole } from "../../portal/roles.ts";
import type { Tables } from "../schema.ts";
import type {
  CredentialKind,
  CredentialTable,
  InvitationTable,
  OneTimeLinkTable,
  PasskeyTable,
  PortalSessionTable,
  PortalUserTable,
  ProviderIdentityTable,
} from "./schema.ts";

/** A session with what it is judged by, as it is now. */
export interface JudgedSession extends PortalSessionTable {
  readonly role: PortalRole;
  readonly state: AccountState;
}

/** Reads who may sign in, and who has. */
export class PortalReader {
  protected readonly db: Kysely<Tables>;

  constructor(db: Kysely<Tables>) {
    this.db = db;
  }

  async user(account: string): Promise<PortalUserTable | undefined> {
    return this.db.selectFrom("portal_user").selectAll().where("account", "=", account).executeTakeFirst();
  }

  /** Oldest first. */
  async credentials(account: string): Promise<readonly Selectable<CredentialTable>[]> {
    return this.db
      .selectFrom("credential")
      .selectAll()
      .where("account", "=", account)
      .orderBy("id")
      .execute();
  }

  /** One that counts, of a kind of which a user has one. */
  async credential(
    account: string,
    kind: CredentialKind,
    state: CredentialTable["state"] = "active",
  ): Promise<Selectable<CredentialTable> | undefined> {
    return this.db
      .selectFrom("credential")
      .selectAll()
      .where("account", "=", account)
      .where("kind", "=", kind)
      .where("state", "=", state)
      .executeTakeFirst();
  }

  async invitationOf(account: string): Promise<InvitationTable | undefined> {
    return this.db.selectFrom("invitation").selectAll().where("account", "=", account).executeTakeFirst();
  }

  async invitation(hash: string): Promise<InvitationTable | undefined> {
    return this.db.selectFrom("invitation").selectAll().where("hash", "=", hash).executeTakeFirst();
  }

  /** Whether or not it is over. */
  async session(hash: string): Promise<JudgedSession | undefined> {
    return this.db
      .selectFrom("portal_session")
      .innerJoin("account", "account.name", "portal_session.account")
      .innerJoin("portal_user", "portal_user.account", "portal_session.account")
      .selectAll("portal_session")
      .select(["portal_user.role as role", "account.state as state"])
      .where("portal_session.hash", "=", hash)
      .executeTakeFirst();
  }

  async identity(issuer: string, subject: string): Promise<ProviderIdentityTable | undefined> {
    return this.db
      .selectFrom("provider_identity")
      .selectAll()
      .where("issuer", "=", issuer)
      .where("subject", "=", subject)
      .executeTakeFirst();
  }

  async identityOf(account: string, issuer: string): Promise<ProviderIdentityTable | undefined> {
    return this.db
      .selectFrom("provider_identity")
      .selectAll()
      .where("account", "=", account)
      .where("issuer", "=", issuer)
      .executeTakeFirst();
  }

  async passkey(credential: string): Promise<Selectable<PasskeyTable> | undefined> {
    return this.db.selectFrom("passkey").selectAll().where("credential", "=", credential).executeTakeFirst();
  }

  /** Oldest first. */
  async passkeysOf(account: string): Promise<readonly Selectable<PasskeyTable>[]> {
    return this.db.selectFrom("passkey").selectAll().where("account", "=", account).orderBy("id").execute();
  }

  /** Whether or not its time is over. */
  async link(hash: string): Promise<OneTimeLinkTable | undefined> {
    return this.db.selectFrom("one_time_link").selectAll().where("hash", "=", hash).executeTakeFirst();
  }

  /** Of a user, that nobody has opened. */
  async countLinks(account: string): Promise<number> {
    const { count } = await this.db
      .selectFrom("one_time_link")
      .select(({ fn }) => fn.countAll<number>().as("count"))
      .where("account", "=", account)
      .executeTakeFirstOrThrow();
    return Number(count);
  }

  /** Oldest first. */
  async sessionsOf(account: string): Promise<readonly PortalSessionTable[]> {
    return this.db
      .selectFrom("portal_session")
      .selectAll()
      .where("account", "=", account)
      .orderBy("created_at")
      .orderBy("id")
      .execute();
  }

  /** Those whose time is over, or that nobody has used since. */
  async sessionsOver(now: string, idleSince: string, limit: number): Promise<readonly PortalSessionTable[]> {
    return this.db
      .selectFrom("portal_session")
      .selectAll()
      .where(({ eb, or }) => or([eb("ends", "<=", now), eb("seen_at", "<=", idleSince)]))
      .limit(limit)
      .execute();
  }
}
