import type { HealthPart } from "@vsix/shared/contract/part-health.ts";
import { formatPrefix, type Prefix, parsePrefix } from "@vsix/shared/net/prefix.ts";
import { discoverPref64s, translated } from "./discovery.ts";
import type { LocalFacts, Result, Where } from "./model.ts";

/** What names and prefixes were found to be, from the results so far. */

/** Prefixes of translators by who says so; text, each once. */
export interface Pref64s {
  /** By DNS64, as RFC 7050 finds them out; by resolver. */
  readonly dns: ReadonlyMap<string, readonly string[]>;
  /** In router advertisements, RFC 8781. */
  readonly advertised: readonly string[];
  readonly configured: readonly string[];
}

export function pref64sIn(part: HealthPart, facts: LocalFacts, results: Iterable<Result>): Pref64s {
  const dns = new Map<string, readonly string[]>();
  for (const { check, outcome } of results) {
    if (check.role === "dns64" && outcome?.kind === "query" && outcome.fault === undefined)
      dns.set(check.subject, discoverPref64s(outcome.addresses).map(formatPrefix));
  }
  const advertised = facts.advertisement?.said?.pref64 ?? [];
  return { dns, advertised, configured: part.pref64.map(({ prefix }) => prefix) };
}

/** All of them, those of DNS first: what a user's packets are sent to. */
export function allPref64s({ dns, advertised, configured }: Pref64s): readonly Prefix[] {
  const texts = new Set([...[...dns.values()].flat(), ...advertised, ...configured]);
  return [...texts].flatMap((text) => parsePrefix(text) ?? []);
}

/** The address that a check's packets are to go to; undefined when there is none. */
export function addressFor(
  to: Where,
  part: HealthPart,
  facts: LocalFacts,
  results: readonly Result[],
): string | undefined {
  if ("address" in to) return to.address;
  if ("ipv4" in to) {
    const [prefix] = allPref64s(pref64sIn(part, facts, results));
    return prefix === undefined ? undefined : translated(prefix, to.ipv4);
  }
  for (const { check, outcome } of results)
    if (
      check.task.kind === "query" &&
      check.task.name === to.name &&
      check.task.type === "AAAA" &&
      outcome?.kind === "query"
    ) {
      const [address] = outcome.addresses;
      if (address !== undefined) return address;
    }
  return undefined;
}
