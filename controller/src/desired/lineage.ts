import { createHash, randomInt } from "node:crypto";
import { contentText } from "@vsix/shared/contract/manifest.ts";
import type { Logger } from "pino";
import { type Clock, timestamp } from "../clock.ts";
import { aheadOf, type Ours } from "../core/lineage.ts";
import { ControllerError } from "../errors.ts";
import type { Publisher } from "../fleet/publish.ts";
import type { FleetState } from "../fleet/state.ts";
import type { Store } from "../store/store.ts";
import type { DesiredState } from "./desired-state.ts";
import type { DesiredNode } from "./document.ts";

/** How long a controller that starts listens to its nodes before it publishes, milliseconds. */
export const LISTEN_MS = 3000;
const LOOK_EVERY_MS = 100;
/** Nodes that hold something newer, as many as are named. */
const MAX_NAMED = 5;

export interface LineageWatch {
  readonly desired: DesiredState;
  readonly publisher: Publisher;
  readonly fleet: FleetState;
  readonly signal: AbortSignal;
}

/**
 * Which incarnation of the controller speaks, and whether the nodes have heard a newer one. While any has, nothing is
 * published and nothing changed: the database lacks what was done since, and going over it would undo it unseen. Who knows
 * better says so with {@link Lineage.raise}.
 */
export class Lineage {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #ahead = new Map<string, string>();
  /** Tells this database from others; the same in its copies. */
  readonly id: number;
  #epoch: number;
  #floor: number;
  /** Highest epoch that any node was heard to hold. */
  #seen = 0;
  #told = false;
  /** Hash of what each node is to hold: every report is compared with it, and what is desired is replaced, never changed. */
  readonly #contents = new WeakMap<DesiredNode, string>();
  #watch: LineageWatch | undefined;

  private constructor(store: Store, clock: Clock, log: Logger, id: number, epoch: number, floor: number) {
    this.id = id;
    this.#store = store;
    this.#clock = clock;
    this.#log = log;
    this.#epoch = epoch;
    this.#floor = floor;
  }

  /** Begins a new epoch; durable before it is used. */
  static async open(store: Store, clock: Clock, log: Logger): Promise<Lineage> {
    const { id, epoch, floor } = await store.transaction(async (tx) => {
      const next = (await tx.counter("epoch")) + 1;
      await tx.setCounter("epoch", next);
      const known = await tx.counter("lineage");
      const mine = known === 0 ? randomInt(1, 2 ** 48 - 1) : known;
      await tx.setCounter("lineage", mine);
      return { id: mine, epoch: next, floor: await tx.counter("epoch-floor") };
    });
    return new Lineage(store, clock, log, id, epoch, floor);
  }

  get epoch(): number {
    return this.#epoch;
  }

  /** What nodes hold that this controller has not made, in words; empty when all is well. */
  get ahead(): readonly string[] {
    const all = [...this.#ahead.values()];
    const more = all.length - MAX_NAMED;
    return more > 0 ? [...all.slice(0, MAX_NAMED), `and ${more} more`] : all;
  }

  /** Throws ControllerError `fleet-newer` while a node holds something newer than this controller knows. */
  guard(): void {
    const [first] = this.#ahead.values();
    if (first === undefined) return;
    throw new ControllerError(
      "fleet-newer",
      `the nodes hold something newer than this controller knows: ${first}. Was it restored from an older backup, or is another controller at work? Nothing is published over it; \`vsixctl epoch raise\` does so all the same`,
    );
  }

  /**
   * Listens to what nodes report. With a fabric in force nothing is published until every node has spoken, or
   * {@link LISTEN_MS} are over.
   */
  watch(watch: LineageWatch): void {
    this.#watch = watch;
    watch.fleet.listen((event) => {
      if (event.type === "heard") this.#heard(event.node);
    });
  }

  /** Resolves when publishing may begin, or must not. */
  async listen(): Promise<void> {
    const watch = this.#watch;
    const nodes = [...(watch?.desired.inForce?.nodes.keys() ?? [])];
    if (watch === undefined) return;
    const endMs = this.#clock.monotonicMs() + LISTEN_MS;
    const silent = (): boolean => nodes.some((name) => watch.fleet.node(name).report === undefined);
    while (!watch.signal.aborted && silent() && this.#clock.monotonicMs() < endMs)
      await this.#clock.sleep(LOOK_EVERY_MS, watch.signal);
    if (this.#ahead.size === 0) watch.publisher.open();
  }

  /** Begins an epoch above everything that was heard, and publishes what this controller holds. */
  async raise(who: string): Promise<{ readonly epoch: number; readonly over: readonly string[] }> {
    const over = this.ahead;
    const floor = Math.max(this.#epoch, this.#seen);
    await this.#store.transaction(async (tx) => {
      await tx.setCounter("epoch", floor + 1);
      await tx.setCounter("epoch-floor", floor);
      const detail = JSON.stringify({ epoch: floor + 1, over });
      await tx.addAudit({ at: timestamp(this.#clock.wallMs()), who, what: "epoch-raise", detail });
    });
    this.#epoch = floor + 1;
    this.#floor = floor;
    this.#ahead.clear();
    this.#told = false;
    this.#log.warn({ who, epoch: this.#epoch, over }, "epoch raised");
    this.#watch?.publisher.open();
    await this.#watch?.desired.republish();
    return { epoch: this.#epoch, over };
  }

  #heard(node: string): void {
    const report = this.#watch?.fleet.node(node).report?.value;
    if (report === undefined) return;
    this.#seen = Math.max(this.#seen, report.epoch);
    const reason = aheadOf(report, this.#ours());
    if (reason === undefined) {
      // It came round by itself, as after a raise.
      if (this.#ahead.delete(node) && this.#ahead.size === 0) this.#watch?.publisher.open();
      return;
    }
    if (this.#ahead.has(node)) return;
    this.#ahead.set(node, reason);
    this.#watch?.publisher.shut();
    this.#log.error({ node, reason }, "a node holds something newer than this controller knows");
    this.#tell(reason);
  }

  /** One audit record for each time that it begins. */
  #tell(reason: string): void {
    if (this.#told) return;
    this.#told = true;
    const at = timestamp(this.#clock.wallMs());
    const detail = JSON.stringify({ reason });
    this.#store
      .transaction((tx) => tx.addAudit({ at, who: "controller", what: "fleet-newer", detail }))
      .catch((error: unknown) => this.#log.error({ err: error }, "the audit record was not written"));
  }

  #contentOf(node: DesiredNode): string {
    let content = this.#contents.get(node);
    if (content === undefined) {
      content = createHash("sha256").update(contentText(node.parts)).digest("hex");
      this.#contents.set(node, content);
    }
    return content;
  }

  #ours(): Ours {
    const inForce = this.#watch?.desired.inForce;
    return {
      epoch: this.#epoch,
      lineage: this.id,
      floor: this.#floor,
      hasFabric: inForce !== undefined,
      made: (name) => {
        const node = inForce?.nodes.get(name);
        if (node === undefined) return undefined;
        return { generation: node.generation, content: this.#contentOf(node) };
      },
    };
  }
}
