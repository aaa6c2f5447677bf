import type { Logger } from "pino";
import { NetlinkTransportError } from "../io/netlink-error.ts";
import type { Managed } from "./managed-kind.ts";

export interface ReconcilerOptions {
  /** In the order of KIND_ORDER. */
  readonly kinds: readonly Managed[];
  readonly log: Logger;
  /** Wall clock, milliseconds. */
  readonly now: () => number;
  /** A cycle begins: what is desired by now is what it makes. */
  readonly onBegin?: () => void;
  /** Called after every cycle that changed or failed something. */
  readonly onCycle: (changed: number) => void;
}

/** Since the start. */
export interface CycleFigures {
  readonly count: number;
  /** Of these, those that broke off as a whole. */
  readonly broken: number;
  /** Objects created, replaced or deleted. */
  readonly changed: number;
  readonly seconds: number;
}

/** Full dumps are repeated this often, whatever notifications said. */
const REOBSERVE_MS = 60_000;
/** A kind that could not be looked at or changed as a whole is tried again after this long. */
const FAULT_PAUSE_MS = 2_000;
/** A cycle that takes longer is worth a line in the log. */
const SLOW_MS = 100;
/** Pause after a cycle that broke as a whole (netlink gone). */
const BROKEN_PAUSE_MS = 1_000;

/**
 * Brings the kernel to the desired state, one cycle at a time: cut off who is revoked, dump what is stale, create and replace in
 * dependency order, then delete in the reverse order. A trigger during a cycle starts another one right after; who it cuts off
 * waits for one dump or one kind's changes, not for the cycle.
 */
export class Reconciler implements AsyncDisposable {
  readonly #options: ReconcilerOptions;
  readonly #abort = new AbortController();
  readonly #figures = { count: 0, broken: 0, changed: 0, seconds: 0 };
  #wanted = false;
  #running: Promise<void> | undefined;
  #retryTimer: NodeJS.Timeout | undefined;
  readonly #reobserveTimer: NodeJS.Timeout;

  constructor(options: ReconcilerOptions) {
    this.#options = options;
    this.#reobserveTimer = setInterval(() => {
      for (const kind of options.kinds) kind.stale = true;
      this.trigger();
    }, REOBSERVE_MS);
  }

  get figures(): CycleFigures {
    return this.#figures;
  }

  /** Asks for a cycle soon; many calls make one. */
  trigger(): void {
    this.#wanted = true;
    if (this.#running === undefined && !this.#abort.signal.aborted) this.#running = this.#run();
  }

  /** Resolves when no cycle is running or wanted. */
  async idle(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
  }

  /** Dumps everything and says what a cycle would do now. Changes nothing. */
  async preview(): Promise<readonly string[]> {
    await this.idle();
    const { kinds } = this.#options;
    for (const kind of kinds) await this.#apart(kind, () => kind.observe(this.#abort.signal));
    return kinds.flatMap((kind) =>
      kind.fault === undefined ? kind.preview() : [`! ${kind.name}: ${kind.fault.reason}`],
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#abort.abort();
    clearInterval(this.#reobserveTimer);
    clearTimeout(this.#retryTimer);
    await this.idle();
  }

  async #run(): Promise<void> {
    // Coalesces the triggers of one turn of the event loop.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#wanted && !this.#abort.signal.aborted) {
      this.#wanted = false;
      await this.#cycle();
    }
    this.#running = undefined;
    this.#scheduleRetry();
  }

  async #cycle(): Promise<void> {
    const { kinds, log, now, onBegin, onCycle } = this.#options;
    const { signal } = this.#abort;
    onBegin?.();
    let changed = 0;
    const begunMs = performance.now();
    const cut = async (): Promise<void> => {
      for (const kind of kinds.toReversed())
        changed += await this.#change(kind, () => kind.cut(now(), signal));
    };
    try {
      await cut();
      for (const kind of kinds) {
        if (kind.stale) await this.#apart(kind, () => kind.observe(signal));
        if (this.#wanted) await cut();
      }
      for (const [i, kind] of kinds.entries()) {
        if (this.#wanted) await cut();
        const count = await this.#change(kind, () => kind.put(now(), signal));
        changed += count;
        // What failed for want of these may succeed now.
        if (count > 0) for (const later of kinds.slice(i + 1)) later.retryNow();
      }
      for (const kind of kinds.toReversed())
        changed += await this.#change(kind, () => kind.remove(now(), signal));
    } catch (error) {
      if (signal.aborted) return;
      this.#figures.broken++;
      log.error({ err: error }, "reconcile cycle broke off; everything is dumped again");
      for (const kind of kinds) kind.stale = true;
      await new Promise((resolve) => setTimeout(resolve, BROKEN_PAUSE_MS));
      this.#wanted = true;
    }
    const tookMs = Math.round(performance.now() - begunMs);
    this.#figures.count++;
    this.#figures.changed += changed;
    this.#figures.seconds += (performance.now() - begunMs) / 1000;
    if (tookMs >= SLOW_MS) log.info({ tookMs, changed }, "slow reconcile cycle");
    onCycle(changed);
  }

  /** A kind that could not be looked at is not changed either. */
  async #change(kind: Managed, act: () => Promise<number>): Promise<number> {
    if (kind.fault !== undefined) return 0;
    let count = 0;
    await this.#apart(kind, async () => {
      count = await act();
    });
    return count;
  }

  /**
   * Keeps what breaks one kind as a whole (no nft on this machine) away from the others; it is a condition, and tried
   * again. A broken netlink socket breaks them all, and is thrown on.
   */
  async #apart(kind: Managed, act: () => Promise<void>): Promise<void> {
    const { log, now } = this.#options;
    try {
      await act();
      if (kind.fault !== undefined && !kind.stale) {
        log.info({ kind: kind.name }, "works again");
        kind.fault = undefined;
      }
    } catch (error) {
      if (this.#abort.signal.aborted || error instanceof NetlinkTransportError) throw error;
      const reason = error instanceof Error ? error.message : String(error);
      if (kind.fault?.reason !== reason) log.error({ kind: kind.name, err: error }, "cannot be kept now");
      kind.stale = true;
      kind.fault = { reason, sinceMs: kind.fault?.sinceMs ?? now() };
    }
  }

  #scheduleRetry(): void {
    clearTimeout(this.#retryTimer);
    const { kinds, now } = this.#options;
    const due = kinds
      .map((kind) => (kind.fault === undefined ? kind.nextRetryMs() : now() + FAULT_PAUSE_MS))
      .filter((time) => time !== undefined);
    if (due.length === 0 || this.#abort.signal.aborted) return;
    this.#retryTimer = setTimeout(() => this.trigger(), Math.max(10, Math.min(...due) - now()));
  }
}
