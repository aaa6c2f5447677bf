import type { Logger } from "pino";
import type { BgpEngine, SessionState } from "../resources/bgp/engine.ts";

interface Wanted {
  readonly enabled: boolean;
  readonly reason: string;
}

/**
 * Which sessions may be up, by their links. Told at once, one call at a time for each neighbour (a flapping link would
 * otherwise have its calls overtake each other), and compared with what the engine says at every look.
 */
export class PeerSwitches {
  readonly #engine: BgpEngine;
  readonly #log: Logger;
  readonly #wanted = new Map<string, Wanted>();
  readonly #driving = new Set<string>();

  constructor(engine: BgpEngine, log: Logger) {
    this.#engine = engine;
    this.#log = log;
  }

  set(address: string, enabled: boolean, reason: string): void {
    if (this.#isEnabled(address) === enabled) return;
    this.#wanted.set(address, { enabled, reason });
    this.#drive(address);
  }

  /** What the engine says; whatever differs is told again. */
  check(sessions: readonly Pick<SessionState, "address" | "admin">[]): void {
    for (const { address, admin } of sessions) {
      if (admin === "prefix-limit" || (admin === "up") === this.#isEnabled(address)) continue;
      if (!this.#wanted.has(address)) this.#wanted.set(address, { enabled: true, reason: "link is up" });
      this.#drive(address);
    }
  }

  #isEnabled(address: string): boolean {
    return this.#wanted.get(address)?.enabled ?? true;
  }

  #drive(address: string): void {
    if (this.#driving.has(address)) return;
    this.#driving.add(address);
    this.#tell(address)
      .catch((error: unknown) => this.#log.debug({ err: String(error), address }, "session not switched yet"))
      .finally(() => this.#driving.delete(address));
  }

  async #tell(address: string): Promise<void> {
    for (;;) {
      const wanted = this.#wanted.get(address);
      if (wanted === undefined) return;
      await this.#engine.setPeerEnabled(address, wanted.enabled, wanted.reason);
      if (this.#wanted.get(address) === wanted) return;
    }
  }
}
