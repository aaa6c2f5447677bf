import { formatAddress } from "../net/address.ts";
import { addressAt, formatPrefix, type Prefix, prefixOf, subnet } from "../net/prefix.ts";
import { DEFAULT_LINK_MTU } from "./defaults.ts";
import type { FabricLink, FabricRole } from "./model.ts";

/** The address plan: everything that is derived and not written. Pure arithmetic on ids; nothing depends on file order. */

export interface Blocks {
  /** /64: node id N has ::N. */
  readonly loopbacks: Prefix;
  /** /64: link of ids A < B has ::A:B:ORDINAL:0/127. */
  readonly links: Prefix;
  /** /48: locators are its /64s. */
  readonly sids: Prefix;
}

/** Default blocks of an infrastructure /40. */
export function defaultBlocks(infrastructure: Prefix): Blocks {
  return {
    loopbacks: subnet(infrastructure, 64, 0),
    links: subnet(infrastructure, 64, 1),
    sids: subnet(infrastructure, 48, 1),
  };
}

/** Largest number of planes: the plane index is four bits of a locator, and 0 is kept free. */
export const MAX_PLANES = 15;

/** Id of a node that names none: FNV-1a of its name, folded to 1..4095. Stable for ever. */
export function defaultId(name: string): number {
  return (fnv1a(name) % 4095) + 1;
}

export function loopbackOf(blocks: Blocks, id: number): string {
  return formatAddress(addressAt(blocks.loopbacks, id));
}

/** Dotted quad, unique by id; never on the wire as an address. */
export function routerIdOf(id: number): string {
  return `10.${id >> 8}.${id & 255}.1`;
}

/** A node's SRv6 locator in one plane. `planeIndex` 1..15, `id` 1..4095. */
export function locatorOf(blocks: Blocks, planeIndex: number, id: number): string {
  return formatPrefix(subnet(blocks.sids, 64, (planeIndex << 12) | id));
}

/**
 * The /127 (RFC 6164) of a link between two ids inside a /64; `ordinal` counts parallel links from 0. The lower id has
 * the even address.
 */
export function linkPrefixOf(block: Prefix, idA: number, idB: number, ordinal: number): Prefix {
  const [low, high] = idA < idB ? [idA, idB] : [idB, idA];
  const host = (BigInt(low) << 48n) | (BigInt(high) << 32n) | (BigInt(ordinal) << 16n);
  return subnet(block, 127, host >> 1n);
}

/** Links outside the AS are addressed from the last /64 of the first prefix of the end with the lower id. */
export function outsideLinkBlock(prefix: Prefix): Prefix {
  if (prefix.length > 64) return prefixOf(prefix.address, 64);
  return subnet(prefix, 64, (1n << BigInt(64 - prefix.length)) - 1n);
}

/** What kind of link may join two roles; undefined where none may. */
export function linkKindOf(a: FabricRole, b: FabricRole): FabricLink["kind"] | undefined {
  const pair = [a, b].sort().join(" ");
  if (pair === "plane plane") return "plane-internal";
  if (pair === "external-edge plane") return "plane-external";
  if (pair === "edge plane") return "plane-edge";
  if (pair === "external-edge upstream") return "upstream";
  return pair === "upstream upstream" ? "outside" : undefined;
}

export function defaultMtuOf(kind: FabricLink["kind"]): number {
  return kind === "plane-internal" || kind === "plane-external"
    ? DEFAULT_LINK_MTU.plane
    : DEFAULT_LINK_MTU.other;
}

/** `to-PEER`, `to-PEER_2` for a second parallel link; cut to 15 characters (IFNAMSIZ - 1) with a hash of the whole. */
export function interfaceNameOf(peer: string, ordinal: number): string {
  const suffix = ordinal === 0 ? "" : `_${ordinal + 1}`;
  const name = `to-${peer}${suffix}`;
  if (name.length <= 15) return name;
  const hash = (fnv1a(peer) & 0xffff).toString(16).padStart(4, "0");
  return `to-${peer.slice(0, 7 - suffix.length)}~${hash}${suffix}`;
}

/** Whether a name can be that of a network interface (dev_valid_name in net/core/dev.c). */
export function isInterfaceName(name: string): boolean {
  return /^[A-Za-z0-9_.~-]{1,15}$/.test(name) && name !== "." && name !== ".." && name !== "lo";
}

/** Names both ends in one order, to count parallel links. */
export function pairKey(a: string, b: string): string {
  return a < b ? `${a}--${b}` : `${b}--${a}`;
}

function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  }
  return (hash ^ (hash >>> 15)) >>> 0;
}
