import type { Health } from "@vsix/shared/contract/up-health.ts";
import type { Fabric } from "@vsix/shared/fabric/model.ts";
import { findNode } from "@vsix/shared/fabric/query.ts";
import { type HealthEvent, MAX_HEALTH_VERDICTS } from "@vsix/shared/notify/health-event.ts";
import type { Logger } from "pino";
import { type Clock, timestamp } from "../clock.ts";
import { layerStates, lettersOf } from "../core/health/layers.ts";
import { FIRST_MOOD, type Mood, nextMood, readMood } from "../core/health/mood.ts";
import { shortRun } from "../core/health/short-run.ts";
import type { Store } from "../store/store.ts";

export interface HealthKeeperOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Logger;
  /** Runs are kept for so many days. */
  readonly keepDays: number;
  /** Tells people; does not wait. */
  readonly tell: (event: HealthEvent, id: string) => void;
}

/** The newest run of a node, and when it came. */
export interface LatestHealth {
  readonly health: Health;
  /** Wall clock, milliseconds. */
  readonly atMs: number;
  readonly mood: Mood;
}

/** Agents run every 10 s at most; a node that tells more often tells too much. */
const LEAST_GAP_MS = 3_000;
/** Runs of all nodes together; the oldest go first. */
const MAX_RUNS = 2_000_000;
/** Runs that wait for a database that takes nothing. */
const MAX_WAITING = 5_000;
const PRUNE_EVERY_MS = 600_000;
const DAY_MS = 86_400_000;
/** How often what has come is written down, milliseconds. */
export const HEALTH_FLUSH_EVERY_MS = 1_000;

/** What nodes tell of how the network feels: the newest in memory, all in the database, and who is told when it turns. */
export class HealthKeeper implements AsyncDisposable {
  readonly #options: HealthKeeperOptions;
  readonly #latest: Map<string, LatestHealth>;
  #sites: ReadonlyMap<string, string> = new Map();
  #waiting: LatestHealth[] = [];
  #prunedMs = Number.NEGATIVE_INFINITY;

  private constructor(options: HealthKeeperOptions, latest: Map<string, LatestHealth>) {
    this.#options = options;
    this.#latest = latest;
  }

  /** Goes on from what the database has. Throws ControllerError `store`. */
  static async open(options: HealthKeeperOptions): Promise<HealthKeeper> {
    const latest = new Map<string, LatestHealth>();
    for (const { node, at, mood, body } of await options.store.read.health.latest())
      latest.set(node, {
        health: JSON.parse(body) as Health,
        atMs: Date.parse(at),
        mood: readMood(mood),
      });
    return new HealthKeeper(options, latest);
  }

  /** Only nodes that are told to look are listened to, users' own routers among them; others are forgotten. */
  setFabric(fabric: Fabric, homes: readonly string[] = []): void {
    const looking = fabric.health === undefined ? [] : [...fabric.health.nodes, ...homes];
    this.#sites = new Map(looking.map((name) => [name, findNode(fabric, name)?.site ?? ""]));
    for (const node of this.#latest.keys()) if (!this.#sites.has(node)) this.#latest.delete(node);
  }

  /** Takes a checked message, or says why not. */
  accept(health: Health): string | undefined {
    const { node, instance, run, state } = health;
    const site = this.#sites.get(node);
    if (site === undefined) return undefined; // its part may just have been taken back
    const before = this.#latest.get(node);
    const atMs = this.#options.clock.wallMs();
    if (before !== undefined) {
      if (before.health.instance === instance && run <= before.health.run) return undefined;
      // A clock that was set back is no reason to refuse for ever.
      if (atMs >= before.atMs && atMs - before.atMs < LEAST_GAP_MS) return "health: too often";
    }
    const { mood, turned } = nextMood(before?.mood ?? FIRST_MOOD, state);
    const latest = { health, atMs, mood };
    this.#latest.set(node, latest);
    this.#waiting = [...this.#waiting, latest].slice(-MAX_WAITING);
    if (turned !== undefined) this.#tell(health, site, turned, atMs);
    return undefined;
  }

  /** By node. */
  get latest(): ReadonlyMap<string, LatestHealth> {
    return this.#latest;
  }

  siteOf(node: string): string | undefined {
    return this.#sites.get(node);
  }

  /** Writes down what has come. What the database does not take now waits. */
  async flush(): Promise<void> {
    const { store, clock, keepDays } = this.#options;
    const nowMs = clock.wallMs();
    const isPruning = clock.monotonicMs() - this.#prunedMs >= PRUNE_EVERY_MS;
    if (this.#waiting.length === 0 && !isPruning) return;
    const waiting = this.#waiting;
    this.#waiting = [];
    try {
      await store.transaction(async (tx) => {
        for (const { health, atMs, mood } of waiting) {
          const { node, state, layers } = health;
          const at = timestamp(atMs);
          const body = JSON.stringify(shortRun(health));
          await tx.health.addRun({ node, at, state, layers: lettersOf(layerStates(layers)), body });
          await tx.health.putLatest({ node, at, mood: JSON.stringify(mood), body: JSON.stringify(health) });
        }
        if (isPruning) await tx.health.prune(timestamp(nowMs - keepDays * DAY_MS), MAX_RUNS);
      });
      if (isPruning) this.#prunedMs = clock.monotonicMs();
    } catch (error) {
      this.#waiting = [...waiting, ...this.#waiting].slice(-MAX_WAITING);
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.flush().catch((error: unknown) => {
      this.#options.log.error({ err: error }, "health could not be written down");
    });
  }

  #tell({ node, instance, run, verdicts }: Health, site: string, turned: "bad" | "good", at: number): void {
    this.#options.log.info({ node, turned }, "health");
    const words = verdicts.map(({ text }) => text).slice(0, MAX_HEALTH_VERDICTS);
    const event: HealthEvent =
      turned === "bad"
        ? { type: "turned-bad", level: "warning", node, site, verdicts: words, at }
        : { type: "turned-good", level: "fine", node, site, verdicts: words, at };
    this.#options.tell(event, `health-${node}-${instance}-${run}`);
  }
}
