import type { Logger } from "pino";
import type { StandingChange } from "../access/standings.ts";
import type { Clock } from "../clock.ts";

/** What happens within this time is told together, milliseconds. */
export const GATHER_MS = 200;
/** How long the database is not asked while routers tell the same of a user, milliseconds. */
export const SAME_MS = 5000;

/** Of an application: what it is known by, and what routers tell of it. */
export interface ToldApplication {
  readonly id: number;
  readonly routers: unknown;
  readonly use: unknown;
}

export interface OwnTellerOptions<A extends ToldApplication> {
  readonly clock: Clock;
  readonly log: Logger;
  /** The user's applications as they are now, from the database. */
  readonly read: () => Promise<readonly A[]>;
  /** What routers tell of one, from memory. */
  readonly told: (id: number) => Pick<ToldApplication, "routers" | "use">;
  readonly say: (applications: readonly A[]) => void;
}

/**
 * Says a user's applications whenever they are otherwise. It looks when it is told to, not more often than every GATHER_MS and one look
 * at a time. Routers tell of all their users all the time: where they tell the same of this one, nothing is looked for.
 */
export class OwnTeller<A extends ToldApplication> {
  readonly #options: OwnTellerOptions<A>;
  #timer: NodeJS.Timeout | undefined;
  #isLooking = false;
  #again = false;
  #isOver = false;
  #said = "";
  /** Something may be otherwise that no router tells. */
  #isChanged = false;
  #ids: readonly number[] = [];
  #told = "";
  #lookedMs = Number.NEGATIVE_INFINITY;

  constructor(options: OwnTellerOptions<A>) {
    this.#options = options;
  }

  soon(what: StandingChange): void {
    if (this.#isOver) return;
    if (what === "wanted") this.#isChanged = true;
    if (this.#isLooking) {
      this.#again = true;
      return;
    }
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      if (this.#isWorthLooking()) void this.#look();
    }, GATHER_MS);
  }

  stop(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
  }

  #isWorthLooking(): boolean {
    const { clock, told } = this.#options;
    if (this.#isChanged || clock.monotonicMs() - this.#lookedMs >= SAME_MS) return true;
    return toldText(this.#ids.map((id) => told(id))) !== this.#told;
  }

  async #look(): Promise<void> {
    const { clock, log, read, say } = this.#options;
    this.#isLooking = true;
    this.#isChanged = false;
    this.#lookedMs = clock.monotonicMs();
    try {
      const applications = await read();
      const text = JSON.stringify(applications);
      if (!this.#isOver && text !== this.#said) say(applications);
      this.#said = text;
      this.#ids = applications.map(({ id }) => id);
      // Not what they tell by now: what came meanwhile is still to be said.
      this.#told = toldText(applications);
    } catch (error) {
      this.#isChanged = true;
      log.error({ err: error }, "a user's applications could not be read");
    } finally {
      this.#isLooking = false;
    }
    if (this.#again) {
      this.#again = false;
      this.soon("told");
    }
  }
}

function toldText(all: readonly Pick<ToldApplication, "routers" | "use">[]): string {
  return JSON.stringify(all.map(({ routers, use }) => [routers, use]));
}
