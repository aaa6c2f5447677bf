import { formatAddress, parseAddress } from "../net/address.ts";
import { type Prefix, parsePrefix, prefixOf } from "../net/prefix.ts";

/** What is known of the router behind an address. */
export interface HopInfo {
  readonly node?: string;
  readonly plane?: string;
  /** Every number it goes by: of a confederation the member's and the one the world sees. */
  readonly as: readonly number[];
}

/** One line of a directory: these addresses answer as that router. */
export interface KnownHop extends HopInfo {
  /** A prefix; of length 128 for a single address. */
  readonly prefix: Prefix;
}

/** Address to router. The names in it are what patterns may speak of. */
export interface HopDirectory {
  /** Undefined for an address of which nothing is known, and for what is no address. */
  lookup(address: string): HopInfo | undefined;
  /** Undefined for a node without a plane, and for one that is not known. */
  planeOf(node: string): string | undefined;
  readonly nodes: ReadonlySet<string>;
  readonly planes: ReadonlySet<string>;
  readonly ases: ReadonlySet<number>;
}

/**
 * A directory of these lines. The longest prefix that has a name gives node and plane, the longest that has an AS
 * number gives that; of equal prefixes the first counts.
 */
export function hopDirectory(known: readonly KnownHop[]): HopDirectory {
  const named = new LongestPrefix<KnownHop>();
  const numbered = new LongestPrefix<KnownHop>();
  for (const hop of known) {
    if (hop.node !== undefined || hop.plane !== undefined) named.add(hop.prefix, hop);
    if (hop.as.length > 0) numbered.add(hop.prefix, hop);
  }
  const planes = planesByNode(known);
  return {
    planeOf: (node) => planes.get(node),
    nodes: new Set(known.flatMap(({ node }) => node ?? [])),
    planes: new Set(known.flatMap(({ plane }) => plane ?? [])),
    ases: new Set(known.flatMap(({ as }) => as)),
    lookup: remembered((text) => {
      const address = parseAddress(text);
      if (address === undefined) return undefined;
      const name = named.find(address);
      const number = numbered.find(address);
      if (name === undefined && number === undefined) return undefined;
      return {
        ...(name?.node === undefined ? {} : { node: name.node }),
        ...(name?.plane === undefined ? {} : { plane: name.plane }),
        as: number?.as ?? [],
      };
    }),
  };
}

/** Of nodes that are in one plane with all their addresses: an External Edge has a locator in each, and is in none. */
function planesByNode(known: readonly KnownHop[]): ReadonlyMap<string, string> {
  const all = new Map<string, Set<string | undefined>>();
  for (const { node, plane } of known) {
    if (node === undefined) continue;
    all.set(node, (all.get(node) ?? new Set()).add(plane));
  }
  return new Map(
    [...all].flatMap(([node, own]) => {
      const [plane, ...more] = own;
      return plane === undefined || more.length > 0 ? [] : [[node, plane] as const];
    }),
  );
}

/** Asks the first, then the second for what the first does not know. */
export function joinDirectories(first: HopDirectory, second: HopDirectory): HopDirectory {
  return {
    planeOf: (node) => first.planeOf(node) ?? second.planeOf(node),
    nodes: new Set([...first.nodes, ...second.nodes]),
    planes: new Set([...first.planes, ...second.planes]),
    ases: new Set([...first.ases, ...second.ases]),
    lookup(address) {
      const [a, b] = [first.lookup(address), second.lookup(address)];
      if (a === undefined || b === undefined) return a ?? b;
      return { ...b, ...a, as: a.as.length > 0 ? a.as : b.as };
    },
  };
}

/** `ADDRESS` or `ADDRESS/LENGTH`; undefined if it is neither. */
export function parseAddressOrPrefix(text: string): Prefix | undefined {
  const address = parseAddress(text);
  return address === undefined ? parsePrefix(text) : { address, length: 128 };
}

/** Routers answer again and again from the same few addresses; strangers cannot make this grow. */
const MAX_REMEMBERED = 4096;

function remembered(lookup: HopDirectory["lookup"]): HopDirectory["lookup"] {
  const answers = new Map<string, HopInfo | undefined>();
  return (address) => {
    const known = answers.get(address);
    if (known !== undefined || answers.has(address)) return known;
    const answer = lookup(address);
    if (answers.size >= MAX_REMEMBERED) answers.clear();
    if (address.length <= 64) answers.set(address, answer);
    return answer;
  };
}

/** One table per length that occurs, longest first: at most 129 look-ups. */
class LongestPrefix<T> {
  readonly #tables = new Map<number, Map<string, T>>();
  #lengths: readonly number[] = [];

  add(prefix: Prefix, value: T): void {
    let table = this.#tables.get(prefix.length);
    if (table === undefined) {
      table = new Map();
      this.#tables.set(prefix.length, table);
      this.#lengths = [...this.#tables.keys()].sort((a, b) => b - a);
    }
    const key = formatAddress(prefix.address);
    if (!table.has(key)) table.set(key, value);
  }

  find(address: Uint8Array): T | undefined {
    for (const length of this.#lengths) {
      const found = this.#tables.get(length)?.get(formatAddress(prefixOf(address, length).address));
      if (found !== undefined) return found;
    }
    return undefined;
  }
}

/** Knows nobody. */
export const EMPTY_DIRECTORY: HopDirectory = hopDirectory([]);
