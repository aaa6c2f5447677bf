/**
 * 32 bits of octets, by words of 4 (little-endian, the last filled up with zeros) and their number. Not a cryptographic hash:
 * tables that hostile names reach give it a secret seed and bound their probes.
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
  if (at < end) {
    let word = 0;
    for (let shift = 0; at < end; at++, shift += 8) word |= (bytes[at] as number) << shift;
    hash = Math.imul(hash ^ word, 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  return finished(hash);
}

/** The same as {@link hashBytes}, of many octets faster. */
export function hashView(view: DataView, from: number, end: number, seed: number): number {
  let hash = seed ^ (end - from);
  let at = from;
  for (const last = end - 3; at < last; at += 4) {
    hash = Math.imul(hash ^ view.getInt32(at, true), 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  if (at < end) {
    let word = 0;
    for (let shift = 0; at < end; at++, shift += 8) word |= view.getUint8(at) << shift;
    hash = Math.imul(hash ^ word, 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  return finished(hash);
}

/** The same of octets that begin at word `from` of a buffer, and are followed by zeros to the end of their last word. */
export function hashWords(words: Int32Array, from: number, octets: number, seed: number): number {
  let hash = seed ^ octets;
  for (let at = from, end = from + ((octets + 3) >> 2); at < end; at++) {
    hash = Math.imul(hash ^ (words[at] as number), 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  return finished(hash);
}

/** The same of octets that something else follows, instead of zeros. */
export function hashPart(words: Int32Array, from: number, octets: number, seed: number): number {
  let hash = seed ^ octets;
  const end = from + (octets >> 2);
  for (let at = from; at < end; at++) {
    hash = Math.imul(hash ^ (words[at] as number), 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  const rest = octets & 3;
  if (rest > 0) {
    hash = Math.imul(hash ^ ((words[end] as number) & ((1 << (rest * 8)) - 1)), 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  return finished(hash);
}

function finished(hash: number): number {
  const mixed = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}
