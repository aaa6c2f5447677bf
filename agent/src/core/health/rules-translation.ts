import type { HealthVerdict } from "@vsix/shared/contract/up-health.ts";
import { canonicalPrefix, formatPrefix, parsePrefix } from "@vsix/shared/net/prefix.ts";
import { translatedBy } from "./discovery.ts";
import type { Result } from "./model.ts";
import { hasStalled, lostSizes } from "./rules-outside.ts";
import type { Rule, View } from "./view.ts";
import { allPref64s, type Pref64s, pref64sIn } from "./where.ts";

/** DNS64, what prefix it uses, and whether a translator stands behind that. */
export const translationRules: Rule = (view) => {
  const pref64s = pref64sIn(view.part, view.facts, view.results);
  const differs = agreement(pref64s);
  return [...dns64(view, pref64s), ...differs, ...(differs.length > 0 ? [] : fetches(view, pref64s))];
};

/** Whether this network needs DNS64: it has no way out by IPv4, or says that it translates. */
function isWanted({ facts, part }: View, { advertised }: Pref64s): boolean {
  const configured = part.pref64.length + part.translated.length + advertised.length > 0;
  return configured || facts.ipv4.gateway === undefined;
}

function dns64(view: View, pref64s: Pref64s): readonly HealthVerdict[] {
  if (!isWanted(view, pref64s)) return [];
  // A resolver that does not answer at all is said to be that.
  const asked = view
    .of("dns64")
    .filter(({ tried, outcome }) => tried && outcome?.kind === "query" && outcome.fault === undefined);
  const without = asked.filter(({ check }) => (pref64s.dns.get(check.subject)?.length ?? 0) === 0);
  const all = without.length === asked.length;
  return without.map(({ check, text }) => ({
    code: "dns64-off",
    layer: "translation",
    state: all ? "bad" : "poor",
    text: `resolver ${check.subject} answers, but does no DNS64: ${text}`,
  }));
}

function agreement({ dns, advertised, configured }: Pref64s): readonly HealthVerdict[] {
  const said = new Set([...dns.values()].flat());
  const sources = [
    ["DNS64", [...said]],
    ["router advertisements", advertised],
    ["the configuration", configured.map((text) => canonicalPrefix(text) ?? text)],
  ] as const;
  const known = sources.filter(([, prefixes]) => prefixes.length > 0);
  const [first, ...others] = known;
  if (first === undefined) return [];
  // Several translators may be configured; what is used must be among them.
  const differ = others.some(([, prefixes]) => !first[1].some((one) => prefixes.includes(one)));
  return differ
    ? [
        {
          code: "pref64-differs",
          layer: "translation",
          state: "bad",
          text: `the prefix for translation is not the same everywhere: ${known
            .map(([who, prefixes]) => `${who} has ${prefixes.slice(0, 3).join(", ")}`)
            .join("; ")}`,
        },
      ]
    : [];
}

function fetches(view: View, pref64s: Pref64s): readonly HealthVerdict[] {
  const tried = view.of("translated").filter((one) => one.tried);
  const holes = lostSizes(view).length > 0;
  const failed = tried.filter((one) => one.state === "bad" && !(holes && hasStalled(one)));
  const slow = tried.filter(({ state }) => state === "poor");
  const echoes = view.of("translated-echo");
  const translates =
    failed.length < tried.length || echoes.some(({ state }) => state === "good" || state === "poor");
  const found: HealthVerdict[] = slow.map(({ check, text }) => ({
    code: "translated-slow",
    layer: "translation",
    state: "poor",
    text: `the IPv4 page ${check.subject} is slow: ${text}`,
  }));
  if (failed.length === 0) return found;
  if (translates) {
    for (const { check, text } of failed)
      found.push({
        code: "ipv4-page-fails",
        layer: "translation",
        state: "poor",
        text: `the IPv4 page ${check.subject} fails, though ${translator(view, pref64s, failed)} translates: ${text}`,
      });
    return found;
  }
  const [first] = failed;
  if (first === undefined) return found;
  found.push({
    code: "translator-silent",
    layer: "translation",
    state: "bad",
    text: `DNS64 answers, but translated fetches fail: ${translator(view, pref64s, failed)}${refusal(first)}${lastHop(view)}`,
  });
  return found;
}

/** Which translator: by the prefix of the address that was tried, and where that stands if we were told. */
function translator({ part }: View, pref64s: Pref64s, failed: readonly Result[]): string {
  for (const { outcome } of failed) {
    const address = outcome?.kind === "fetch" ? outcome.address : undefined;
    if (address === undefined) continue;
    for (const { prefix: text, at } of part.pref64) {
      const prefix = parsePrefix(text);
      if (at === undefined || prefix === undefined) continue;
      if (translatedBy([prefix], address) !== undefined) return `NAT64 at ${at}`;
    }
    const prefix = translatedBy(allPref64s(pref64s), address);
    if (prefix !== undefined) return `NAT64 of ${formatPrefix(prefix)}`;
  }
  return "NAT64";
}

function refusal({ outcome }: Result): string {
  return outcome?.kind === "fetch" && outcome.fault !== undefined ? ` (${outcome.fault.text})` : "";
}

function lastHop({ of }: View): string {
  const trace = of("translated-trace").find(({ outcome }) => outcome?.kind === "trace");
  const last = trace?.outcome?.kind === "trace" ? trace.outcome.hops.at(-1) : undefined;
  return last === undefined ? "" : `; the last answer is of hop ${last.hop}, ${last.address}`;
}
