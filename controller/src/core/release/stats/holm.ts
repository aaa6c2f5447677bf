/**
 * Holm's adjustment for several comparisons (1979): those whose adjusted p is at most alpha are refused, and the chance of
 * refusing any true hypothesis is at most alpha, however the comparisons hang together. In the order given.
 */
export function holm(ps: readonly number[]): number[] {
  const order = ps.map((p, index) => ({ p, index })).sort((a, b) => a.p - b.p);
  const adjusted = new Array<number>(ps.length).fill(1);
  let greatest = 0;
  for (const [rank, { p, index }] of order.entries()) {
    greatest = Math.max(greatest, Math.min(1, p * (ps.length - rank)));
    adjusted[index] = greatest;
  }
  return adjusted;
}
