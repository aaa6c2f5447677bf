import type { RolloutEvent } from "@vsix/shared/notify/rollout-event.ts";
import type { Logger } from "pino";
import type { ChangeBody } from "../core/release/record.ts";
import { Serial } from "../desired/serial.ts";
import { messageOf } from "../errors.ts";
import { readState } from "../operations/rollout-view.ts";
import type { StoreReader } from "../store/reader.ts";
import type { RolloutEventTable, RolloutTable } from "../store/schema.ts";
import type { Store } from "../store/store.ts";
import { type RecordedChange, turnOf } from "./rollout-turn.ts";

export interface RolloutTellerOptions {
  readonly store: Store;
  readonly log: Logger;
  /** Tells people; does not wait. `id`: the same for the same turn, whoever tells it how often. */
  readonly tell: (event: RolloutEvent, id: string) => void;
  /** What was told has changed: to be kept, together with what waits. */
  readonly onTold: () => void;
}

/** How far people were told: every rollout up to a number, but of these only up to a change. Plain JSON. */
export interface ToldRollouts {
  readonly upTo: number;
  readonly open: Readonly<Record<string, number>>;
}

/**
 * Tells people of the turns that rollouts take, from what is stored: so none is missed by a restart between the transaction
 * of a turn and its notice. One that is told twice by that has the same id.
 */
export class RolloutTeller implements AsyncDisposable {
  readonly #options: RolloutTellerOptions;
  readonly #listeners = new Set<(event: RolloutEvent) => void>();
  readonly #serial = new Serial();
  #told: ToldRollouts;

  private constructor(options: RolloutTellerOptions, told: ToldRollouts) {
    this.#options = options;
    this.#told = told;
  }

  /** Goes on from what the database remembers; where it remembers nothing, what has been is old news. */
  static async open(options: RolloutTellerOptions): Promise<RolloutTeller> {
    const { store } = options;
    const kept = readTold(await store.read.watchMemory("rollouts"));
    if (kept !== undefined) return new RolloutTeller(options, kept);
    const told = await newest(store.read);
    await store.transaction((tx) => tx.putWatchMemory("rollouts", JSON.stringify(told)));
    return new RolloutTeller(options, told);
  }

  get told(): ToldRollouts {
    return this.#told;
  }

  /** Something may have happened; in the background. */
  look(): void {
    void this.#serial
      .run(() => this.#look())
      .catch((error: unknown) => {
        this.#options.log.error({ reason: messageOf(error) }, "nobody could be told of a rollout");
      });
  }

  /** Calls back with each turn. The listener must not throw. */
  listen(listener: (event: RolloutEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#serial.run(async () => undefined);
  }

  async #look(): Promise<void> {
    const { read } = this.#options.store;
    const known = Object.keys(this.#told.open).map(Number);
    const rows = [...(await read.rolloutsOf(known)), ...(await read.rolloutsAfter(this.#told.upTo))];
    for (const row of rows) this.#tell(row, await read.rolloutChanges(row.id));
  }

  #tell(row: RolloutTable, rows: readonly RolloutEventTable[]): void {
    const { upTo, open } = this.#told;
    const state = readState(row);
    const changes = rows.map(changeOf);
    const from = open[row.id] ?? 0;
    const last = changes.at(-1)?.number ?? 0;
    const { [String(row.id)]: _, ...others } = open;
    const ended = row.ended_at !== null;
    this.#told = { upTo: Math.max(upTo, row.id), open: ended ? others : { ...others, [row.id]: last } };
    if (state === undefined || (last === from && !ended)) return;
    const { id: rollout, from: plane, to, steps, members } = state;
    const of = { rollout, from: plane, to, steps: steps.length, edges: members.length };
    changes.forEach((change, i) => {
      if (change.number <= from) return;
      const event = turnOf(of, changes[i - 1], change);
      if (event === undefined) return;
      this.#options.tell(event, `rollout-${rollout}-${change.number}-${change.at}`);
      for (const listener of [...this.#listeners]) listener(event);
    });
    this.#options.onTold();
  }
}

async function newest(read: StoreReader): Promise<ToldRollouts> {
  const [last] = await read.rollouts(1);
  const open: Record<string, number> = {};
  for (const { id } of await read.runningRollouts())
    open[id] = (await read.rolloutChanges(id)).at(-1)?.number ?? 0;
  return { upTo: last?.id ?? 0, open };
}

/** Of our own rows. */
function changeOf({ number, at, who, body }: RolloutEventTable): RecordedChange {
  return { number, at: Date.parse(at), who, body: JSON.parse(body) as ChangeBody };
}

/** Text of our own database; undefined for what is no such thing. */
function readTold(text: string | undefined): ToldRollouts | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text ?? "null");
  } catch {
    return undefined;
  }
  const { upTo, open } = (value ?? {}) as Partial<ToldRollouts>;
  if (typeof upTo !== "number" || typeof open !== "object" || open === null) return undefined;
  return Object.values(open).every((number) => typeof number === "number") ? { upTo, open } : undefined;
}
