import type { Kysely } from "kysely";
import { type ApplicationState, LIVING_STATES } from "../../core/access/applications.ts";
import { defaultPolicy, SERVICES, type Service, type ServicePolicy } from "../../core/access/services.ts";
import type { Tables } from "../schema.ts";
import type {
  AccessSinceTable,
  AccountTable,
  ApplicationTable,
  MemberTable,
  ProjectTable,
  QuotaTable,
} from "./account-schema.ts";
import type { Touched } from "./touched.ts";

/** Which applications are wanted; all that is said must hold. */
export interface ApplicationQuery {
  readonly account?: string;
  readonly project?: string;
  readonly service?: Service;
  readonly states?: readonly ApplicationState[];
  /** Newer than this one. */
  readonly after?: number;
  readonly limit: number;
}

/** Reads users, projects, policies and applications. */
export class AccountReader {
  protected readonly db: Kysely<Tables>;

  constructor(db: Kysely<Tables>) {
    this.db = db;
  }

  /** By name, after a name. */
  async accounts(limit: number, after = ""): Promise<readonly AccountTable[]> {
    return this.db
      .selectFrom("account")
      .selectAll()
      .where("name", ">", after)
      .orderBy("name")
      .limit(limit)
      .execute();
  }

  async account(name: string): Promise<AccountTable | undefined> {
    return this.db.selectFrom("account").selectAll().where("name", "=", name).executeTakeFirst();
  }

  async projects(): Promise<readonly ProjectTable[]> {
    return this.db.selectFrom("project").selectAll().orderBy("name").execute();
  }

  async project(name: string): Promise<ProjectTable | undefined> {
    return this.db.selectFrom("project").selectAll().where("name", "=", name).executeTakeFirst();
  }

  async membersOf(project: string): Promise<readonly MemberTable[]> {
    return this.db
      .selectFrom("member")
      .selectAll()
      .where("project", "=", project)
      .orderBy("account")
      .execute();
  }

  async membershipsOf(account: string): Promise<readonly MemberTable[]> {
    return this.db
      .selectFrom("member")
      .selectAll()
      .where("account", "=", account)
      .orderBy("project")
      .execute();
  }

  /** What was set, or what holds until somebody sets it. */
  async policy(service: Service): Promise<ServicePolicy> {
    const row = await this.db
      .selectFrom("service_policy")
      .selectAll()
      .where("service", "=", service)
      .executeTakeFirst();
    if (row === undefined) return defaultPolicy(service);
    const { approval, total, gives } = row;
    return {
      service,
      approval,
      perUser: row.per_user,
      perProject: row.per_project,
      total,
      lifetimeS: row.lifetime_s,
      gives,
    };
  }

  async policies(): Promise<readonly ServicePolicy[]> {
    return Promise.all(SERVICES.map((service) => this.policy(service)));
  }

  async quotas(kind: QuotaTable["kind"], subject: string): Promise<readonly QuotaTable[]> {
    return this.db
      .selectFrom("quota")
      .selectAll()
      .where("kind", "=", kind)
      .where("subject", "=", subject)
      .orderBy("service")
      .execute();
  }

  /** Applications of a service that are not over, of one user or project where it is given. */
  async countLiving(
    service: Service,
    of: { readonly account?: string; readonly project?: string } = {},
  ): Promise<number> {
    const { account, project } = of;
    const row = await this.db
      .selectFrom("application")
      .select(({ fn }) => fn.countAll<number>().as("count"))
      .where("service", "=", service)
      .where("state", "in", LIVING_STATES)
      .$if(account !== undefined, (rows) => rows.where("account", "=", account ?? ""))
      .$if(project !== undefined, (rows) => rows.where("project", "=", project ?? ""))
      .executeTakeFirst();
    return Number(row?.count ?? 0);
  }

  /** Whatever became of them. */
  async countMadeSince(account: string, since: string): Promise<number> {
    const row = await this.db
      .selectFrom("application")
      .select(({ fn }) => fn.countAll<number>().as("count"))
      .where("account", "=", account)
      .where("created_at", ">", since)
      .executeTakeFirst();
    return Number(row?.count ?? 0);
  }

