import type { Report } from "@vsix/shared/contract/up.ts";
import type { Logger } from "pino";
import type { Clock } from "../clock.ts";
import { messageOf } from "../errors.ts";
import type { Store } from "../store/store.ts";
import { applicationOf } from "./device-name.ts";
import { followDevice } from "./ends.ts";

export interface DeviceEndsOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Logger;
  /** Whether a device of this name has enrolled. */
  readonly isEnrolled: (node: string) => boolean;
}

/** A device that moves to and fro changes its application so often and no more, milliseconds. */
const LEAST_GAP_MS = 5_000;

/** Home routers whose provider gives them another address: their reports say where their tunnels begin now, and the application follows. */
export class DeviceEnds implements Disposable {
  readonly #options: DeviceEndsOptions;
  /** What was last tried of each, so that a report told again costs nothing; of enrolled devices only. */
  readonly #tried = new Map<string, { readonly local: string; readonly atMs: number }>();

  readonly #later = new Map<string, NodeJS.Timeout>();

  constructor(options: DeviceEndsOptions) {
    this.#options = options;
  }

  [Symbol.dispose](): void {
    for (const timer of this.#later.values()) clearTimeout(timer);
  }

  /** A report has come. Never throws. */
  async heard(node: string, tunnels: Report["tunnels"]): Promise<void> {
    const { store, clock, log, isEnrolled } = this.#options;
    const application = applicationOf(node);
    const local = tunnels?.find(({ id }) => id === String(application))?.local;
    if (application === undefined || local === undefined || !isEnrolled(node)) return;
    const before = this.#tried.get(node);
    const atMs = clock.monotonicMs();
    if (before?.local === local) return;
    clearTimeout(this.#later.get(node));
    const waitMs = before === undefined ? 0 : LEAST_GAP_MS - (atMs - before.atMs);
    if (waitMs > 0) {
      this.#later.set(
        node,
        setTimeout(() => void this.heard(node, tunnels), waitMs),
      );
      return;
    }
    this.#tried.set(node, { local, atMs });
    try {
      if (await followDevice({ store, clock }, application, local))
        log.info({ application, endpoint: local }, "a device has another address");
    } catch (error) {
      log.warn(
        { application, endpoint: local, reason: messageOf(error) },
        "where a device is cannot be taken",
      );
    }
  }
}
