import { formatAddress, parseAddress } from "../net/address.ts";
import {
  contains4,
  formatPrefix4,
  overlaps4,
  type Prefix4,
  parseAddress4,
  parsePrefix4,
} from "../net/ip4.ts";
import { containsAddress, formatPrefix } from "../net/prefix.ts";
import type { Draft, DraftNode } from "./draft.ts";
import type { Path } from "./fault.ts";
import { DEFAULT_SERVICES } from "./services-model.ts";

interface Pool {
  readonly node: DraftNode;
  readonly prefix: Prefix4;
  readonly path: Path;
}

/** IPv4 of translators: pools, what clients have inside, and what is published to the Internet. */
export function checkPools(draft: Draft): void {
  const pools = [...draft.nodes.values()].flatMap((node) => readPools(draft, node));
  for (const [i, pool] of pools.entries())
    for (const other of pools.slice(0, i)) {
      if (!overlaps4(pool.prefix, other.prefix)) continue;
      // Explicit mappings are the same everywhere, so several nodes may stand in for each other.
      if (pool.node !== other.node && [pool, other].every(({ node }) => node.service === "siit-dc")) continue;
      const message = `${formatPrefix4(pool.prefix)} overlaps ${formatPrefix4(other.prefix)} of ${other.node.name}: answers would come to the wrong one`;
      draft.report({ path: pool.path, message });
    }
  checkInternal(draft, pools);
  for (const [i, text] of (draft.file.services?.nat64?.check ?? []).entries())
    if (text !== undefined && parseAddress4(text) === undefined)
      draft.report({
        path: ["services", "nat64", "check", i],
        message: `${JSON.stringify(text)} is not an IPv4 address`,
      });
  checkPublished(draft, pools);
}

function readPools(draft: Draft, node: DraftNode): readonly Pool[] {
  const translates = node.service === "nat64" || node.service === "siit-dc";
  if (node.pool === undefined) {
    if (translates && !Object.hasOwn(node, "pool"))
      draft.report({
        path: node.path,
        at: "key",
        message: `${node.service} ${node.name} needs \`pool\`: the IPv4 prefixes that are routed to it from outside`,
      });
    return [];
  }
  if (!translates) {
    const message = "`pool` means nothing here: only nodes of role nat64 and siit-dc have IPv4 addresses";
    draft.report({ path: [...node.path, "pool"], at: "key", message });
    return [];
  }
  if (node.service === "nat64" && node.pool.length > 1)
    draft.report({
      path: [...node.path, "pool", 1],
      message: `${node.name} takes one prefix: all its clients share that; a second one needs a second node`,
    });
  return node.pool.flatMap((text, i): Pool[] => {
    const path = [...node.path, "pool", i];
    const prefix = readPrefix4(draft, path, text);
    return prefix === undefined ? [] : [{ node, prefix, path }];
  });
}

function readPrefix4(draft: Draft, path: Path, text: string | undefined): Prefix4 | undefined {
  const prefix = text === undefined ? undefined : parsePrefix4(text);
  if (text !== undefined && prefix === undefined)
    draft.report({
      path,
      message: `${JSON.stringify(text)} is not an IPv4 prefix, or has bits set beyond its length; write it like 192.0.2.0/28`,
    });
  return prefix;
}

/** Room for the translator's own address and a few clients; no more than it can keep in memory. */
const INTERNAL_LENGTHS = { shortest: 12, longest: 28 } as const;

function checkInternal(draft: Draft, pools: readonly Pool[]): void {
  const nat64 = draft.file.services?.nat64;
  if (nat64 === undefined) return;
  const path = ["services", "nat64", "internal"];
  const prefix = readPrefix4(draft, path, nat64.internal ?? DEFAULT_SERVICES.internal);
  if (prefix === undefined) return;
  const text = formatPrefix4(prefix);
  const { shortest, longest } = INTERNAL_LENGTHS;
  if (prefix.length < shortest || prefix.length > longest)
    draft.report({ path, message: `${text}: from /${shortest} to /${longest}, an address for each client` });
  for (const pool of pools)
    if (overlaps4(pool.prefix, prefix))
      draft.report({
        path: pool.path,
        message: `${formatPrefix4(pool.prefix)} overlaps ${text}, which clients have inside the translator (services.nat64.internal)`,
      });
}

