import type { PathEvent } from "../paths/watch-state.ts";
import type { EpeEvent } from "./epe-event.ts";
import type { HealthEvent } from "./health-event.ts";
import { type HeartbeatOptions, sendHeartbeats } from "./heartbeat.ts";
import {
  type EpeNotice,
  type EventNotice,
  type HealthNotice,
  isEventNotice,
  type Notice,
  type PathNotice,
  type RolloutNotice,
} from "./notice.ts";
import type { ConfiguredReceiver } from "./receivers-file.ts";
import type { RolloutEvent } from "./rollout-event.ts";
import { NoticeSender, type SenderOptions } from "./sender.ts";

export interface NotifierOptions extends Omit<SenderOptions, "allowLoopbackHttp" | "onDone"> {
  /** Name of this sender, in heartbeats and tests. */
  readonly from: string;
  /** A new unique id. */
  readonly newId: () => string;
  /** A notice has arrived at a receiver, or was given up: what waits has changed. */
  readonly onDone?: (receiver: string, notice: Notice) => void;
}

/** Notices of events that have not arrived, by receiver. Plain JSON. */
export type Waiting = Readonly<Record<string, readonly EventNotice[]>>;

/** Of one receiver's waiting notices so many, the newest, are worth keeping on a disk. */
export const MAX_KEPT = 50;

interface Lane {
  readonly receiver: ConfiguredReceiver;
  readonly sender: NoticeSender;
  readonly stop: AbortController;
  readonly beating: Promise<void>;
}

/**
 * Tells every receiver of a file what happens, and that it is alive. Who keeps {@link waiting} and gives it back to the
 * next one loses no notice by a restart: it keeps its id, so that a receiver knows one that it had already.
 */
export class Notifier implements AsyncDisposable {
  readonly #options: NotifierOptions;
  #lanes: readonly Lane[] = [];

  constructor(options: NotifierOptions) {
    this.#options = options;
  }

  /**
   * Whom to tell from now on. One that is as before goes on with what it has, another begins with what `waiting` has for
   * its name; what waits for one that is gone is lost. Throws VsixError `bad-receiver`.
   */
  async use(receivers: readonly ConfiguredReceiver[], waiting: Waiting = {}): Promise<void> {
    const old = new Map(this.#lanes.map((lane) => [JSON.stringify(lane.receiver), lane]));
    this.#lanes = receivers.map((receiver) => {
      const key = JSON.stringify(receiver);
      const lane = old.get(key);
      old.delete(key);
      return lane ?? this.#open(receiver, waiting[receiver.name] ?? []);
    });
    await Promise.all([...old.values()].map(close));
  }

  /** Who keeps notices before they are sent makes them here. */
  noticeOf(event: PathEvent): PathNotice {
    return { kind: "path", id: this.#options.newId(), at: event.at, event };
  }

  /** The same of a rollout. `id`: of the turn itself, so that who tells it twice does not tell two. */
  rolloutNoticeOf(event: RolloutEvent, id: string): RolloutNotice {
    return { kind: "rollout", id, at: event.at, event };
  }

  /** The same of egress peer engineering. */
  epeNoticeOf(event: EpeEvent, id: string): EpeNotice {
    return { kind: "epe", id, at: event.at, event };
  }

  /** The same of how the network feels from a node. */
  healthNoticeOf(event: HealthEvent, id: string): HealthNotice {
    return { kind: "health", id, at: event.at, event };
  }

  send(notice: Notice): void {
    for (const { sender } of this.#lanes) sender.send(notice);
  }

  /** Proves the way of alarms, to all or to one. `by`: who asked for it. @returns the notice's id. */
  test(by: string, name?: string): string {
    const { from, newId, wallMs } = this.#options;
    const id = newId();
    for (const { receiver, sender } of this.#lanes)
      if (name === undefined || receiver.name === name)
        sender.send({ kind: "test", id, at: wallMs(), from, by });
    return id;
  }

  /** What has not arrived, and `more`, which is about to be sent to all. */
  waiting(more: readonly EventNotice[] = []): Waiting {
    return Object.fromEntries(
      this.#lanes.flatMap(({ receiver: { name }, sender }) => {
        const notices = [...sender.waiting(name).filter(isEventNotice), ...more];
        return notices.length === 0 ? [] : [[name, notices.slice(-MAX_KEPT)] as const];
      }),
    );
  }

  figures(): ReturnType<NoticeSender["figures"]> {
    return this.#lanes.flatMap(({ sender }) => sender.figures());
  }

  /** Resolves when nothing waits any more; heartbeats go on. */
  async idle(): Promise<void> {
    await Promise.all(this.#lanes.map(({ sender }) => sender.idle()));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#lanes.map(close));
  }

  #open(receiver: ConfiguredReceiver, waiting: readonly EventNotice[]): Lane {
    const { name, allowLoopbackHttp, heartbeatMs } = receiver;
    const { from, newId, onDone, ...options } = this.#options;
    const done = onDone === undefined ? {} : { onDone };
    const sender = new NoticeSender([receiver], { ...options, allowLoopbackHttp, ...done });
    for (const notice of waiting) sender.send(notice);
    const stop = new AbortController();
    const isBusy = (): boolean => sender.waiting(name).length > 0;
    const beat: Omit<HeartbeatOptions, "everyMs"> = {
      from,
      wallMs: options.wallMs,
      sleep: options.sleep,
      id: newId,
      send: (notice) => sender.send(notice),
      isBusy,
    };
    const beating =
      heartbeatMs === undefined
        ? Promise.resolve()
        : sendHeartbeats({ ...beat, everyMs: heartbeatMs }, stop.signal);
    return { receiver, sender, stop, beating };
  }
}

async function close({ sender, stop, beating }: Lane): Promise<void> {
  stop.abort();
  await Promise.all([sender[Symbol.asyncDispose](), beating]);
}
