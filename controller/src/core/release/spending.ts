/**
 * What one look may spend of the whole rollout's chance of a false alarm. The first `planned` looks have equal shares of
 * one half; the k-th after that has (planned / k)^2 of such a share, and all of those together less than the other half
 * (the sum of 1/k^2 beyond K is less than 1/K). So the chance holds for any number of looks, at windows that overlap in any
 * way: it is a sum over looks (Boole), not a theory of sequential tests. Looks lose little by it, for the threshold grows
 * with the root of the logarithm.
 * @param look from 1
 */
export function spend(total: number, planned: number, look: number): number {
  return (total / (2 * planned)) * Math.min(1, (planned / look) ** 2);
}
