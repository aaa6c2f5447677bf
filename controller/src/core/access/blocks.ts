import type { AddressBytes } from "@vsix/shared/net/address.ts";
import { containsPrefix, type Prefix, prefixOf } from "@vsix/shared/net/prefix.ts";

/**
 * The free space of a pool as maximal aligned blocks (binary buddies): any space has exactly one such description, a
 * prefix is found by one look for each length, and giving one back costs one look for each level that merges. None of it
 * depends on how much is allocated.
 */

/** The other half of what a prefix is one half of. RangeError for /0, which is no half. */
export function buddyOf({ address, length }: Prefix): Prefix {
  if (length === 0) throw new RangeError("a /0 has no buddy");
  const flipped = Uint8Array.from(address);
  const octet = (length - 1) >> 3;
  flipped[octet] = (flipped[octet] ?? 0) ^ (0x80 >> ((length - 1) & 7));
  return { address: flipped, length };
}

/** What a prefix is one half of. RangeError for /0. */
export function parentOf({ address, length }: Prefix): Prefix {
  if (length === 0) throw new RangeError("nothing holds a /0");
  return prefixOf(address, length - 1);
}

/** What is left of a free block when `taken` is taken out of it: one block a length, longest last. RangeError if it is not in it. */
export function carve(block: Prefix, taken: Prefix): readonly Prefix[] {
  if (!containsPrefix(block, taken)) throw new RangeError("what is taken lies outside of the block");
  const left: Prefix[] = [];
  for (let length = block.length + 1; length <= taken.length; length++)
    left.push(buddyOf(prefixOf(taken.address, length)));
  return left;
}

/** How a free block is chosen: `first` fit keeps a pool dense, `sparse` leaves every prefix room to grow (RFC 3531). */
export const STRATEGIES = ["first", "sparse"] as const;
export type Strategy = (typeof STRATEGIES)[number];

/**
 * The block to take a prefix from; undefined where none is large enough. `lowest` holds the lowest free block of each
 * length that is free at all. First fit: the lowest; sparse: the lowest of the largest, so that prefixes come to lie as
 * far from each other as can be.
 */
export function chooseBlock(
  lowest: readonly Prefix[],
  length: number,
  strategy: Strategy,
): Prefix | undefined {
  let chosen: Prefix | undefined;
  for (const block of lowest) {
    if (block.length > length) continue;
    const better =
      chosen === undefined ||
      (strategy === "sparse" ? block.length < chosen.length : hexOf(block.address) < hexOf(chosen.address));
    if (better) chosen = block;
  }
  return chosen;
}

/** An address as 32 hexadecimal digits: text that sorts as addresses do. */
export function hexOf(address: AddressBytes): string {
  let text = "";
  for (const octet of address) text += octet.toString(16).padStart(2, "0");
  return text;
}

/** The address of 32 hexadecimal digits. RangeError for anything else. */
export function addressOfHex(hex: string): AddressBytes {
  if (!/^[0-9a-f]{32}$/.test(hex)) throw new RangeError("an address has 32 hexadecimal digits");
  return Uint8Array.from({ length: 16 }, (_, at) => Number.parseInt(hex.slice(at * 2, at * 2 + 2), 16));
}
