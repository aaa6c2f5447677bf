import { normalTail, normalUpperQuantile } from "./normal.ts";

/** `events` of `trials`. Need not be whole: effective numbers are not (Rao & Scott 1992). */
export interface Share {
  readonly events: number;
  readonly trials: number;
}

/**
 * Wilson's score interval of one proportion (1927).
 * @param tail probability beyond each limit
 */
export function wilson({ events, trials }: Share, tail: number): readonly [lower: number, upper: number] {
  if (trials === 0) return [0, 1];
  const z = normalUpperQuantile(tail);
  const p = events / trials;
  const centre = p + (z * z) / (2 * trials);
  const half = z * Math.sqrt((p * (1 - p)) / trials + (z * z) / (4 * trials * trials));
  const scale = 1 + (z * z) / trials;
  return [Math.max(0, (centre - half) / scale), Math.min(1, (centre + half) / scale)];
}

/**
 * Miettinen and Nurminen's score test (1985) of the hypothesis p1 - p2 = margin: a standard normal z, positive when p1
 * exceeds p2 by more than that. The variance is that of the likeliest pair of proportions with this difference, which keeps
 * it sane where nothing was lost at all. Without trials there is nothing to say: 0.
 */
export function scoreZ(first: Share, second: Share, margin: number): number {
  const [n1, n2] = [first.trials, second.trials];
  if (n1 <= 0 || n2 <= 0) return 0;
  const p2 = likeliest(first, second, margin);
  const p1 = p2 + margin;
  const all = n1 + n2;
  const variance = ((p1 * (1 - p1)) / n1 + (p2 * (1 - p2)) / n2) * (all / Math.max(1, all - 1));
  const distance = first.events / n1 - second.events / n2 - margin;
  // At the ends of the scale both proportions may be certain: then any distance at all decides.
  if (variance < 1e-15) return Math.abs(distance) < 1e-12 ? 0 : Math.sign(distance) * 38;
  return Math.max(-38, Math.min(38, distance / Math.sqrt(variance)));
}

/** The interval of p1 - p2 that belongs to scoreZ: all margins that it does not refuse. */
export function scoreInterval(
  first: Share,
  second: Share,
  tail: number,
): readonly [lower: number, upper: number] {
  const limit = normalUpperQuantile(tail);
  const search = (wanted: number): number => {
    let [low, high] = [-1, 1];
    for (let i = 0; i < 40; i++) {
      const middle = (low + high) / 2;
      if (scoreZ(first, second, middle) > wanted)
        low = middle; // z falls as the margin grows
      else high = middle;
    }
    return (low + high) / 2;
  };
  return [search(limit), search(-limit)];
}

/** P values of scoreZ, one for each side. */
export function scoreTest(
  first: Share,
  second: Share,
  margin: number,
): { readonly z: number; readonly pGreater: number; readonly pLess: number } {
  const z = scoreZ(first, second, margin);
  return { z, pGreater: normalTail(z), pLess: normalTail(-z) };
}

/** The likeliest p2 when p1 = p2 + margin. The likelihood is concave, so its slope is followed to where it is 0. */
function likeliest(first: Share, second: Share, margin: number): number {
  const slope = (p: number): number => {
    const q = p + margin;
    return (
      part(first.events, q) -
      part(first.trials - first.events, 1 - q) +
      part(second.events, p) -
      part(second.trials - second.events, 1 - p)
    );
  };
  let [low, high] = [Math.max(0, -margin), Math.min(1, 1 - margin)];
  for (let i = 0; i < 46; i++) {
    const middle = (low + high) / 2;
    if (slope(middle) > 0) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

function part(count: number, share: number): number {
  return count <= 0 ? 0 : count / Math.max(share, 1e-300);
}
