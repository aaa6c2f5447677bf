import type { Logger } from "pino";
import { type Clock, timestamp } from "../clock.ts";
import { messageOf } from "../errors.ts";
import type { Store } from "../store/store.ts";
import type { UserStandings } from "./standings.ts";

/** Minutes are kept for so long, milliseconds: 400 days. */
const KEEP_MS = 400 * 86_400_000;

/** The most tunnels and VPN devices at once in each minute, for reports. A minute in which no router tells is in none. */
export class UserPeaks {
  readonly #store: Store;
  readonly #standings: UserStandings;
  readonly #clock: Clock;
  readonly #log: Logger;
  #minute = "";
  #written = { tunnels: -1, peers: -1 };

  constructor(store: Store, standings: UserStandings, clock: Clock, log: Logger) {
    this.#store = store;
    this.#standings = standings;
    this.#clock = clock;
    this.#log = log;
  }

  /** Looks who is there now, and writes it down where it is more than this minute has had. To be called a few times a minute. */
  async look(): Promise<void> {
    const active = this.#standings.active();
    if (active === undefined) return;
    const nowMs = this.#clock.wallMs();
    const minute = `${timestamp(nowMs).slice(0, 16)}:00.000Z`;
    const isNew = minute !== this.#minute;
    const before = isNew ? { tunnels: -1, peers: -1 } : this.#written;
    if (active.tunnels <= before.tunnels && active.peers <= before.peers) return;
    const most = {
      tunnels: Math.max(active.tunnels, before.tunnels),
      peers: Math.max(active.peers, before.peers),
    };
    try {
      await this.#store.transaction((tx) =>
        tx.accounts.putMinute({ minute, ...most }, timestamp(nowMs - KEEP_MS)),
      );
      this.#minute = minute;
      this.#written = most;
    } catch (error) {
      this.#log.warn({ reason: messageOf(error) }, "how many users there are was not written down");
    }
  }
}
