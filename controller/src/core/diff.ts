import type { NodeParts } from "./compile.ts";

/**
 * What changes on a node, in lines for people: `+` comes, `-` goes, `~` changes. Empty when nothing does. A list whose
 * members have a name (or SID, address, prefix) is compared by that, so order alone is no change.
 */
export function diffParts(before: NodeParts | undefined, after: NodeParts | undefined): readonly string[] {
  const lines: string[] = [];
  for (const name of ["fabric", "bgp", "steering", "probes"] as const) {
    diffValue(name, before?.[name], after?.[name], lines);
  }
  return lines;
}

function diffValue(path: string, before: unknown, after: unknown, lines: string[]): void {
  if (Array.isArray(before) && Array.isArray(after)) {
    diffEntries(path, keyed(before), keyed(after), lines);
    return;
  }
  if (isObject(before) && isObject(after)) {
    diffEntries(path, new Map(Object.entries(before)), new Map(Object.entries(after)), lines);
    return;
  }
  const [old, now] = [show(before), show(after)];
  if (old === now) return;
  if (before === undefined) lines.push(`+ ${path} ${now}`.trimEnd());
  else if (after === undefined) lines.push(`- ${path} ${old}`.trimEnd());
  else lines.push(`~ ${path} ${old} -> ${now}`);
}

function diffEntries(
  path: string,
  before: ReadonlyMap<string, unknown>,
  after: ReadonlyMap<string, unknown>,
  lines: string[],
): void {
  for (const [key, value] of before) {
    if (!after.has(key)) diffValue(`${path} ${key}`, value, undefined, lines);
  }
  for (const [key, value] of after) diffValue(`${path} ${key}`, before.get(key), value, lines);
}

const IDENTITIES = ["name", "sid", "address", "prefix"] as const;

/** Members by what identifies them; plain values by themselves; a repeated identity by its count as well. */
function keyed(list: readonly unknown[]): ReadonlyMap<string, unknown> {
  const entries = new Map<string, unknown>();
  for (const member of list) {
    const identity = isObject(member) ? IDENTITIES.map((key) => member[key]).find(isText) : undefined;
    const key = identity ?? show(member);
    let unique = key;
    for (let i = 2; entries.has(unique); i++) unique = `${key} (${i})`;
    entries.set(unique, isObject(member) ? member : PRESENT);
  }
  return entries;
}

/** Stands for a plain value in a list, which is its own key. */
const PRESENT = null;

function show(value: unknown): string {
  if (value === PRESENT) return "";
  if (Array.isArray(value)) return `[${value.map(show).join(" ")}]`;
  if (isObject(value)) {
    return Object.entries(value)
      .filter(([key]) => key !== "name")
      .map(([key, one]) => `${key} ${show(one)}`)
      .join(", ");
  }
  return String(value);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}
