import type { HealthPart } from "@vsix/shared/contract/part-health.ts";
import type { Health } from "@vsix/shared/contract/up-health.ts";
import type { Logger } from "pino";
import { healthReport } from "../core/health/report.ts";
import type { HealthFindings } from "./health/health-run.ts";

export interface HealthScheduleOptions {
  readonly node: string;
  /** Random at each start of the agent. */
  readonly instance: string;
  /** One run. Throws where the kernel cannot be asked, and the signal's reason. */
  readonly look: (part: HealthPart, signal: AbortSignal) => Promise<HealthFindings>;
  readonly publish: (message: Health) => void;
  readonly log: Logger;
  /** 0 to 1. */
  readonly random: () => number;
  /** Wall clock, milliseconds. */
  readonly wallMs: () => number;
  /** Monotonic, milliseconds. */
  readonly nowMs: () => number;
  /** Rejects with the signal's reason. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** A node that has just got its routes is not looked at yet. */
const SETTLE_MS = 5_000;
/** Nodes of one change do not all ask at once; within so much of an interval. */
const SPREAD = 0.1;

/**
 * Looks at how the network feels from here, once an interval, and tells it.
 */
export class HealthSchedule implements AsyncDisposable {
  readonly #options: HealthScheduleOptions;
  #part: HealthPart | undefined;
  #stop = new AbortController();
  #looking: Promise<void> = Promise.resolve();
  #run = 0;
  #last: Health | undefined;

  constructor(options: HealthScheduleOptions) {
    this.#options = options;
  }

  /** What is looked at from now on; nothing where it is undefined. The same as before changes nothing. */
  configure(part: HealthPart | undefined): void {
    if (JSON.stringify(part) === JSON.stringify(this.#part)) return;
    this.#part = part;
    this.#stop.abort();
    this.#stop = new AbortController();
    if (part === undefined) {
      this.#last = undefined;
      return;
    }
    const { signal } = this.#stop;
    const before = this.#looking;
    this.#looking = before.then(() => this.#loop(part, signal));
  }

  /** The newest run; undefined before the first. */
  get last(): Health | undefined {
    return this.#last;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#looking;
  }

  async #loop(part: HealthPart, signal: AbortSignal): Promise<void> {
    const { random, nowMs, sleep, log } = this.#options;
    const intervalMs = part.intervalS * 1000;
    try {
      signal.throwIfAborted();
      await sleep(SETTLE_MS + random() * SPREAD * intervalMs, signal);
      for (;;) {
        const startedMs = nowMs();
        await this.#once(part, signal);
        const tookMs = nowMs() - startedMs;
        await sleep(Math.max(1000, intervalMs - tookMs), signal);
      }
    } catch (error) {
      if (!signal.aborted) log.error({ err: error }, "health is not looked at any more");
    }
  }

  async #once(part: HealthPart, signal: AbortSignal): Promise<void> {
    const { node, instance, look, publish, log, wallMs } = this.#options;
    const startedMs = wallMs();
    try {
      const { diagnosis, results, tookMs } = await look(part, signal);
      this.#run++;
      const run = { node, instance, run: this.#run, startedMs, tookMs };
      const message = healthReport(run, diagnosis, results);
      if (message.state !== this.#last?.state)
        log.info({ state: message.state, verdicts: message.verdicts.map(({ text }) => text) }, "health");
      this.#last = message;
      publish(message);
    } catch (error) {
      signal.throwIfAborted();
      log.warn({ err: error }, "health could not be looked at");
    }
  }
}
