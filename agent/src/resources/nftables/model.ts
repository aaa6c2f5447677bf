import type { Kind } from "../../core/kind.ts";
import { NFT_TABLE } from "../../core/ownership.ts";

/**
 * Our one nftables table, `inet vsix`, as a value. Statements are libnftables JSON (man 5 libnftables-json) in the form
 * in which `nft -j list table` reads them back; handles and counter values are no part of it.
 */
export interface NftRuleset {
  /** Names of the counters, sorted. A counter that stays keeps its value. */
  readonly counters: readonly string[];
  /** Sorted by name; rules in order. */
  readonly chains: readonly NftChain[];
  /** Sets and maps with their elements; of one that stays only the elements that differ are changed. Absent: none. */
  readonly sets?: readonly NftSet[];
  /** What stands in our table and is never of our making (sets, flags, …). Empty in every desired ruleset. */
  readonly strange: readonly NftStrange[];
}

export interface NftChain {
  readonly name: string;
  /** Absent for a chain that is only jumped to. */
  readonly hook?: NftHook;
  readonly rules: readonly NftRule[];
}

export interface NftSet {
  readonly kind: "set" | "map";
  readonly name: string;
  readonly type: Json;
  /** Of a map: the type of its values. */
  readonly map?: string;
  /** Intervals, so that prefixes may be elements. */
  readonly interval: boolean;
  /** Each element counts what it matched; one that stays keeps its value. */
  readonly counted?: boolean;
  /** Rules add the elements, which are forgotten after a while: they are the kernel's, and never looked at. */
  readonly dynamic?: { readonly timeoutS: number; readonly size: number };
  /** Each as JSON text (`elementText`), sorted, each once. */
  readonly elements: readonly string[];
}

/** An element as it is compared and read back. */
export function elementText(element: Json): string {
  return canonicalText(element);
}

/** Sorted, each once. */
export function sortedElements(elements: readonly Json[]): readonly string[] {
  return [...new Set(elements.map(elementText))].sort(byText);
}

/** Whether nothing but elements tells them apart. */
export function sameDeclaration(a: NftSet, b: NftSet): boolean {
  return (
    a.kind === b.kind &&
    a.map === b.map &&
    a.interval === b.interval &&
    (a.counted ?? false) === (b.counted ?? false) &&
    a.dynamic?.timeoutS === b.dynamic?.timeoutS &&
    a.dynamic?.size === b.dynamic?.size &&
    canonicalText(a.type) === canonicalText(b.type)
  );
}

function sameSets(a: readonly NftSet[] = [], b: readonly NftSet[] = []): boolean {
  return (
    a.length === b.length &&
    a.every((one, i) => {
      const other = b[i];
      if (other === undefined || one.name !== other.name || !sameDeclaration(one, other)) return false;
      if (one.elements === other.elements) return true;
      return (
        one.elements.length === other.elements.length &&
        one.elements.every((element, at) => element === other.elements[at])
      );
    })
  );
}

/** Whether two normalised rulesets are the same but for their sets. */
export function sameRules(a: NftRuleset, b: NftRuleset): boolean {
  return sameJson(asJson(a), asJson(b));
}

export interface NftHook {
  readonly type: string;
  readonly hook: string;
  readonly priority: number;
  readonly policy: string;
}

export type NftRule = readonly Json[];

export interface NftStrange {
  /** Word of the JSON schema: `set`, `map`, `flowtable`, …; `flags` for flags of the table itself. */
  readonly kind: string;
  readonly name: string;
}

export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json | undefined };

