import type { Insertable } from "kysely";
import { PortalReader } from "./reader.ts";
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

/** Writes who may sign in, and who has. Exists only inside a transaction. */
export class PortalWriter extends PortalReader {
  async putUser(row: PortalUserTable): Promise<void> {
    const { role, since, set_by } = row;
    await this.db
      .insertInto("portal_user")
      .values(row)
      .onConflict((conflict) => conflict.column("account").doUpdateSet({ role, since, set_by }))
      .execute();
  }

  async addCredential(row: Insertable<CredentialTable>): Promise<void> {
    await this.db.insertInto("credential").values(row).execute();
  }

  async changeCredential(
    id: number,
    change: Partial<Pick<CredentialTable, "state" | "counter">>,
  ): Promise<void> {
    await this.db.updateTable("credential").set(change).where("id", "=", id).execute();
  }

  async removeCredential(id: number): Promise<void> {
    await this.db.deleteFrom("credential").where("id", "=", id).execute();
  }

  async removeCredentials(account: string, kinds: readonly CredentialKind[]): Promise<void> {
    await this.db
      .deleteFrom("credential")
      .where("account", "=", account)
      .where("kind", "in", kinds)
      .execute();
  }

  /** The user's invitation from now on; an earlier one is void. */
  async putInvitation(row: InvitationTable): Promise<void> {
    const { account: _, ...rest } = row;
    await this.db
      .insertInto("invitation")
      .values(row)
      .onConflict((conflict) => conflict.column("account").doUpdateSet(rest))
      .execute();
  }

  async removeInvitation(account: string): Promise<void> {
    await this.db.deleteFrom("invitation").where("account", "=", account).execute();
  }

  /** The user's at this provider from now on, instead of an earlier one. */
  async putIdentity(row: ProviderIdentityTable): Promise<void> {
    await this.db
      .deleteFrom("provider_identity")
      .where("account", "=", row.account)
      .where("issuer", "=", row.issuer)
      .execute();
    await this.db.insertInto("provider_identity").values(row).execute();
  }

  async removeIdentities(account: string): Promise<void> {
    await this.db.deleteFrom("provider_identity").where("account", "=", account).execute();
  }

  async addPasskey(row: Insertable<PasskeyTable>): Promise<void> {
    await this.db.insertInto("passkey").values(row).execute();
  }

  async changePasskey(
    id: number,
    change: Partial<Pick<PasskeyTable, "name" | "counter" | "used_at">>,
  ): Promise<void> {
    await this.db.updateTable("passkey").set(change).where("id", "=", id).execute();
  }

  async removePasskey(id: number): Promise<void> {
    await this.db.deleteFrom("passkey").where("id", "=", id).execute();
  }

  async removePasskeys(account: string): Promise<void> {
    await this.db.deleteFrom("passkey").where("account", "=", account).execute();
  }

  async addLink(row: OneTimeLinkTable): Promise<void> {
    await this.db.insertInto("one_time_link").values(row).execute();
  }

  async removeLink(hash: string): Promise<void> {
    await this.db.deleteFrom("one_time_link").where("hash", "=", hash).execute();
  }

  /** Of everybody, what nobody has opened in its time. */
  async removeLinksOver(now: string): Promise<void> {
    await this.db.deleteFrom("one_time_link").where("ends", "<=", now).execute();
  }

  async addSession(row: PortalSessionTable): Promise<void> {
    await this.db.insertInto("portal_session").values(row).execute();
  }

  async touchSession(id: string, seenAt: string): Promise<void> {
    await this.db.updateTable("portal_session").set({ seen_at: seenAt }).where("id", "=", id).execute();
  }

  async removeSession(id: string): Promise<void> {
    await this.db.deleteFrom("portal_session").where("id", "=", id).execute();
  }
}
