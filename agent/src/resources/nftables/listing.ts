import { VsixError } from "@vsix/shared/errors/vsix-error.ts";
import { NFT_TABLE } from "../../core/ownership.ts";
import {
  type Json,
  type NftChain,
  type NftHook,
  type NftRule,
  type NftRuleset,
  type NftSet,
  type NftStrange,
  sortedElements,
} from "./model.ts";

/** Whether `nft list tables inet` names our table. Not in JSON: nft 1.0.6 prints nothing if any table is dormant. */
export function hasOwnTable(text: string): boolean {
  return text.split("\n").includes(`table inet ${NFT_TABLE}`);
}

/**
 * Reads `nft -j list table inet vsix`. Nothing at all means a table with flags (nft 1.0.6 cannot print them): it reads
 * as flags and nothing else. Throws VsixError `nft-output` on anything but nft's JSON.
 */
export function parseTable(text: string): NftRuleset {
  const counters: string[] = [];
  const chains = new Map<string, { hook?: NftHook; rules: NftRule[] }>();
  const strange: NftStrange[] = [];
  const sets: NftSet[] = [];
  if (text.trim() === "") return { counters, chains: [], strange: [FLAGS] };
  for (const { kind, body } of entries(text)) {
    const name = stringOf(body["name"]);
    if (kind === "table") {
      // nft 1.0.6 prints an arbitrary string here; that there is one tells enough.
      if (body["flags"] !== undefined) strange.push(FLAGS);
    } else if (kind === "counter") counters.push(name);
    else if (kind === "set" || kind === "map") {
      const set = setOf(kind, body);
      if (set === undefined) strange.push({ kind, name });
      else sets.push(set);
    } else if (kind === "chain") chains.set(name, { ...hookOf(body), rules: [] });
    else if (kind === "rule") {
      const expr = body["expr"];
      if (!Array.isArray(expr)) throw unreadable("a rule without expr");
      chains.get(stringOf(body["chain"]))?.rules.push(expr);
    } else if (kind !== "metainfo") strange.push({ kind, name });
  }
  return {
    counters,
    chains: [...chains].map(([name, chain]): NftChain => ({ name, ...chain })),
    ...(sets.length === 0 ? {} : { sets }),
    strange,
  };
}

/** A set of the kind that we make; undefined for one with counters, policies and the like. */
function setOf(kind: NftSet["kind"], body: Entry["body"]): NftSet | undefined {
  const { name, type, map, flags = [], elem = [], timeout, size, policy, stmt } = body;
  if (type === undefined || policy !== undefined) return undefined;
  if (typeof timeout === "number" && typeof size === "number" && stmt === undefined) {
    // nft 1.0.6 shows no flag `dynamic`.
    const known = Array.isArray(flags) && flags.every((flag) => flag === "timeout" || flag === "dynamic");
    if (!known || kind !== "set") return undefined;
    const dynamic = { timeoutS: timeout, size };
    return { kind, name: stringOf(name), type, interval: false, dynamic, elements: [] };
  }
  const counted = JSON.stringify(stmt) === COUNTS;
  const odd = [timeout, size, counted ? undefined : stmt].some((field) => field !== undefined);
  const interval = Array.isArray(flags) && flags.length === 1 && flags[0] === "interval";
  if (odd || !Array.isArray(elem) || !Array.isArray(flags)) return undefined;
  if (!interval && flags.length > 0) return undefined;
  return {
    kind,
    name: stringOf(name),
    type,
    ...(map === undefined ? {} : { map: stringOf(map) }),
    interval,
    ...(counted ? { counted } : {}),
    elements: sortedElements(counted ? elem.map(elementOf) : elem),
  };
}

/** `stmt` of a set whose elements count. */
const COUNTS = JSON.stringify([{ counter: null }]);

/** Of an element with its counter, the element. */
function elementOf(element: Json): Json {
  return isRecord(element) && isRecord(element["elem"]) ? (element["elem"]["val"] ?? null) : element;
}

export interface ElementCount {
  readonly element: string;
  readonly packets: number;
  readonly octets: number;
}

/** What `nft -j list set` says of a set whose elements count. Throws VsixError `nft-output`. */
export function parseElementCounts(text: string): readonly ElementCount[] {
  return entries(text).flatMap(({ kind, body }) => {
    if (kind !== "set" || !Array.isArray(body["elem"])) return [];
    return body["elem"].flatMap((element: Json): ElementCount[] => {
      const inner = isRecord(element) ? element["elem"] : undefined;
      const counter = isRecord(inner) ? inner["counter"] : undefined;
      if (!isRecord(inner) || !isRecord(counter)) return [];
      return [
        {
          element: stringOf(inner["val"]),
          packets: Number(counter["packets"]),
          octets: Number(counter["bytes"]),
        },
      ];
    });
  });
}

const FLAGS: NftStrange = { kind: "flags", name: "table" };

interface Entry {
  readonly kind: string;
  readonly body: { readonly [key: string]: Json | undefined };
}

function entries(text: string): Entry[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (cause) {
    throw unreadable("not JSON", cause);
  }
  if (!isRecord(parsed)) throw unreadable("not an object");
  const list = parsed["nftables"];
  if (!Array.isArray(list)) throw unreadable("no list `nftables`");
  return list.flatMap((item: unknown) =>
    isRecord(item)
      ? Object.entries(item).flatMap(([kind, body]) => (isRecord(body) ? [{ kind, body }] : []))
      : [],
  );
}

function hookOf(body: Entry["body"]): { hook?: NftHook } {
  if (body["hook"] === undefined) return {};
  return {
    hook: {
      type: stringOf(body["type"]),
      hook: stringOf(body["hook"]),
      priority: Number(body["prio"]),
      policy: stringOf(body["policy"]),
    },
  };
}

function stringOf(value: Json | undefined): string {
  return typeof value === "string" ? value : "";
}

function isRecord(value: unknown): value is { readonly [key: string]: Json } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function unreadable(what: string, cause?: unknown): VsixError<"nft-output"> {
  return new VsixError("nft-output", `nft printed something unexpected: ${what}`, { cause });
}
