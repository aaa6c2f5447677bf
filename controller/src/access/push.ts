import type { Logger } from "pino";
import type { Clock } from "../clock.ts";
import type { DesiredState } from "../desired/desired-state.ts";
import { messageOf } from "../errors.ts";
import { Touched } from "../store/access/touched.ts";
import type { Store } from "../store/store.ts";
import type { AccessBook, Standing } from "./book.ts";
import type { PresharedKeys } from "./preshared.ts";
import { served, servedOf, userOf } from "./served.ts";
import type { UserStandings } from "./standings.ts";

export interface UserPusherOptions {
  readonly store: Store;
  readonly desired: DesiredState;
  readonly book: AccessBook;
  readonly standings: UserStandings;
  readonly preshared: PresharedKeys;
  readonly clock: Clock;
  readonly log: Logger;
  /** Applications whose device has enrolled. */
  readonly devices: () => Iterable<number>;
}

/** Changes that come within this time go to routers together, milliseconds. */
const GATHER_MS = 2;

/**
 * Users to their routers: whatever transaction changed an application, a user or a project, those it concerns are read anew and
 * the shards they stand in are published. What could not be is tried again.
 */
export class UserPusher implements AsyncDisposable {
  readonly #options: UserPusherOptions;
  #touched = new Touched();
  /** Those who changed since routers were told last, and how they stood. */
  readonly #untold = new Map<number, Standing | undefined>();
  /** Routers lack something: a trial holds it back, or it failed. */
  #behind = false;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;

  constructor(options: UserPusherOptions) {
    this.#options = options;
    options.store.onTouched((touched) => {
      this.#touched.add(touched);
      this.#soon();
    });
  }

  /** Everybody into the book, before the first document is compiled. */
  static async load(store: Store, book: AccessBook, preshared: PresharedKeys): Promise<void> {
    book.setAll((await served(store.read, "all")).map((one) => userOf(one, preshared)));
  }

  /** A device has enrolled, or may no longer speak. */
  devicesChanged(): void {
    this.#behind = true;
    this.#soon();
  }

  /** Tries again what could not be published. To be called now and again. */
  async retry(): Promise<void> {
    if (this.#behind) this.#soon();
    await this.#running;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearTimeout(this.#timer);
    await this.#running;
  }

  #soon(): void {
    if (this.#running !== undefined) return;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#running = this.#push().finally(() => {
        this.#running = undefined;
        if (!this.#touched.isEmpty && !this.#behind) this.#soon();
      });
    }, GATHER_MS);
  }

  async #push(): Promise<void> {
    const { store, desired, book, standings, preshared, clock, log, devices } = this.#options;
    const touched = this.#touched;
    this.#touched = new Touched();
    const begunMs = clock.monotonicMs();
    let read = false;
    try {
      const { changed, held } = await desired.renewUsers(async () => {
        const ids = await store.read.accounts.applicationNumbers(touched);
        const now = new Map(
          (await servedOf(store.read, ids)).map((one) => [one.application.id, userOf(one, preshared)]),
        );
        for (const id of ids) if (!this.#untold.has(id)) this.#untold.set(id, book.standing(id));
        for (const id of ids) book.set(id, now.get(id));
        book.setDevices(devices());
        read = true;
      });
      const told = [...this.#untold].map(([id, before]) => ({ id, before }));
      standings.changed(told, new Set(held));
      if (held.length === 0) this.#untold.clear();
      this.#behind = held.length > 0;
      const ms = Math.round(clock.monotonicMs() - begunMs);
      if (changed.length > 0) log.info({ routers: changed, ms, held }, "users told to their routers");
    } catch (error) {
      if (!read) this.#touched.add(touched);
      this.#behind = true;
      log.error({ reason: messageOf(error) }, "users not told to their routers; tried again");
    }
  }
}
