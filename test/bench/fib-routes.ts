import { prefixText } from "../../agent/src/wire/bgp/prefix-text.ts";

/** Prefix lengths and how many of a hundred routes have them: about what the global IPv6 table looks like. */
const LENGTHS: readonly (readonly [length: number, share: number])[] = [
  [48, 48],
  [32, 12],
  [44, 10],
  [40, 8],
  [36, 5],
  [47, 4],
  [46, 4],
  [29, 3],
  [33, 3],
  [34, 1],
  [42, 1],
  [45, 1],
];
/** First octets of what the five registries give out. */
const BLOCKS = [0x24, 0x26, 0x28, 0x2a, 0x2c];

/** Different IPv6 prefixes in canonical text, the same for the same numbers, more-specifics clustered in allocations. */
export function makePrefixes(count: number, seed = 4690): readonly string[] {
  const random = xorshift(seed);
  const below = (limit: number): number => random() % limit;
  const shares = LENGTHS.flatMap(([length, share]) => Array<number>(share).fill(length));
  // A holder's allocation: three octets below a block's first. A quarter as many as routes, so that most have several.
  const allocations = Array.from({ length: Math.max(1, count >> 2) }, () => random());
  const prefixes = new Set<string>();
  const bytes = new Uint8Array(16);
  while (prefixes.size < count) {
    const allocation = allocations[below(allocations.length)] ?? 0;
    const inside = random();
    bytes[0] = BLOCKS[allocation % BLOCKS.length] ?? 0x2a;
    bytes[1] = allocation >>> 8;
    bytes[2] = allocation >>> 16;
    bytes[3] = allocation >>> 24;
    bytes[4] = inside;
    bytes[5] = inside >>> 8;
    const length = shares[below(shares.length)] ?? 48;
    prefixes.add(prefixText(bytes, 0, length)); // made as the agent makes those of its BGP feed
  }
  return [...prefixes];
}

/** 32-bit xorshift: Marsaglia 2003, the triple 13, 17, 5. */
function xorshift(seed: number): () => number {
  let state = seed >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state;
  };
}
