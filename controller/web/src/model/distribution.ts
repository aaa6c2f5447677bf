/** Distributions of several planes over one axis, for a plot. Pure. */

export interface Cumulative {
  /** Round trips, milliseconds, rising. */
  readonly x: readonly number[];
  /** Per cent of answers that are no slower; null before a plane's fastest. */
  readonly lines: readonly { readonly plane: string; readonly values: readonly (number | null)[] }[];
}

export function cumulative(
  shares: readonly number[],
  found: readonly { readonly plane: string; readonly quantilesUs: readonly number[] }[],
): Cumulative {
  const all = new Set(found.flatMap(({ quantilesUs }) => quantilesUs));
  const x = [...all].sort((a, b) => a - b);
  return {
    x: x.map((us) => us / 1000),
    lines: found.map(({ plane, quantilesUs }) => ({
      plane,
      values: x.map((us) => {
        const place = quantilesUs.findLastIndex((one) => one <= us);
        return place < 0 ? null : 100 * (shares[place] ?? 0);
      }),
    })),
  };
}
