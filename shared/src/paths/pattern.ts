import { type AddressBytes, canonicalAddress, formatAddress, parseAddress } from "../net/address.ts";
import { canonicalPrefix, containsAddress, type Prefix, parsePrefix } from "../net/prefix.ts";
import type { HopDirectory, HopInfo } from "./directory.ts";
import type { HopFile } from "./schema.ts";

/** One thing a hop may be. */
export type HopAtom =
  | { readonly kind: "any" }
  | { readonly kind: "node"; readonly node: string }
  | { readonly kind: "address"; readonly address: string }
  | { readonly kind: "prefix"; readonly prefix: Prefix; readonly text: string }
  | { readonly kind: "plane"; readonly plane: string }
  | { readonly kind: "as"; readonly as: number };

/** One to `max` hops in a row, each of which is one of `atoms`. */
export interface HopPattern {
  /** As a person would write it. */
  readonly text: string;
  /** Not empty. */
  readonly atoms: readonly HopAtom[];
  readonly min: number;
  /** Undefined: no limit. */
  readonly max?: number;
}

export type PathPattern = readonly HopPattern[];

/** What is wrong with a pattern, and what would be right. */
export interface PatternFault {
  readonly fault: string;
}

export const MAX_TIMES = 32;
export const MAX_CHOICES = 16;
const NAME = /^[a-z][a-z0-9-]{0,62}$/;

/** Reads a hop as written, as text or as a mapping. Never throws. */
export function parseHop(written: HopFile): HopPattern | PatternFault {
  return typeof written === "string" ? parseText(written) : parseMapping(written);
}

export function isFault(parsed: HopPattern | PatternFault): parsed is PatternFault {
  return "fault" in parsed;
}

/** Whether the router at this address is what the atom speaks of. */
export function atomMatches(atom: HopAtom, address: string, directory: HopDirectory): boolean {
  return atomFits(atom, answererOf(address, directory));
}

/** Who answered, looked up once for all atoms that it is compared with. */
export interface Answerer {
  /** Canonical; undefined for what is no address. */
  readonly address: string | undefined;
  readonly bytes: AddressBytes | undefined;
  readonly info: HopInfo | undefined;
}

export function answererOf(address: string, directory: HopDirectory): Answerer {
  const bytes = parseAddress(address);
  const canonical = bytes === undefined ? undefined : formatAddress(bytes);
  return { address: canonical, bytes, info: directory.lookup(address) };
}

export function atomFits(atom: HopAtom, { address, bytes, info }: Answerer): boolean {
  switch (atom.kind) {
    case "any":
      return true;
    case "address":
      return address === atom.address;
    case "prefix":
      return bytes !== undefined && containsAddress(atom.prefix, bytes);
    case "node":
      return info?.node === atom.node;
    case "plane":
      return info?.plane === atom.plane;
    case "as":
      return info?.as.includes(atom.as) ?? false;
  }
}

function parseText(written: string): HopPattern | PatternFault {
  const text = written.trim();
  if (text === "...") return { text, atoms: [{ kind: "any" }], min: 0 };
  const repeated = /^(.*\S)\s+x(\S*)$/s.exec(text);
  const times = repeated === null ? ONCE : parseTimes(repeated[2] ?? "");
  if ("fault" in times) return times;
  const choices = (repeated?.[1] ?? text).split("|", MAX_CHOICES + 1);
  if (choices.length > MAX_CHOICES) return { fault: `more than ${MAX_CHOICES} choices for one hop` };
  const atoms: HopAtom[] = [];
  for (const choice of choices) {
    const atom = parseAtom(choice.trim());
    if ("fault" in atom) return atom;
    atoms.push(atom);
  }
  return { text: textOf(atoms, times), atoms, ...times };
}

function parseMapping(written: Exclude<HopFile, string>): HopPattern | PatternFault {
  const { times: often, ...rest } = written;
  const said = Object.entries(rest).filter(([, value]) => value !== undefined);
  const [one] = said;
  if (one === undefined || said.length > 1) {
    return { fault: "one of node, address, prefix, plane and as says what a hop is; exactly one goes here" };
  }
  const [kind, value] = one;
  // `- [plane: blue x2]` is a mapping to YAML, and means what it says.
  const text = `${kind === "plane" || kind === "as" ? `${kind}: ` : ""}${value}${often === undefined ? "" : ` x${often}`}`;
  const hop = parseText(text);
  if ("fault" in hop || hop.atoms.every((atom) => atom.kind === kind)) return hop;
  return { fault: `${show(String(value))} is no ${kind}` };
}

interface Times {
  readonly min: number;
  readonly max?: number;
}

const ONCE: Times = { min: 1, max: 1 };

/** `2`, `1-3` or `1+`. */
function parseTimes(text: string): Times | PatternFault {
  const parts = /^(\d{1,2})(?:(\+)|-(\d{1,2}))?$/.exec(text);
  const fault = {
    fault: `${JSON.stringify(text)} is not how often: write 2, 1-3 or 1+; at most ${MAX_TIMES}`,
  };
  if (parts === null) return fault;
  const min = Number(parts[1]);
  if (parts[2] === "+") return min > MAX_TIMES ? fault : { min };
  const max = parts[3] === undefined ? min : Number(parts[3]);
  return max > MAX_TIMES || max < min || max === 0 ? fault : { min, max };
}

function parseAtom(text: string): HopAtom | PatternFault {
  if (text === "*") return { kind: "any" };
  const plane = /^plane:\s*(\S+)$/.exec(text)?.[1];
  if (plane !== undefined) {
    return NAME.test(plane)
      ? { kind: "plane", plane }
      : { fault: `${JSON.stringify(plane)} is no plane name` };
  }
  const number = /^(?:as:\s*|AS\s?)(\d{1,10})$/.exec(text)?.[1];
  if (number !== undefined) {
    const as = Number(number);
    // RFC 7607: AS 0 is nobody; RFC 7300: nor is the last one.
    if (as >= 1 && as <= 4294967294) return { kind: "as", as };
    return { fault: `${number} is no AS number; 1 to 4294967294` };
  }
  const address = canonicalAddress(text);
  if (address !== undefined) return { kind: "address", address };
  const prefix = parsePrefix(text);
  if (prefix !== undefined) return { kind: "prefix", prefix, text: canonicalPrefix(text) ?? text };
  if (NAME.test(text)) return { kind: "node", node: text };
  if (text.includes("/")) {
    return {
      fault: `${show(text)} is not an IPv6 prefix without bits beyond its length; write it like 2001:db8::/32`,
    };
  }
  if (text.includes("...")) return { fault: "`...` stands alone; write it as a hop of its own" };
  return {
    fault: `${show(text)} is not a hop: a node name, an address, a prefix, "plane: NAME", "as: NUMBER", "*" or "..."`,
  };
}

function textOf(atoms: readonly HopAtom[], { min, max }: Times): string {
  const what = atoms.map(atomText).join(" | ");
  if (min === 1 && max === 1) return what;
  if (max === undefined) return `${what} x${min}+`;
  return min === max ? `${what} x${min}` : `${what} x${min}-${max}`;
}

/** As a person would write it. */
export function atomText(atom: HopAtom): string {
  switch (atom.kind) {
    case "any":
      return "*";
    case "node":
      return atom.node;
    case "address":
      return atom.address;
    case "prefix":
      return atom.text;
    case "plane":
      return `plane: ${atom.plane}`;
    case "as":
      return `as: ${atom.as}`;
  }
}

function show(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 57)}...` : text);
}
