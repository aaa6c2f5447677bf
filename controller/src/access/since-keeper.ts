import type { Logger } from "pino";
import { messageOf } from "../errors.ts";
import type { Store } from "../store/store.ts";
import type { UserStandings } from "./standings.ts";

/** Rows written in one transaction; the rest follow with the next look. */
const MOST_AT_ONCE = 1000;

/** Writes down since when routers serve users, now and then, so that a controller that starts anew knows. */
export class SinceKeeper {
  readonly #store: Store;
  readonly #standings: UserStandings;
  readonly #log: Logger;

  constructor(store: Store, standings: UserStandings, log: Logger) {
    this.#store = store;
    this.#standings = standings;
    this.#log = log;
  }

  /** What was written down; to be told to the standings before routers are heard. */
  async load(): Promise<void> {
    this.#standings.remember(await this.#store.read.accounts.servedSince());
  }

  /** Writes what has changed. To be called every few seconds; what could not be written is tried again. */
  async look(): Promise<void> {
    const rows = this.#standings.takeUnsaved(MOST_AT_ONCE);
    if (rows.length === 0) return;
    try {
      await this.#store.transaction((tx) => tx.accounts.putServedSince(rows));
    } catch (error) {
      this.#standings.putBack(rows);
      this.#log.warn({ reason: messageOf(error) }, "since when users are served was not written down");
    }
  }
}
