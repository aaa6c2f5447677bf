import { EPE_EVENT_TYPES, type EpeEvent } from "@vsix/shared/notify/epe-event.ts";
import type { Logger } from "pino";
import type { Clock } from "../clock.ts";
import { Serial } from "../desired/serial.ts";
import type { EpeEventBody } from "../epe/events.ts";
import { messageOf } from "../errors.ts";
import type { EpeEventTable } from "../store/schema.ts";
import type { Store } from "../store/store.ts";
import { EpeDigest, type ToldEpe } from "./epe-digest.ts";
import { happeningOf, type LoggedEpe } from "./epe-happening.ts";

export interface EpeTellerOptions {
  readonly store: Store;
  readonly log: Logger;
  readonly clock: Clock;
  /** Tells people; does not wait. `id`: the same for the same happenings, whoever tells them how often. */
  readonly tell: (event: EpeEvent, id: string) => void;
  /** What was told has changed: to be kept, together with what waits. */
  readonly onTold: () => void;
}

/** Rows of the log that are read at once. */
const AT_ONCE = 2_000;

/**
 * Tells people what egress peer engineering did and found out, from its log: so none is missed by a restart between the
 * transaction of an event and its notice. Each event goes to listeners as it is; to people, gathered and damped (epe-digest.ts).
 */
export class EpeTeller implements AsyncDisposable {
  readonly #options: EpeTellerOptions;
  readonly #digest: EpeDigest;
  readonly #listeners = new Set<(event: LoggedEpe) => void>();
  readonly #serial = new Serial();
  /** Number of the newest event that was read. */
  #read: number;

  private constructor(options: EpeTellerOptions, told: ToldEpe, read: number) {
    this.#options = options;
    this.#digest = new EpeDigest(told);
    this.#read = read;
  }

  /** Goes on from what the database remembers; where it remembers nothing, what has been is old news. */
  static async open(options: EpeTellerOptions): Promise<EpeTeller> {
    const { store } = options;
    const newest = (await store.read.epeEvents(1))[0]?.id ?? 0;
    const kept = readTold(await store.read.watchMemory("epe"), newest);
    const told = kept ?? everything(newest, 0);
    if (kept === undefined) await store.transaction((tx) => tx.putWatchMemory("epe", JSON.stringify(told)));
    const teller = new EpeTeller(options, told, oldest(told));
    // What listeners were not there for is no news to them.
    await teller.#catchUp(newest);
    return teller;
  }

  get told(): ToldEpe {
    return this.#digest.told;
  }

  /** Reads what is new in the log, and tells what is due. Fails never; what cannot be read now is read next time. */
  async look(): Promise<void> {
    await this.#serial
      .run(() => this.#look())
      .catch((error: unknown) => {
        this.#options.log.error({ reason: messageOf(error) }, "nobody could be told of egress peers");
      });
  }

  /** Calls back with each event. The listener must not throw. */
  listen(listener: (event: LoggedEpe) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#serial.run(async () => undefined);
  }

  async #look(): Promise<void> {
    for (const event of await this.#next()) for (const listener of [...this.#listeners]) listener(event);
    this.#tell();
  }

  async #catchUp(upTo: number): Promise<void> {
    while (this.#read < upTo && (await this.#next()).length > 0);
  }

  async #next(): Promise<readonly LoggedEpe[]> {
    const rows = await this.#options.store.read.epeEventsAfter(this.#read, AT_ONCE);
    const events = rows.flatMap((row) => logged(row) ?? []);
    for (const event of events) {
      const happening = happeningOf(event);
      if (happening !== undefined) this.#digest.add(happening);
    }
    this.#read = rows.at(-1)?.id ?? this.#read;
    return events;
  }

  #tell(): void {
    const { clock, tell, onTold } = this.#options;
    const due = this.#digest.due(clock.wallMs());
    for (const { event, id } of due) tell(event, id);
    if (due.length > 0) onTold();
  }
}

function logged({ id, at, prefix, body }: EpeEventTable): LoggedEpe | undefined {
  try {
    return { id, at: Date.parse(at), prefix, body: JSON.parse(body) as EpeEventBody };
  } catch {
    return undefined;
  }
}

function everything(upTo: number, at: number): ToldEpe {
  return Object.fromEntries(EPE_EVENT_TYPES.map((type) => [type, { upTo, at }]));
}

function oldest(told: ToldEpe): number {
  return Math.min(...EPE_EVENT_TYPES.map((type) => told[type]?.upTo ?? 0));
}

/** Text of our own database; undefined for what is no such thing. Numbers of a log that was replaced by an older one go back. */
function readTold(text: string | undefined, newest: number): ToldEpe | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text ?? "null");
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null) return undefined;
  const entries = EPE_EVENT_TYPES.map((type) => {
    const { upTo, at } = ((value as Partial<ToldEpe>)[type] ?? {}) as { upTo?: unknown; at?: unknown };
    const known = typeof upTo === "number" && typeof at === "number";
    return [type, known ? { upTo: Math.min(upTo, newest), at } : { upTo: newest, at: 0 }] as const;
  });
  return Object.fromEntries(entries);
}
