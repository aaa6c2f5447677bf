/** What is to be known of a session here. */
interface Session {
  readonly state: string;
  readonly admin: string;
}

/** At rest the engine is looked at this often: below what a redirect still believes (loop/redirects.ts). */
const RESTING_MS = 5_000;
/** So long after the last change it is looked at as often as ever. */
const STIRRED_MS = 10_000;
/** The same while a session is not up: longer than any graceful restart that somebody counts the time of. */
const DOWN_STIRRED_MS = 180_000;

/**
 * How often the BGP engine is to be asked for its sessions. Asking costs an idle router more than all else that the agent
 * does, and a session that changes is told without it; so where nothing has changed for a while, it is asked seldom.
 * Times are monotonic, milliseconds.
 */
export class EnginePace {
  /** Whether the engine tells of changes by itself. */
  listening = false;
  #stirredMs = Number.POSITIVE_INFINITY;
  #lookedMs = Number.NEGATIVE_INFINITY;
  #allUp = false;
  #resting = false;
  #seen = "";

  /** Whether the last answer to {@link mayRest} within this look's time was that it may. */
  get isResting(): boolean {
    return this.#resting;
  }

  /** Something happens that BGP has to do with. */
  stir(nowMs: number): void {
    this.#stirredMs = nowMs;
    this.#resting = false;
  }

  /** The engine is asked now. */
  looked(nowMs: number): void {
    this.#lookedMs = nowMs;
  }

  /** What it answered; any difference, counts of prefixes too, is a change. */
  seen(sessions: readonly Session[], nowMs: number): void {
    this.#allUp = sessions.every(({ state, admin }) => admin !== "up" || state === "established");
    const seen = JSON.stringify(sessions);
    if (seen !== this.#seen) this.stir(nowMs);
    this.#seen = seen;
  }

  /** Whether the next look can wait. */
  mayRest(nowMs: number): boolean {
    const quietMs = nowMs - this.#stirredMs;
    this.#resting = this.listening && quietMs >= (this.#allUp ? STIRRED_MS : DOWN_STIRRED_MS);
    return this.#resting && nowMs - this.#lookedMs < RESTING_MS;
  }
}
