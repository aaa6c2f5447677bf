/**
 * Upper tail of the standard normal distribution, P(Z > z). Relative error below 1e-12 as far out as doubles go, for
 * corrections over many comparisons live in the tail. Marsaglia's series near 0, Laplace's continued fraction beyond 3
 * (Abramowitz & Stegun 26.2.14).
 */
export function normalTail(z: number): number {
  if (z < -3) return 1 - normalTail(-z);
  const density = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
  if (z > 3) {
    let fraction = z;
    for (let k = 100; k >= 1; k--) fraction = z + k / fraction;
    return density / fraction;
  }
  let [term, sum] = [z, z];
  for (let k = 3; Math.abs(term) > 1e-18 && k < 400; k += 2) {
    term *= (z * z) / k;
    sum += term;
  }
  return 0.5 - density * sum;
}

/**
 * The z whose upper tail is `tail`; found by halving, so as exact as normalTail.
 * @throws RangeError unless 0 < tail < 1
 */
export function normalUpperQuantile(tail: number): number {
  if (!(tail > 0 && tail < 1)) throw new RangeError(`no tail probability: ${tail}`);
  if (tail > 0.5) return -normalUpperQuantile(1 - tail);
  let [low, high] = [0, 39];
  for (let i = 0; i < 80; i++) {
    const middle = (low + high) / 2;
    if (normalTail(middle) > tail) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
