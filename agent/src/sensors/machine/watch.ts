import type { Machine, MachineInventory } from "@vsix/shared/contract/up-machine.ts";
import type { Logger } from "pino";
import type { MachineFigures } from "./figures.ts";

export interface MachineWatchOptions {
  readonly node: string;
  readonly figures: () => Promise<MachineFigures>;
  /** Throws where it cannot be learned, and the signal's reason. */
  readonly inventory: (signal: AbortSignal) => Promise<MachineInventory>;
  /** Undefined where nobody can tell. */
  readonly isClockSynchronised: (signal: AbortSignal) => Promise<boolean | undefined>;
  readonly publish: (message: Machine) => void;
  readonly log: Logger;
  /** 0 to 1. */
  readonly random: () => number;
  /** Wall clock, milliseconds. */
  readonly wallMs: () => number;
  /** Rejects with the signal's reason. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** A router that has just begun has better to do. */
const SETTLE_MS = 5_000;
const FIGURES_EVERY_MS = 60_000;
/** In looks: what starts programs is asked less. */
const CLOCK_EVERY = 10;
const INVENTORY_EVERY = 60;
/** The first inventory is taken at one of the looks after the first, so that routers that begin together do not all take theirs then. */
const INVENTORY_SPREAD = 2;

/** Looks at the machine that the node runs on, once a minute from soon after the first time that somebody hears it, and tells it. */
export class MachineWatch implements AsyncDisposable {
  readonly #options: MachineWatchOptions;
  readonly #stop = new AbortController();
  #looking: Promise<void> | undefined;
  #hasLooked = false;
  #inventory: MachineInventory | undefined;
  #isSynchronised: boolean | undefined;
  #fault: string | undefined;

  constructor(options: MachineWatchOptions) {
    this.#options = options;
  }

  /** Somebody hears from now on, who may know nothing: tells it now, or once it has been looked at. */
  heard(): void {
    if (this.#stop.signal.aborted) return;
    if (this.#looking === undefined) this.#looking = this.#loop(this.#stop.signal);
    else if (this.#hasLooked)
      this.#tell().catch((error: unknown) => {
        this.#options.log.error({ err: error }, "how the machine is could not be told now");
      });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#looking;
  }

  async #loop(signal: AbortSignal): Promise<void> {
    const { random, sleep, log } = this.#options;
    const firstInventory = 1 + Math.floor(random() * INVENTORY_SPREAD);
    try {
      await sleep(SETTLE_MS, signal);
      this.#hasLooked = true;
      for (let look = 0; ; look++) {
        if (look % CLOCK_EVERY === 0) await this.#askClock(signal);
        if (look >= firstInventory && (look - firstInventory) % INVENTORY_EVERY === 0)
          await this.#takeInventory(signal);
        await this.#tell();
        await sleep(FIGURES_EVERY_MS, signal);
      }
    } catch (error) {
      if (!signal.aborted) log.error({ err: error }, "the machine is not looked at any more");
    }
  }

  async #askClock(signal: AbortSignal): Promise<void> {
    this.#isSynchronised = await this.#options.isClockSynchronised(signal);
  }

  /** What was known before is still told; why there is no newer one is said once. */
  async #takeInventory(signal: AbortSignal): Promise<void> {
    try {
      this.#inventory = await this.#options.inventory(signal);
      this.#fault = undefined;
    } catch (error) {
      signal.throwIfAborted();
      const reason = error instanceof Error ? error.message : String(error);
      if (reason !== this.#fault) this.#options.log.info({ reason }, "no inventory of the machine");
      this.#fault = reason;
    }
  }

  async #tell(): Promise<void> {
    const { node, figures, publish, wallMs } = this.#options;
    const now = await figures();
    publish({
      ...{ version: 1, node, at: new Date(wallMs()).toISOString(), ...now },
      ...(this.#inventory === undefined ? {} : { inventory: this.#inventory }),
      ...(this.#isSynchronised === undefined ? {} : { clockSynchronised: this.#isSynchronised }),
    });
  }
}
