/**
 * 32 bits of octets `from` to `end`, four at a time. Not a cryptographic hash: tables that hostile names reach give it a
 * secret seed and bound their probes.
 */
export function hashBytes(bytes: Uint8Array, from: number, end: number, seed: number): number {
  let hash = seed ^ (end - from);
  let at = from;
  for (const last = end - 3; at < last; at += 4) {
    const word =
      (bytes[at] as number) |
      ((bytes[at + 1] as number) << 8) |
      ((bytes[at + 2] as number) << 16) |
      ((bytes[at + 3] as number) << 24);
    hash = Math.imul(hash ^ word, 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  for (; at < end; at++) hash = Math.imul(hash ^ (bytes[at] as number), 0x85ebca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
