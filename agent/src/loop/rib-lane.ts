import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";
import { EngineSilence } from "../core/engine-silence.ts";
import { ForwardingOrder, type ForwardingRule } from "../core/forwarding-order.ts";
import { Rib } from "../core/rib.ts";
import { maySweep } from "../core/rib-gate.ts";
import { mayBeEngine } from "../io/connection-user.ts";
import type { SessionState } from "../resources/bgp/engine.ts";
import { type BgpFeed, feedRouterId, startBgpFeed } from "../sensors/bgp-feed.ts";
import type { FeedEvent, FeedRoute } from "../sensors/bgp-session.ts";

export interface RibLaneOptions {
  /** Of the engine's API: who made it may tell best paths. */
  readonly engineSocket: string;
  readonly log: Logger;
  /** Monotonic, milliseconds. */
  readonly now: () => number;
  /** Prefixes whose best path changed, was withdrawn or swept. */
  readonly onChanged: (prefixes: readonly string[]) => void;
  /** The engine has sent nothing over its session to the receiver, not even the keepalive that was due. */
  readonly onQuiet: () => void;
}

/** The receiver's port may still be held by an agent that is stopping. */
const LISTEN_AGAIN_MS = 1_000;
/** How often paths that wait are looked at: a small part of a step of theirs. */
const RIPE_EVERY_MS = 20;
const MAX_STRANGERS = 100;

/** The RIB and the feed session that fills it; decides when what a lost session left behind may go. */
export class RibLane implements AsyncDisposable {
  readonly rib = new Rib();
  readonly #options: RibLaneOptions;
  readonly #abort = new AbortController();
  #feed: BgpFeed | undefined;
  #starting: Promise<void> = Promise.resolve();
  #fault: string | undefined;
  #asn = 0;
  #feedUpMs = 0;
  #endOfRib = false;
  readonly #establishedSince = new Map<string, number>();
  #expected: readonly string[] = [];
  #gracefulRestartMs = 30_000;
  #order: ForwardingOrder<FeedRoute> | undefined;
  #orderedBy = "";
  #wanted: string | undefined;
  #ripeTimer: NodeJS.Timeout | undefined;
  readonly #silence = new EngineSilence();
  readonly #strangers = new Set<string>();

  constructor(options: RibLaneOptions) {
    this.#options = options;
  }

