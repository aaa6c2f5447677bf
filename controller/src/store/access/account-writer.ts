import type { Kysely } from "kysely";
import type { ServicePolicy } from "../../core/access/services.ts";
import type { Tables } from "../schema.ts";
import { AccountReader } from "./account-reader.ts";
import type {
  AccessMinuteTable,
  AccountTable,
  ApplicationTable,
  MemberTable,
  ProjectTable,
  QuotaTable,
} from "./account-schema.ts";
import type { Touched } from "./touched.ts";

/** Writes users, projects, policies and applications. Exists only inside a transaction. */
export class AccountWriter extends AccountReader {
  readonly #touched: Touched;

  constructor(db: Kysely<Tables>, touched: Touched) {
    super(db);
    this.#touched = touched;
  }

  async addAccount(row: AccountTable): Promise<void> {
    await this.db.insertInto("account").values(row).execute();
  }

  async changeAccount(name: string, change: Partial<Omit<AccountTable, "name">>): Promise<void> {
    this.#touched.accounts.add(name);
    await this.db.updateTable("account").set(change).where("name", "=", name).execute();
  }

  async addProject(row: ProjectTable): Promise<void> {
    await this.db.insertInto("project").values(row).execute();
  }

  async changeProject(name: string, change: Partial<Omit<ProjectTable, "name">>): Promise<void> {
    this.#touched.projects.add(name);
    await this.db.updateTable("project").set(change).where("name", "=", name).execute();
  }

  async putMember(row: MemberTable): Promise<void> {
    const { role } = row;
    await this.db
      .insertInto("member")
      .values(row)
      .onConflict((conflict) => conflict.columns(["project", "account"]).doUpdateSet({ role }))
      .execute();
  }

  async removeMember(project: string, account: string): Promise<void> {
    await this.db
      .deleteFrom("member")
      .where("project", "=", project)
      .where("account", "=", account)
      .execute();
  }

  async putPolicy(policy: ServicePolicy): Promise<void> {
    const { service, approval, total, gives } = policy;
    const values = {
      approval,
      per_user: policy.perUser,
      per_project: policy.perProject,
      total,
      lifetime_s: policy.lifetimeS,
      gives,
    };
    await this.db
      .insertInto("service_policy")
      .values({ service, ...values })
      .onConflict((conflict) => conflict.column("service").doUpdateSet(values))
      .execute();
  }

  async putQuota(row: QuotaTable): Promise<void> {
    const { most } = row;
    await this.db
      .insertInto("quota")
      .values(row)
      .onConflict((conflict) => conflict.columns(["kind", "subject", "service"]).doUpdateSet({ most }))
      .execute();
  }

  async removeQuota({ kind, subject, service }: Omit<QuotaTable, "most">): Promise<void> {
    await this.db
      .deleteFrom("quota")
      .where("kind", "=", kind)
      .where("subject", "=", subject)
      .where("service", "=", service)
      .execute();
  }

  /** Writes a minute, or what it has more by now; those before `keepFrom` are dropped. */
  async putMinute(row: AccessMinuteTable, keepFrom: string): Promise<void> {
    await this.db
      .insertInto("access_minute")
      .values(row)
      .onConflict((conflict) =>
        conflict.column("minute").doUpdateSet(({ ref, fn }) => ({
          tunnels: fn<number>("max", [ref("access_minute.tunnels"), ref("excluded.tunnels")]),
          peers: fn<number>("max", [ref("access_minute.peers"), ref("excluded.peers")]),
        })),
      )
      .execute();
    await this.db.deleteFrom("access_minute").where("minute", "<", keepFrom).execute();
  }

  /** Since when routers serve users; null: no longer. */
  async putServedSince(
    rows: readonly { readonly router: string; readonly user: string; readonly since: string | null }[],
  ): Promise<void> {
    for (const { router, user, since } of rows) {
      if (since === null)
        await this.db
          .deleteFrom("access_since")
          .where("router", "=", router)
          .where("user", "=", user)
          .execute();
      else
        await this.db
          .insertInto("access_since")
          .values({ router, user, since })
          .onConflict((conflict) => conflict.columns(["router", "user"]).doUpdateSet({ since }))
          .execute();
    }
  }

  /** Stores an application under the next number and returns it. */
  async addApplication(row: Omit<ApplicationTable, "id">): Promise<ApplicationTable> {
    const newest = await this.db
      .selectFrom("application")
      .select((eb) => eb.fn.max("id").as("id"))
      .executeTakeFirst();
    const numbered = { ...row, id: Number(newest?.id ?? 0) + 1 };
    this.#touched.applications.add(numbered.id);
    await this.db.insertInto("application").values(numbered).execute();
    return numbered;
  }

  async changeApplication(id: number, change: Partial<Omit<ApplicationTable, "id">>): Promise<void> {
    this.#touched.applications.add(id);
    await this.db.updateTable("application").set(change).where("id", "=", id).execute();
  }
}
