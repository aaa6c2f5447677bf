import type { SilenceRule } from "@vsix/shared/paths/silences.ts";
import type { SavedPath } from "@vsix/shared/paths/watch-saved.ts";
import type { PathEvent } from "@vsix/shared/paths/watch-state.ts";
import { timestamp } from "../clock.ts";
import type { StoreReader } from "../store/reader.ts";
import type { AuditTable } from "../store/schema.ts";
import type { Store } from "../store/store.ts";
import type { NumberedEvent } from "./path-watcher.ts";

/** Events that are kept; a node whose paths change all the time pushes out its own. */
const KEPT_EVENTS = { all: 5_000, ofSource: 1_000 };
/** Octets of an event with its traces; a larger one is kept without. */
const MAX_BODY = 256 * 1024;
/** Events that wait for a database that takes nothing. */
const MAX_WAITING = 1_000;

/** What people have still to be told, and how far they were told of rollouts and of egress peers: as of one moment. JSON. */
export interface NoticeMemory {
  readonly waiting: unknown;
  readonly rollouts: unknown;
  readonly epe: unknown;
}

interface Changed {
  readonly source: string;
  readonly target: string;
  readonly saved?: SavedPath;
}

/** Reads what PathWatch.restore() takes. What is no JSON is left to it to refuse. */
export async function readMemory(read: StoreReader): Promise<unknown> {
  const silences = parse((await read.watchMemory("silences")) ?? "[]");
  const paths = (await read.pathWatches()).map(({ state }) => parse(state));
  return { version: 1, silences: Array.isArray(silences) ? silences : [], paths };
}

/**
 * Collects what is to be written down, and writes it in one transaction: events, what people were told, what they have
 * still to be told, silences and who ordered what. So a restart neither forgets nor repeats.
 */
export class WatchRecorder {
  readonly #store: Store;
  readonly #waiting: () => NoticeMemory;
  #events: PathEvent[] = [];
  #changed = new Map<string, Changed>();
  #audit: Omit<AuditTable, "id" | "hash">[] = [];
  #silences: readonly SilenceRule[] | undefined;
  #waitingChanged = false;

  constructor(store: Store, waiting: () => NoticeMemory) {
    this.#store = store;
    this.#waiting = waiting;
  }

  get hasWork(): boolean {
    const { length } = [...this.#events, ...this.#audit];
    return length + this.#changed.size > 0 || this.#silences !== undefined || this.#waitingChanged;
  }

  add(event: PathEvent): void {
    this.#events = [...this.#events, event].slice(-MAX_WAITING);
    if (event.withheld === undefined) this.#waitingChanged = true;
  }

  changed(paths: readonly Changed[]): void {
    for (const path of paths) this.#changed.set(`${path.source} ${path.target}`, path);
  }

  audit(record: Omit<AuditTable, "id" | "hash">): void {
    this.#audit = [...this.#audit, record].slice(-MAX_WAITING);
  }

  silences(rules: readonly SilenceRule[]): void {
    this.#silences = rules;
  }

  waitingChanged(): void {
    this.#waitingChanged = true;
  }

  /** Writes everything; the events with their numbers. Throws ControllerError `store`, and then has it all still. */
  async write(): Promise<readonly NumberedEvent[]> {
    const [events, changed, audit, silences] = [this.#events, this.#changed, this.#audit, this.#silences];
    const notices = this.#waitingChanged ? this.#waiting() : undefined;
    this.#events = [];
    this.#changed = new Map();
    this.#audit = [];
    this.#silences = undefined;
    this.#waitingChanged = false;
    try {
      return await this.#store.transaction(async (tx) => {
        for (const record of audit) await tx.addAudit(record);
        for (const { source, target, saved } of changed.values()) {
          if (saved === undefined) await tx.removePathWatch(source, target);
          else await tx.putPathWatch({ source, target, state: JSON.stringify(saved) });
        }
        if (silences !== undefined) await tx.putWatchMemory("silences", JSON.stringify(silences));
        if (notices !== undefined) {
          await tx.putWatchMemory("waiting", JSON.stringify(notices.waiting));
          await tx.putWatchMemory("rollouts", JSON.stringify(notices.rollouts));
          await tx.putWatchMemory("epe", JSON.stringify(notices.epe));
        }
        const numbered: NumberedEvent[] = [];
        for (const event of events) {
          const { source, target } = event;
          const row = { at: timestamp(event.at), source, target, body: bodyOf(event) };
          numbered.push({ id: await tx.addPathEvent(row, KEPT_EVENTS), event });
        }
        return numbered;
      });
    } catch (error) {
      // What came meanwhile is newer.
      this.#events = [...events, ...this.#events].slice(-MAX_WAITING);
      this.#changed = new Map([...changed, ...this.#changed]);
      this.#audit = [...audit, ...this.#audit];
      this.#silences ??= silences;
      this.#waitingChanged ||= notices !== undefined;
      throw error;
    }
  }
}

function bodyOf(event: PathEvent): string {
  const body = JSON.stringify(event);
  if (body.length <= MAX_BODY) return body;
  return JSON.stringify(event, (key, value: unknown) => (key === "trace" ? undefined : value));
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
