import type { Migration } from "kysely/migration";

/** Users, projects, quotas, policies of services, applications; tokens that belong to a user. */
export const accounts: Migration = {
  async up(db): Promise<void> {
    await db.schema
      .createTable("account")
      .addColumn("name", "text", (column) => column.primaryKey())
      .addColumn("display", "text", (column) => column.notNull())
      .addColumn("email", "text")
      .addColumn("state", "text", (column) => column.notNull())
      .addColumn("reason", "text", (column) => column.notNull())
      .addColumn("since", "text", (column) => column.notNull())
      .addColumn("created_at", "text", (column) => column.notNull())
      .addColumn("created_by", "text", (column) => column.notNull())
      .execute();
    await db.schema
      .createTable("project")
      .addColumn("name", "text", (column) => column.primaryKey())
      .addColumn("description", "text", (column) => column.notNull())
      .addColumn("state", "text", (column) => column.notNull())
      .addColumn("reason", "text", (column) => column.notNull())
      .addColumn("since", "text", (column) => column.notNull())
      .addColumn("created_at", "text", (column) => column.notNull())
      .addColumn("created_by", "text", (column) => column.notNull())
      .execute();
    await db.schema
      .createTable("member")
      .addColumn("project", "text", (column) => column.notNull().references("project.name"))
      .addColumn("account", "text", (column) => column.notNull().references("account.name"))
      .addColumn("role", "text", (column) => column.notNull())
      .addPrimaryKeyConstraint("member_key", ["project", "account"])
      .execute();
    await db.schema
      .createTable("service_policy")
      .addColumn("service", "text", (column) => column.primaryKey())
      .addColumn("approval", "text", (column) => column.notNull())
      .addColumn("per_user", "integer")
      .addColumn("per_project", "integer")
      .addColumn("total", "integer")
      .addColumn("lifetime_s", "integer")
      .addColumn("gives", "text", (column) => column.notNull())
      .execute();
    await db.schema
      .createTable("quota")
      .addColumn("kind", "text", (column) => column.notNull())
      .addColumn("subject", "text", (column) => column.notNull())
      .addColumn("service", "text", (column) => column.notNull())
      .addColumn("most", "integer")
      .addPrimaryKeyConstraint("quota_key", ["kind", "subject", "service"])
      .execute();
    await db.schema
      .createTable("application")
      .addColumn("id", "integer", (column) => column.primaryKey())
      .addColumn("service", "text", (column) => column.notNull())
      .addColumn("account", "text", (column) => column.notNull().references("account.name"))
      .addColumn("project", "text", (column) => column.references("project.name"))
      .addColumn("device", "text", (column) => column.notNull())
      .addColumn("site", "text")
      .addColumn("state", "text", (column) => column.notNull())
      .addColumn("since", "text", (column) => column.notNull())
      .addColumn("reason", "text", (column) => column.notNull())
      .addColumn("endpoint", "text")
      .addColumn("endpoint_at", "text")
      .addColumn("endpoint_number", "integer", (column) => column.notNull())
      .addColumn("public_key", "text")
      .addColumn("update_hash", "text")
      .addColumn("expires_at", "text")
      .addColumn("created_at", "text", (column) => column.notNull())
      .addColumn("note", "text", (column) => column.notNull())
      .execute();
    const indexes: readonly (readonly [string, "application" | "member", readonly string[]])[] = [
      ["application_account", "application", ["account", "service", "state"]],
      ["application_project", "application", ["project", "service", "state"]],
      ["application_service", "application", ["service", "state"]],
      ["application_key", "application", ["public_key"]],
      ["application_endpoint", "application", ["endpoint"]],
      ["application_expiry", "application", ["state", "expires_at"]],
      ["member_account", "member", ["account"]],
    ];
    for (const [name, table, columns] of indexes)
      await db.schema
        .createIndex(name)
        .on(table)
        .columns([...columns])
        .execute();
    await db.schema.alterTable("token").addColumn("account", "text").execute();
  },
};
