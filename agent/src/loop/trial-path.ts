import type { Trial } from "../documents/trial.ts";

/** From "the kernel is what the trial asks for" to a new connection: BGP and the neighbours follow meanwhile. */
const SETTLE_MS = 1_500;

/**
 * Proves the path of a trial: once its document is true, the connection to the controller is closed and a new one opened
 * over whatever path there is then. Only what is heard on that one, or a later one, counts.
 */
export class TrialPath implements Disposable {
  readonly #reopen: () => void;
  #trial: Trial | undefined;
  #settle: NodeJS.Timeout | undefined;
  #impatience: NodeJS.Timeout | undefined;
  #opened = false;
  #connection: string | undefined;

  constructor(reopen: () => void) {
    this.#reopen = reopen;
  }

  /** The connection that proves something; undefined before there is one. */
  get connection(): string | undefined {
    return this.#connection;
  }

  /** Tells which trial is on, if any; the same again changes nothing. */
  follow(trial: Trial | undefined): void {
    if (trial === this.#trial) return;
    this[Symbol.dispose]();
    this.#trial = trial;
    this.#opened = false;
    this.#connection = undefined;
    // What never becomes true is told in time, too.
    if (trial !== undefined) this.#impatience = setTimeout(() => this.#open(), trial.withinMs / 2);
  }

  /** Whether the kernel and BGP are what the document asks for. */
  look(converged: () => boolean): void {
    if (this.#trial === undefined || this.#opened || this.#settle !== undefined || !converged()) return;
    const settleMs = Math.min(SETTLE_MS, this.#trial.withinMs / 4);
    this.#settle = setTimeout(() => this.#open(), settleMs);
  }

  connected(connection: string): void {
    if (this.#trial !== undefined && this.#opened) this.#connection = connection;
  }

  [Symbol.dispose](): void {
    this.#settle = void clearTimeout(this.#settle);
    clearTimeout(this.#impatience);
  }

  #open(): void {
    if (this.#opened) return;
    this[Symbol.dispose]();
    this.#opened = true;
    this.#reopen();
  }
}
