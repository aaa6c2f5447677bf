import type { CaptureSpool, SegmentMeta } from "../core/capture/spool-port.ts";
import type { DnsSpool } from "./spool.ts";

const EMPTY = new Uint8Array();

/** The capture's way into the spool. */
export class SpooledCapture implements CaptureSpool {
  readonly #spool: DnsSpool;

  constructor(spool: DnsSpool) {
    this.#spool = spool;
  }

  put(
    segment: Uint8Array,
    { rows, leastNs, greatestNs, points, counted, gap }: SegmentMeta,
    journal?: string,
  ): Promise<void> {
    const some = Object.entries(counted).filter(([, n]) => n > 0);
    const item = {
      segment: rows === 0 ? EMPTY : segment,
      points: [...points],
      firstUs: Number(leastNs / 1000n),
      lastUs: Number(greatestNs / 1000n),
      pairs: rows,
      counters: Object.fromEntries(some),
      ...(gap === undefined ? {} : { gap }),
    };
    return this.#spool.add(item, journal);
  }

  seen(rows: number, untilUs: number): void {
    this.#spool.seen(rows, untilUs);
  }
}
