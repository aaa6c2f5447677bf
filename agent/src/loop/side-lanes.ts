import { join, resolve } from "node:path";
import type { Logger } from "pino";
import type { LinkTable } from "../io/links.ts";
import { updatePlaces } from "../update/places.ts";
import { AdvertiseLane } from "./advertise-lane.ts";
import { DelegationLane } from "./delegation-lane.ts";
import type { Managed } from "./managed-kind.ts";
import { UpdateNotice } from "./update-notice.ts";

export interface SideLanesOptions {
  readonly stateDir: string;
  readonly links: LinkTable;
  readonly runDir: string;
  readonly log: Logger;
  /** Monotonic, milliseconds. */
  readonly now: () => number;
  readonly onChange: () => void;
  /** Hosts are told the end of other prefixes than before. */
  readonly onEnded: () => void;
}

/**
 * What hosts of LANs and routers behind tunnels are told, and what is told of an update: lanes of their own, which delay no route and which no
 * route waits for.
 */
export class SideLanes implements AsyncDisposable {
  readonly advertise: AdvertiseLane;
  readonly delegation: DelegationLane;
  readonly update: UpdateNotice;

  constructor({ stateDir, links, runDir, log, now, onChange, onEnded }: SideLanesOptions) {
    const logOf = (part: string): Logger => log.child({ part });
    this.advertise = new AdvertiseLane({
      file: join(stateDir, "advertised.json"),
      links,
      log: logOf("advertise"),
      now,
      random: Math.random,
      onChange,
      onEnded,
    });
    this.delegation = new DelegationLane({ runDir, log: logOf("delegation"), now, onChange });
    this.update = new UpdateNotice(updatePlaces(resolve(stateDir)), onChange);
  }

  get kinds(): readonly Managed[] {
    return [...this.advertise.kinds, ...this.delegation.kinds];
  }

  get waiting(): ReadonlyMap<string, string> {
    return new Map([...this.advertise.waiting, ...this.delegation.waiting, ...this.update.waiting]);
  }

  /** What cycles would do now. Changes nothing. */
  async preview(): Promise<readonly string[]> {
    return [...(await this.advertise.preview()), ...(await this.delegation.preview())];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.advertise[Symbol.asyncDispose](), this.delegation[Symbol.asyncDispose]()]);
  }
}