  /** Starts the feed for this speaker, or moves it to another AS number. */
  configure(asn: number, routerId: string, gracefulRestartMs: number): void {
    this.#gracefulRestartMs = gracefulRestartMs;
    if (this.#asn === asn) return;
    this.#asn = asn;
    this.#starting = this.#starting.then(() => this.#start(asn, routerId));
  }

  /** This node has nothing to do with BGP: that there are no routes of it is the whole truth. */
  alone(): void {
    const dropped = this.rib.sweep();
    if (dropped.length > 0) this.#options.onChanged(dropped);
  }

  /** Better ways are taken in order (core/forwarding-order.ts); undefined: at once. */
  orderBy(rule: ForwardingRule | undefined): void {
    const orderedBy =
      rule === undefined ? "" : JSON.stringify([rule.as, rule.atLeast, rule.byMed, ...rule.idOf]);
    if (rule?.wanted !== this.#wanted) {
      // Somebody asked for the move that BGP is about to tell.
      this.hurry();
      this.#order?.askedToMove(this.#options.now());
    }
    this.#wanted = rule?.wanted;
    if (this.#orderedBy === orderedBy) return;
    this.hurry();
    this.#orderedBy = orderedBy;
    this.#order = rule === undefined ? undefined : new ForwardingOrder(rule);
  }

  /** Something has failed: no better way waits any longer. */
  hurry(): void {
    clearTimeout(this.#ripeTimer);
    this.#ripeTimer = undefined;
    if (this.#order !== undefined && this.#order.heldCount > 0)
      this.#follow(this.#order.flush(this.#options.now()));
  }

  /** The engine does not answer. Withdrawals are not followed until it does and its sessions are back. */
  engineSilent(): void {
    if (!this.#silence.lasts)
      this.#options.log.warn("the BGP engine does not answer: routes stay until its sessions are back");
    this.#silence.begin();
  }

  /** Whether the engine has a session to the receiver. */
  get feedUp(): boolean {
    return this.#feed?.established ?? false;
  }

  /** Whether the engine has sent something over that session of late. */
  get heard(): boolean {
    return this.#feed?.heard ?? false;
  }

  /** Whether something here is decided by what the engine's next answer says. */
  get awaitsSessions(): boolean {
    return !this.rib.complete || this.#silence.lasts;
  }

  /** Why the receiver does not listen, or undefined when it does. */
  get fault(): string | undefined {
    return this.#fault;
  }

  /** Listens, however long its port is taken. Never throws. */
  async #start(asn: number, routerId: string): Promise<void> {
    const { signal } = this.#abort;
    await this.#feed?.[Symbol.asyncDispose]();
    this.#feed = undefined;
    while (!signal.aborted && this.#asn === asn) {
      try {
        this.#feed = await startBgpFeed({
          asn,
          routerId: feedRouterId(routerId),
          onEvent: (event) => this.#take(event),
          onQuiet: () => this.#options.onQuiet(),
          mayFeed: (user) => mayBeEngine(user, this.#options.engineSocket),
          onStranger: (reason) => this.#stranger(reason),
          signal,
        });
        this.#fault = undefined;
        return;
      } catch (error) {
        if (signal.aborted) return;
        const reason = error instanceof Error ? error.message : String(error);
        if (this.#fault !== reason)
          this.#options.log.error({ reason }, "the best-path receiver cannot listen");
        this.#fault = reason;
        await sleep(LISTEN_AGAIN_MS, undefined, { signal }).catch(() => undefined);
      }
    }
  }

  /** Said once a reason: who goes on trying must not fill the log. */
  #stranger(reason: string): void {
    if (this.#strangers.has(reason) || this.#strangers.size === MAX_STRANGERS) return;
    this.#strangers.add(reason);
    const { log, engineSocket } = this.#options;
    log.warn(
      { reason, engineSocket },
      "somebody who is not the BGP engine connected to the best-path receiver",
    );
  }

  /** Neighbours whose link is usable: those that should have told their routes before anything is swept. */
  expect(neighbours: readonly string[]): void {
    this.#expected = neighbours;
  }

  /** The engine's sessions, as just seen. Sweeps when all is said. */
  sessionsSeen(sessions: readonly SessionState[]): void {
    const nowMs = this.#options.now();
    for (const { neighbour, state } of sessions) {
      if (state !== "established") {
        if (this.#establishedSince.delete(neighbour)) this.hurry();
      } else if (!this.#establishedSince.has(neighbour)) this.#establishedSince.set(neighbour, nowMs);
    }
    this.#endSilence();
    this.#trySweep();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#abort.abort();
    clearTimeout(this.#ripeTimer);
    await this.#starting;
    await this.#feed?.[Symbol.asyncDispose]();
  }

  #take(event: FeedEvent): void {
    const { log, now } = this.#options;
    if (event.type === "up") {
      this.#feedUpMs = now();
      this.#endOfRib = false;
      log.info("best-path feed up");
    } else if (event.type === "down") {
      this.#endOfRib = false;
      this.hurry();
      this.rib.lost();
      this.#establishedSince.clear();
      log.warn({ reason: event.reason, kept: this.rib.size }, "best-path feed down; routes are kept");
    } else if (event.type === "end-of-rib") {
      this.#endOfRib = true;
      this.#trySweep();
    } else {
      const gone = event.withdraw.filter((prefix) => !this.#silence.withhold(prefix));
      for (const { prefix } of event.reach) this.#silence.reach(prefix);
      this.#follow(this.#inOrder(event.reach), gone);
    }
  }

  /** What may be followed now. A RIB that is not complete waits for nothing: its stale routes would be swept. */
  #inOrder(reach: readonly FeedRoute[]): readonly FeedRoute[] {
    const order = this.#order;
    if (order === undefined) return reach;
    const nowMs = this.#options.now();
    const free = reach.filter((path) => order.offer(path, nowMs));
    if (!this.rib.complete) return [...free, ...order.flush(nowMs)];
    this.#wake();
    return free;
  }

  #wake(): void {
    const order = this.#order;
    if (order === undefined || order.heldCount === 0 || this.#ripeTimer !== undefined) return;
    this.#ripeTimer = setTimeout(() => {
      this.#ripeTimer = undefined;
      this.#follow(order.ripe(this.#options.now()));
      this.#wake();
    }, RIPE_EVERY_MS);
  }

  #follow(reach: readonly FeedRoute[], withdrawn: readonly string[] = []): void {
    if (reach.length === 0 && withdrawn.length === 0) return;
    for (const prefix of withdrawn) {
      this.#order?.withdraw(prefix);
      this.rib.withdraw(prefix);
    }
    for (const { prefix, nextHop } of reach) this.rib.reach({ prefix, nextHop });
    this.#options.onChanged([...reach.map(({ prefix }) => prefix), ...withdrawn]);
  }

  #expectedSince(): readonly (number | null)[] {
    return this.#expected.map((name) => this.#establishedSince.get(name) ?? null);
  }

  #endSilence(): void {
    const gone = this.#silence.release(this.#expectedSince(), this.#options.now(), this.#gracefulRestartMs);
    if (gone === undefined) return;
    this.#options.log.info({ withdrawn: gone.length }, "the BGP engine is back with its sessions");
    this.#follow([], gone);
  }

  #trySweep(): void {
    if (this.rib.complete) return;
    const facts = {
      endOfRib: this.#endOfRib,
      feedUpMs: this.#feedUpMs,
      establishedSinceMs: this.#expectedSince(),
      nowMs: this.#options.now(),
    };
    if (!maySweep(facts, this.#gracefulRestartMs)) return;
    const dropped = this.rib.sweep();
    this.#options.log.info({ routes: this.rib.size, dropped: dropped.length }, "best paths complete");
    this.#options.onChanged(dropped);
  }
}
