import { VsixError } from "@vsix/shared/errors/vsix-error.ts";
import type { Logger } from "pino";

export interface Refusal {
  readonly at: string;
  readonly code: string;
  readonly reason: string;
}

/** The same refusal is logged again after this long; a flood of them must not fill a disk. */
const SAY_AGAIN_MS = 10_000;

/** Remembers the newest refusal, and says refusals without flooding the log. */
export class Refusals {
  readonly #log: Logger;
  readonly #now: () => number;
  #newest: Refusal | undefined;
  #saidMs = Number.NEGATIVE_INFINITY;
  #saidCode = "";
  #unsaid = 0;

  /** @param now wall clock, milliseconds */
  constructor(log: Logger, now: () => number) {
    this.#log = log;
    this.#now = now;
  }

  get newest(): Refusal | undefined {
    return this.#newest;
  }

  /** What was refused does not matter any more. */
  clear(): void {
    this.#newest = undefined;
  }

  add(error: unknown): Refusal {
    const code = error instanceof VsixError ? error.code : "internal";
    const reason = error instanceof Error ? error.message : String(error);
    this.#newest = { at: new Date(this.#now()).toISOString(), code, reason };
    this.#say(code, reason);
    return this.#newest;
  }

  #say(code: string, reason: string): void {
    const nowMs = this.#now();
    // A clock set back must not silence it.
    if (code === this.#saidCode && Math.abs(nowMs - this.#saidMs) < SAY_AGAIN_MS) {
      this.#unsaid++;
      return;
    }
    this.#log.warn({ code, reason, unsaid: this.#unsaid }, "refused; nothing changed");
    this.#saidCode = code;
    this.#saidMs = nowMs;
    this.#unsaid = 0;
  }
}
