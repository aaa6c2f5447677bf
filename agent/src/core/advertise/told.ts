import type { AdvertisementObject } from "../../resources/router-advertisement/model.ts";
import { type Ending, endingsAfter, nothingOf } from "./telling.ts";

/** What the hosts of a link have been told: what stands, and what has ended and they may still have. */
export interface Told {
  readonly object: AdvertisementObject;
  readonly endings: readonly Ending[];
}

/** The same on disk: `saidMs` is wall clock, and what is left of endings counts from there. */
export interface RememberedLink {
  readonly saidMs: number;
  readonly object: AdvertisementObject;
  readonly endings: readonly RememberedEnding[];
}

export interface RememberedEnding extends Omit<Ending, "untilMs"> {
  readonly leftMs: number;
}

/** Both clocks, milliseconds. */
export interface Now {
  readonly monotonicMs: number;
  readonly wallMs: number;
}

/** From now on hosts are told this, or nothing; what was told before and is not any more ends. */
export function toldAfter(
  before: Told | undefined,
  object: AdvertisementObject | undefined,
  nowMs: number,
): Told | undefined {
  const endings = endingsAfter(before?.endings ?? [], before?.object, object, nowMs);
  if (object !== undefined) return { object, endings };
  return before === undefined ? undefined : { object: nothingOf(before.object), endings };
}

export function remember({ object, endings }: Told, { monotonicMs, wallMs }: Now): RememberedLink {
  return {
    saidMs: wallMs,
    object,
    endings: endings
      .filter(({ untilMs }) => untilMs > monotonicMs)
      .map(({ untilMs, ...one }) => ({ ...one, leftMs: untilMs - monotonicMs })),
  };
}

/**
 * What a former life told, as far as hosts have not forgotten it: nothing of it stands now (RFC 9096 section 3.5). The clock may have been
 * anywhere then (a Pi has none that runs without power): what it says can take time away, never add any.
 */
export function recall(
  { saidMs, object, endings }: RememberedLink,
  { monotonicMs, wallMs }: Now,
): readonly Ending[] {
  const gone = Math.max(0, wallMs - saidMs);
  const before = endings.map(({ leftMs, ...one }) => ({ ...one, untilMs: monotonicMs + leftMs }));
  return endingsAfter(before, object, undefined, monotonicMs)
    .map((one) => ({ ...one, untilMs: one.untilMs - gone }))
    .filter(({ untilMs }) => untilMs > monotonicMs);
}

/** How a link is observed of which nobody has spoken since this program began: unlike anything that could be wanted of it. */
export function silent(object: AdvertisementObject): AdvertisementObject {
  return { ...object, intervalS: 0 };
}