export const nftablesKind: Kind<NftRuleset> = {
  name: "nftables",
  key: () => `inet ${NFT_TABLE}`,
  normalise: normaliseRuleset,
  equal: (desired, observed) =>
    sameSets(desired.sets, observed.sets) && sameRules(desired, normaliseRuleset(observed)),
  content: (ruleset) => {
    const normal = normaliseRuleset(ruleset);
    return [asJson(normal), normal.sets?.map((set) => ({ ...set, counted: set.counted ?? false })) ?? []];
  },
  describe: (ruleset) => {
    const rules = ruleset.chains.reduce((sum, chain) => sum + chain.rules.length, 0);
    const strange = ruleset.strange.map(({ kind, name }) => `, foreign ${kind} ${name}`).join("");
    return `table inet ${NFT_TABLE}: ${ruleset.chains.length} chains, ${rules} rules, ${ruleset.counters.length} counters${strange}`;
  },
};

/** Sorted names, sorted sets, sets of one written as their element, implied `meta nfproto ipv6` left out. */
export function normaliseRuleset(ruleset: NftRuleset): NftRuleset {
  return {
    counters: [...new Set(ruleset.counters)].sort(byText),
    chains: ruleset.chains
      .map((chain) => ({ ...chain, rules: chain.rules.map(normaliseRule) }))
      .sort((a, b) => byText(a.name, b.name)),
    ...(ruleset.sets === undefined || ruleset.sets.length === 0
      ? {}
      : { sets: ruleset.sets.toSorted((a, b) => byText(a.name, b.name)) }),
    strange: [...ruleset.strange].sort((a, b) => byText(a.kind, b.kind) || byText(a.name, b.name)),
  };
}

export function sameHook(a: NftHook | undefined, b: NftHook | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a.type === b.type && a.hook === b.hook && a.priority === b.priority && a.policy === b.policy;
}

const NEXT_HEADER = canonicalText({ payload: { protocol: "ip6", field: "nexthdr" } });
/** IANA's number of IPv6 in IPv6. */
const IPV6_IN_IPV6 = 41;
const IS_IPV6 = canonicalText({ match: { op: "==", left: { meta: { key: "nfproto" } }, right: "ipv6" } });

function normaliseRule(rule: NftRule): NftRule {
  const statements = rule.map(normaliseJson);
  // nft writes the protocol test that these need by itself, and shows it or not depending on its version.
  const implied = statements.some((statement) => {
    const text = JSON.stringify(statement);
    return text.includes('"protocol":"ip6"') || text.includes('"type":"icmpv6"');
  });
  return implied ? statements.filter((statement) => canonicalText(statement) !== IS_IPV6) : statements;
}

function normaliseJson(value: Json): Json {
  if (isList(value)) return value.map(normaliseJson);
  if (value === null || typeof value !== "object") return value;
  const elements = value["set"];
  if (elements !== undefined && isList(elements)) {
    const sorted = elements.map(normaliseJson).sort((a, b) => byText(canonicalText(a), canonicalText(b)));
    const [only, ...more] = sorted;
    // A map's elements are pairs, and a map of one stays a map.
    if (only !== undefined && more.length === 0 && !isList(only)) return only;
    return { set: sorted };
  }
  // nft names protocols as /etc/protocols does, where there is one.
  if (value["right"] === "ipv6" && canonicalText(value["left"] ?? null) === NEXT_HEADER)
    return { ...value, right: IPV6_IN_IPV6 };
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      inner === undefined ? undefined : normaliseJson(inner),
    ]),
  );
}

function asJson(ruleset: NftRuleset): Json {
  return {
    counters: ruleset.counters,
    chains: ruleset.chains.map(({ name, hook, rules }) => ({
      name,
      hook: hook === undefined ? null : { ...hook },
      rules,
    })),
    strange: ruleset.strange.map((thing) => ({ ...thing })),
  };
}

function sameJson(a: Json, b: Json): boolean {
  return canonicalText(a) === canonicalText(b);
}

/** JSON with the keys of every object sorted. */
function canonicalText(value: Json): string {
  if (isList(value)) return `[${value.map(canonicalText).join(",")}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  const fields = Object.entries(value)
    .sort(([a], [b]) => byText(a, b))
    .map(([key, inner]) => (inner === undefined ? [] : [`${JSON.stringify(key)}:${canonicalText(inner)}`]));
  return `{${fields.flat().join(",")}}`;
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