  async countApplications(): Promise<
    readonly { readonly service: Service; readonly state: ApplicationState; readonly count: number }[]
  > {
    const rows = await this.db
      .selectFrom("application")
      .select(({ fn }) => ["service", "state", fn.countAll<number>().as("count")])
      .groupBy(["service", "state"])
      .execute();
    return rows.map((row) => ({ ...row, count: Number(row.count) }));
  }

  /** Oldest first. */
  async applications(query: ApplicationQuery): Promise<readonly ApplicationTable[]> {
    const { account, project, service, states, after } = query;
    return this.db
      .selectFrom("application")
      .selectAll()
      .$if(account !== undefined, (rows) => rows.where("account", "=", account ?? ""))
      .$if(project !== undefined, (rows) => rows.where("project", "=", project ?? ""))
      .$if(service !== undefined, (rows) => rows.where("service", "=", service ?? "srv6-access"))
      .$if(states !== undefined, (rows) => rows.where("state", "in", states ?? []))
      .$if(after !== undefined, (rows) => rows.where("id", ">", after ?? 0))
      .orderBy("id")
      .limit(query.limit)
      .execute();
  }

  /** Active ones, of users and projects that are active too. By number. */
  async servedApplications(
    of: { readonly service: Service } | { readonly ids: readonly number[] } | "all",
  ): Promise<readonly ApplicationTable[]> {
    return this.db
      .selectFrom("application")
      .innerJoin("account", "account.name", "application.account")
      .leftJoin("project", "project.name", "application.project")
      .selectAll("application")
      .$if(of !== "all" && "service" in of, (rows) =>
        rows.where("application.service", "=", of !== "all" && "service" in of ? of.service : "srv6-access"),
      )
      .$if(of !== "all" && "ids" in of, (rows) =>
        rows.where("application.id", "in", of !== "all" && "ids" in of ? of.ids : []),
      )
      .where("application.state", "=", "active")
      .where("account.state", "=", "active")
      .where(({ eb, or }) => or([eb("application.project", "is", null), eb("project.state", "=", "active")]))
      .orderBy("application.id")
      .execute();
  }

  /** Whatever their state, of these numbers, users and projects. */
  async applicationNumbers({ applications, accounts, projects }: Touched): Promise<readonly number[]> {
    if (accounts.size === 0 && projects.size === 0) return [...applications];
    const rows = await this.db
      .selectFrom("application")
      .select("id")
      .where(({ eb, or }) =>
        or([eb("account", "in", [...accounts, ""]), eb("project", "in", [...projects, ""])]),
      )
      .execute();
    return [...new Set([...applications, ...rows.map(({ id }) => id)])];
  }

  /** Since when routers serve users, as was written down. */
  async servedSince(): Promise<readonly AccessSinceTable[]> {
    return this.db.selectFrom("access_since").selectAll().execute();
  }

  async application(id: number): Promise<ApplicationTable | undefined> {
    return this.db.selectFrom("application").selectAll().where("id", "=", id).executeTakeFirst();
  }

  /** Those that are not over and have this device, key or endpoint. */
  async livingWith(
    of: Partial<Pick<ApplicationTable, "account" | "service" | "device" | "public_key" | "endpoint">>,
  ): Promise<readonly ApplicationTable[]> {
    let rows = this.db.selectFrom("application").selectAll().where("state", "in", LIVING_STATES);
    if (of.account !== undefined) rows = rows.where("account", "=", of.account);
    if (of.service !== undefined) rows = rows.where("service", "=", of.service);
    if (of.device !== undefined) rows = rows.where("device", "=", of.device);
    if (of.public_key !== undefined) rows = rows.where("public_key", "=", of.public_key);
    if (of.endpoint !== undefined) rows = rows.where("endpoint", "=", of.endpoint);
    return rows.execute();
  }

  /** Those whose time is over and that are not. */
  async outlived(now: string, limit: number): Promise<readonly ApplicationTable[]> {
    return this.db
      .selectFrom("application")
      .selectAll()
      .where("state", "in", LIVING_STATES)
      .where("expires_at", "<=", now)
      .limit(limit)
      .execute();
  }
}
