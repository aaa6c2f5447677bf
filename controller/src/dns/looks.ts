import { timestamp } from "../clock.ts";
import type { Context } from "../operations/context.ts";
import type { Where } from "./questions.ts";

/** The same look of the same person is written down no more often, milliseconds. */
const AGAIN_MS = 600_000;
const MAX_REMEMBERED = 4_096;

/** Who looked at what users asked for: in the audit log before the answer is given. */
export class DnsLooks {
  readonly #seen = new Map<string, number>();

  /** Throws what the store throws: then there is no answer. */
  async record(context: Context, who: string, view: string, where: Where): Promise<void> {
    const { clock, store } = context;
    const { fromMs, untilMs, ...rest } = where;
    const key = JSON.stringify([who, view, rest]);
    const nowMs = clock.monotonicMs();
    // Whoever follows asks each second; another span of time is another look.
    const following = Math.abs(untilMs - clock.wallMs()) < 60_000 && untilMs - fromMs <= 24 * 3_600_000;
    if (following && nowMs - (this.#seen.get(key) ?? Number.NEGATIVE_INFINITY) < AGAIN_MS) return;
    const detail = JSON.stringify({ view, from: timestamp(fromMs), until: timestamp(untilMs), ...rest });
    await store.transaction((tx) =>
      tx.addAudit({ at: timestamp(clock.wallMs()), who, what: "dns-look", detail }),
    );
    if (this.#seen.size >= MAX_REMEMBERED) this.#seen.clear();
    this.#seen.set(key, nowMs);
  }
}
