import type { EpeEvent } from "@vsix/shared/notify/epe-event.ts";
import type { HealthEvent } from "@vsix/shared/notify/health-event.ts";
import { isEventNotice, type Notice } from "@vsix/shared/notify/notice.ts";
import { Notifier, type Waiting } from "@vsix/shared/notify/notifier.ts";
import type { ConfiguredReceiver } from "@vsix/shared/notify/receivers-file.ts";
import type { RolloutEvent } from "@vsix/shared/notify/rollout-event.ts";
import type { PathEvent } from "@vsix/shared/paths/watch-state.ts";
import type { Logger } from "pino";
import type { Clock } from "../clock.ts";
import { ControllerError } from "../errors.ts";

export interface NoticesOptions {
  readonly receivers: readonly ConfiguredReceiver[];
  /** Name of this controller in heartbeats and tests. */
  readonly from: string;
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
  readonly newId: () => string;
  /** 0 to 1. */
  readonly random: () => number;
  readonly clock: Clock;
  readonly log: Logger;
  /** What waits has changed. */
  readonly onWaiting: () => void;
}

/** What became of the newest try at a receiver. */
interface Outcome {
  readonly at: number;
  readonly outcome: "sent" | "retrying" | "dropped";
  readonly code: string;
}

/** A receiver as operators see it; its URL, which may be a secret, is not among it. */
export interface ReceiverStatus {
  readonly name: string;
  readonly format: "slack" | "json";
  readonly heartbeatS: number | null;
  readonly waiting: number;
  /** Since the start. */
  readonly sent: number;
  readonly failed: number;
  readonly dropped: number;
  readonly last: Outcome | null;
}

export interface TestResult {
  readonly name: string;
  readonly outcome: "sent" | "dropped" | "waiting";
  /** `ok`, `http-STATUS`, or why there was no answer; of the newest try. */
  readonly code: string;
}

/** Tells people: every receiver of the file in its own order and at its own pace. Nobody waits for one. */
export class Notices implements AsyncDisposable {
  readonly #options: NoticesOptions;
  readonly #notifier: Notifier;
  readonly #last = new Map<string, Outcome>();
  readonly #counts = new Map<string, { sent: number; failed: number }>();
  readonly #done = new Set<(receiver: string, notice: Notice) => void>();

  constructor(options: NoticesOptions) {
    this.#options = options;
    const { from, fetch, newId, random, clock } = options;
    this.#notifier = new Notifier({
      from,
      fetch,
      newId,
      random,
      wallMs: () => clock.wallMs(),
      sleep: (ms, signal) => clock.sleep(ms, signal),
      log: (receiver, outcome, code) => this.#note(receiver, outcome, code),
      onDone: (receiver, notice) => {
        for (const done of [...this.#done]) done(receiver, notice);
        if (isEventNotice(notice)) options.onWaiting();
      },
    });
  }

  /** Begins, with what had not arrived when the controller ended. */
  async open(waiting: Waiting): Promise<void> {
    await this.#notifier.use(this.#options.receivers, waiting);
  }

  tell(event: PathEvent): void {
    this.#notifier.send(this.#notifier.noticeOf(event));
  }

  /** `id`: see Notifier.rolloutNoticeOf. */
  tellRollout(event: RolloutEvent, id: string): void {
    this.#notifier.send(this.#notifier.rolloutNoticeOf(event, id));
  }

  tellEpe(event: EpeEvent, id: string): void {
    this.#notifier.send(this.#notifier.epeNoticeOf(event, id));
  }

  tellHealth(event: HealthEvent, id: string): void {
    this.#notifier.send(this.#notifier.healthNoticeOf(event, id));
    this.#options.onWaiting();
  }

  /** Notices of events that have not arrived; to be kept over a restart. */
  waiting(): Waiting {
    return this.#notifier.waiting();
  }

  list(): readonly ReceiverStatus[] {
    const figures = new Map(this.#notifier.figures().map((one) => [one.name, one]));
    return this.#options.receivers.map(({ name, format, heartbeatMs }) => ({
      name,
      format,
      heartbeatS: heartbeatMs === undefined ? null : heartbeatMs / 1000,
      waiting: figures.get(name)?.waiting ?? 0,
      sent: this.#counts.get(name)?.sent ?? 0,
      failed: this.#counts.get(name)?.failed ?? 0,
      dropped: figures.get(name)?.dropped ?? 0,
      last: this.#last.get(name) ?? null,
    }));
  }

  /**
   * Sends a test to one receiver, or to all, and waits up to `waitMs` for it to arrive. One that waits behind others is not
   * taken back. Throws ControllerError `no-receivers`, `unknown-receiver`.
   */
  async test(
    by: string,
    name: string | undefined,
    waitMs: number,
    signal: AbortSignal,
  ): Promise<readonly TestResult[]> {
    const names = this.#options.receivers.map((receiver) => receiver.name);
    if (names.length === 0)
      throw new ControllerError(
        "no-receivers",
        "nobody is told anything: name a file of receivers, `notify`",
      );
    if (name !== undefined && !names.includes(name)) {
      const known = `receivers: ${names.join(", ")}`;
      throw new ControllerError("unknown-receiver", `there is no receiver ${JSON.stringify(name)}; ${known}`);
    }
    const asked = name === undefined ? names : [name];
    const results = new Map<string, TestResult>();
    const over = new AbortController();
    const listen = (receiver: string, notice: Notice): void => {
      if (notice.id !== id) return;
      const last = this.#last.get(receiver);
      const outcome = last?.outcome === "sent" ? "sent" : "dropped";
      results.set(receiver, { name: receiver, outcome, code: last?.code ?? "unknown" });
      if (results.size === asked.length) over.abort();
    };
    this.#done.add(listen);
    const id = this.#notifier.test(by, name);
    await this.#options.clock.sleep(waitMs, AbortSignal.any([over.signal, signal]));
    this.#done.delete(listen);
    return asked.map((receiver) => {
      const code = this.#last.get(receiver)?.code ?? "no-answer-yet";
      return results.get(receiver) ?? { name: receiver, outcome: "waiting", code };
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#notifier[Symbol.asyncDispose]();
  }

  #note(receiver: string, outcome: Outcome["outcome"], code: string): void {
    const { clock, log } = this.#options;
    const before = this.#last.get(receiver);
    this.#last.set(receiver, { at: clock.wallMs(), outcome, code });
    const counts = this.#counts.get(receiver) ?? { sent: 0, failed: 0 };
    this.#counts.set(receiver, counts);
    if (outcome === "sent") counts.sent += 1;
    if (outcome === "retrying") counts.failed += 1;
    if (outcome === "dropped") log.error({ receiver, code }, "a notice was given up");
    else if (outcome !== before?.outcome) {
      if (outcome === "retrying") log.warn({ receiver, code }, "a receiver of notices does not take them");
      else if (before !== undefined) log.info({ receiver }, "a receiver takes notices again");
    }
  }
}