function checkPublished(draft: Draft, pools: readonly Pool[]): void {
  const routed = pools.filter(({ node }) => node.service === "siit-dc");
  const taken = new Map<string, string>();
  const published = new Map<string, string>();
  for (const node of draft.nodes.values())
    for (const [i, entry] of (node.publish ?? []).entries()) {
      const path = [...node.path, "publish", i];
      if (node.role !== "edge" || (node.service !== undefined && node.service !== "access")) {
        const message = `an Edge publishes its services, an access router its VPN endpoint; ${node.name} has role ${node.service ?? node.role}`;
        draft.report({ path, message });
        continue;
      }
      const siitDc = draft.file.services !== undefined && Object.hasOwn(draft.file.services, "siit-dc");
      if (!siitDc) {
        draft.report({ path, message: "`publish` needs `services.siit-dc` and a node of role siit-dc" });
        continue;
      }
      checkMapping(draft, node, path, entry, routed, taken);
      checkTarget(draft, node, [...path, "address"], entry?.address, published);
    }
}

function checkMapping(
  draft: Draft,
  node: DraftNode,
  path: Path,
  entry: NonNullable<DraftNode["publish"]>[number],
  routed: readonly Pool[],
  taken: Map<string, string>,
): void {
  const text = entry?.v4;
  if (text === undefined) return;
  const address = parseAddress4(text);
  const at = [...path, "v4"];
  const other = taken.get(text);
  taken.set(text, other ?? node.name);
  if (address === undefined) {
    draft.report({ path: at, message: `${JSON.stringify(text)} is not an IPv4 address` });
  } else if (other !== undefined) {
    draft.report({ path: at, message: `${text} is already published for ${other}` });
  } else if (routed.length > 0 && !routed.some(({ prefix }) => contains4(prefix, { address, length: 32 }))) {
    const all = routed.map(({ node: { name }, prefix }) => `${formatPrefix4(prefix)} (${name})`).join(", ");
    const message = `${text} lies in no pool of a siit-dc node, so nothing for it would arrive: ${all}`;
    draft.report({ path: at, message });
  }
}

/** RFC 7757 section 3.1: no address is in two mappings. */
function checkTarget(
  draft: Draft,
  node: DraftNode,
  path: Path,
  text: string | undefined,
  published: Map<string, string>,
): void {
  const address = text === undefined ? undefined : parseAddress(text);
  const key = text ?? `the loopback of ${node.name}`;
  const other = published.get(key);
  published.set(key, node.name);
  if (other !== undefined)
    draft.report({
      path: text === undefined ? path.slice(0, -1) : path,
      message: `${key} is published twice: a mapping has one address at each side (RFC 7757)`,
    });
  if (text === undefined) return;
  if (address === undefined)
    draft.report({ path, message: `${JSON.stringify(text)} is not an IPv6 address` });
  else if (
    !node.announced.some(({ prefix }) => containsAddress(prefix, address)) &&
    !vpnEndpoints(draft, node).includes(formatAddress(address))
  )
    draft.report({
      path,
      message: `${text} is in no prefix of ${node.name} (${node.announced.map(({ prefix }) => formatPrefix(prefix)).join(", ")})`,
    });
}

/** Where VPN devices find an access router: of its points, whichever router has them at the moment. */
function vpnEndpoints({ file }: Draft, { name }: DraftNode): readonly string[] {
  return Object.values(file.services?.access ?? {}).flatMap((point) => {
    if (point?.routers?.includes(name) !== true) return [];
    return Object.values(point.wireguard ?? {}).flatMap((device) => {
      const address = device?.endpoint === undefined ? undefined : parseAddress(device.endpoint);
      return address === undefined ? [] : [formatAddress(address)];
    });
  });
}
