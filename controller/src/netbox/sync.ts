import { parsePrefix } from "@vsix/shared/net/prefix.ts";
import type { Logger } from "pino";
import { movePrefix } from "../access/addresses.ts";
import { allocateExactly } from "../access/allocate.ts";
import { type Clock, timestamp } from "../clock.ts";
import type { NetboxPrefix } from "../core/access/netbox-forms.ts";
import { FROM_NETBOX, isInLine, type NetboxPlan, planSync } from "../core/access/netbox-plan.ts";
import { ControllerError, messageOf } from "../errors.ts";
import { poolOfRow } from "../store/access/reader.ts";
import type { Store } from "../store/store.ts";
import type { NetboxClient } from "./client.ts";
import { isAdopted, ownSide } from "./own-side.ts";

/** Failed requests after which a run gives up: NetBox is ill, not one prefix. */
const MAX_FAILURES = 20;
/** After a webhook, so that a burst of changes is one run, milliseconds. */
const SOON_MS = 1_000;

export interface SyncResult {
  readonly dryRun: boolean;
  readonly at: string;
  /** How many of each were done, or would be. */
  readonly counts: Readonly<Record<Exclude<keyof NetboxPlan, "conflicts">, number>>;
  readonly plan: NetboxPlan;
  /** What could not be done; the next run tries it again. */
  readonly failures: readonly string[];
}

export interface SyncStatus {
  /** Of the newest run that was no dry run; null: none yet. */
  readonly at: string | null;
  /** Why it failed as a whole; null: it did not. */
  readonly error: string | null;
  readonly counts: SyncResult["counts"] | null;
  readonly conflicts: NetboxPlan["conflicts"];
  readonly failures: readonly string[];
}

/** Keeps NetBox and our pools in line: now and again, soon after a webhook, or when asked. One run at a time. */
export class NetboxSync {
  readonly client: NetboxClient;
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #log: Logger;
  #last: Promise<unknown> = Promise.resolve();
  #status: SyncStatus = { at: null, error: null, counts: null, conflicts: [], failures: [] };
  #wake = new AbortController();

  constructor(client: NetboxClient, store: Store, clock: Clock, log: Logger) {
    this.client = client;
    this.#store = store;
    this.#clock = clock;
    this.#log = log;
  }

  get status(): SyncStatus {
    return this.#status;
  }

  /** Somebody says that something has changed in NetBox. */
  soon(): void {
    this.#wake.abort();
  }

  /** Runs until aborted: at once, then every so often, or a second after a webhook. */
  async loop(everyMs: number, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await this.run("netbox", false);
      } catch (error) {
        this.#log.warn({ reason: messageOf(error) }, "NetBox could not be compared");
      }
      await this.#clock.sleep(everyMs, AbortSignal.any([signal, this.#wake.signal]));
      if (signal.aborted) return;
      if (this.#wake.signal.aborted) await this.#clock.sleep(SOON_MS, signal);
      this.#wake = new AbortController();
    }
  }

  /** Compares and, unless it is a dry run, brings both sides into line. Throws ControllerError `netbox`. */
  async run(who: string, dryRun: boolean): Promise<SyncResult> {
    const run = this.#last.then(() => this.#run(who, dryRun));
    this.#last = run.catch(() => undefined);
    return run;
  }

  async #run(who: string, dryRun: boolean): Promise<SyncResult> {
    const at = timestamp(this.#clock.wallMs());
    try {
      const result = await this.#compare(who, dryRun, at);
      const { counts, plan, failures } = result;
      if (!dryRun) this.#status = { at, error: null, counts, conflicts: plan.conflicts, failures };
      return result;
    } catch (error) {
      if (!dryRun) this.#status = { ...this.#status, at, error: messageOf(error) };
      throw error;
    }
  }

  async #compare(who: string, dryRun: boolean, at: string): Promise<SyncResult> {
    // NetBox first: what is given out here meanwhile is then made there, and not taken for gone.
    const rows = await this.#store.read.addresses.pools();
    const pools = rows.map(poolOfRow);
    const theirs: NetboxPrefix[] = [];
    for (const { prefix } of rows) theirs.push(...(await this.client.prefixesWithin(prefix)));
    const ids = await this.client.slugs();
    const plan = planSync(pools, await ownSide(this.#store.read), theirs, ids);
    const { create, update, remove, adopt, release } = plan;
    const planned = {
      create: create.length,
      update: update.length,
      remove: remove.length,
      adopt: adopt.length,
      release: release.length,
    };
    if (dryRun || isInLine(plan)) return { dryRun, at, counts: planned, plan, failures: [] };
    const failures: string[] = [];
    const counts = {
      ...planned,
      ...(await this.#takeOver(who, plan, failures)),
      create: 0,
      update: 0,
      remove: 0,
    };
    const attempt = async (what: string, work: () => Promise<void>): Promise<number> => {
      if (failures.length >= MAX_FAILURES) return 0;
      try {
        await work();
        return 1;
      } catch (error) {
        if (!(error instanceof ControllerError)) throw error;
        failures.push(`${what}: ${error.message}`);
        return 0;
      }
    };
    if (create.length + update.length > 0) await this.client.ensureTag();
    // Before anything is made: a prefix may be in the place of one that goes.
    for (const { id, prefix } of remove)
      counts.remove += await attempt(`remove ${prefix}`, () => this.client.remove(id));
    for (const wish of create)
      counts.create += await attempt(`create ${wish.prefix}`, () => this.client.create(wish, ids));
    for (const { id, wish } of update)
      counts.update += await attempt(`update ${wish.prefix}`, () => this.client.update(id, wish, ids));
    const detail = JSON.stringify({ ...counts, conflicts: plan.conflicts.length, failures: failures.length });
    await this.#store.transaction((tx) => tx.addAudit({ at, who, what: "netbox sync", detail }));
    this.#log.info({ ...counts, failures: failures.length }, "NetBox and our pools were compared");
    return { dryRun, at, counts, plan, failures };
  }

  /** What people entered in NetBox is reserved here; what they took away again is free. */
  async #takeOver(
    who: string,
    { adopt, release }: NetboxPlan,
    failures: string[],
  ): Promise<{ adopt: number; release: number }> {
    const moment = { who, nowMs: this.#clock.wallMs() };
    const counts = { adopt: 0, release: 0 };
    if (adopt.length === 0 && release.length === 0) return counts;
    await this.#store.transaction(async (tx) => {
      const pools = new Map((await tx.addresses.pools()).map((row) => [row.name, poolOfRow(row)]));
      for (const { prefix, pool: name, description } of adopt) {
        const [pool, parsed] = [pools.get(name), parsePrefix(prefix)];
        // A closed pool gives out nothing, so nothing in it needs to be kept from anybody.
        if (pool === undefined || parsed === undefined || pool.state === "closed") continue;
        const note = description === "" ? FROM_NETBOX : `${FROM_NETBOX}: ${description}`;
        const holder = { state: "reserved", account: null, project: null, application: null, note } as const;
        try {
          await allocateExactly(tx, pool, parsed, holder, moment);
          counts.adopt++;
        } catch (error) {
          if (!(error instanceof ControllerError)) throw error;
          failures.push(`reserve ${prefix}: ${error.message}`);
        }
      }
      for (const prefix of release) {
        const row = await tx.addresses.prefix(prefix);
        if (row === undefined || !isAdopted(row)) continue;
        await movePrefix(tx, row, "free", "gone from NetBox", moment);
        counts.release++;
      }
    });
    return counts;
  }
}
