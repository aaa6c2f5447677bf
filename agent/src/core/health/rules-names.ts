import type { HealthVerdict } from "@vsix/shared/contract/up-health.ts";
import type { Result } from "./model.ts";
import { outsideAnswers } from "./rules-outside.ts";
import type { Rule, View } from "./view.ts";

/** Resolvers: silent, refusing, slow, or not believing what is signed. */
export const namesRules: Rule = (view) => {
  const byResolver = new Map<string, Result[]>();
  for (const result of [...view.of("lookup"), ...view.of("dns64")])
    if (result.tried)
      byResolver.set(result.check.subject, [...(byResolver.get(result.check.subject) ?? []), result]);
  const resolvers = [...byResolver].map(([resolver, results]) => ({
    resolver,
    results,
    ...look(view, resolver, results),
  }));
  const working = resolvers.filter(({ dead }) => !dead).map(({ resolver }) => resolver);
  const route = view.of("route")[0];
  if (resolvers.length === 0)
    return route?.state === "good" && noneKnown(view)
      ? [{ code: "no-resolver", layer: "names", state: "bad", text: "no resolver is known to this machine" }]
      : [];
  // Where nothing at all comes back from outside, resolvers are no cause of their own.
  const silent = resolvers.every(({ dead, why }) => dead && why === "silent");
  const elsewhere = outsideAnswers(view) || view.of("resolver-echo").some(({ state }) => state === "good");
  if (silent && !elsewhere && view.of("target").some((one) => one.tried)) return [];
  return [
    ...resolvers.flatMap(({ resolver, dead, text }): HealthVerdict[] => {
      if (!dead) return [];
      const others =
        working.length === 0 ? "" : `; ${working.join(", ")} ${working.length === 1 ? "does" : "do"}`;
      const code = text.startsWith("answers") ? "resolver-fails" : "resolver-silent";
      return [
        {
          code,
          layer: "names",
          state: working.length === 0 ? "bad" : "poor",
          text: `resolver ${resolver} ${text}${others}`,
        },
      ];
    }),
    ...resolvers.flatMap(({ resolver, dead, results }) => (dead ? [] : poorly(view, resolver, results))),
  ];
};

/** Who is told not to ask those of this machine, and of no others, wants none asked. */
function noneKnown({ of, facts, part }: View): boolean {
  return part.ownResolvers !== false && facts.resolvers.length === 0 && of("dns64").length === 0;
}

function look(
  view: View,
  resolver: string,
  results: readonly Result[],
): { readonly dead: boolean; readonly why: "silent" | "fails" | undefined; readonly text: string } {
  const lookups = results.filter(({ check }) => check.role === "lookup");
  const asked = lookups.length > 0 ? lookups : results;
  const outcomes = asked.flatMap(({ outcome }) => (outcome?.kind === "query" ? [outcome] : []));
  const answered = outcomes.filter(({ fault }) => fault === undefined);
  if (answered.length === 0) {
    const echo = view.of("resolver-echo").find(({ check }) => check.id === `resolver-echo ${resolver}`);
    const there = echo?.us === undefined ? "" : ", though it answers echoes";
    return {
      dead: true,
      why: "silent",
      text: `does not answer: ${outcomes[0]?.fault ?? "not asked"}${there}`,
    };
  }
  const good = answered.some(({ rcode }) => rcode === 0 || rcode === 3);
  const [first] = asked.filter(({ state }) => state === "bad");
  return good
    ? { dead: false, why: undefined, text: "" }
    : { dead: true, why: "fails", text: `answers nothing of use: ${first?.text ?? ""}` };
}

/** A resolver that works, but not well. */
function poorly(view: View, resolver: string, results: readonly Result[]): readonly HealthVerdict[] {
  const found: HealthVerdict[] = [];
  const lookups = results.filter(({ check }) => check.role === "lookup");
  const failed = lookups.filter(({ state }) => state === "bad");
  const [first] = failed;
  if (first !== undefined)
    found.push({
      code: "lookup-fails",
      layer: "names",
      state: "poor",
      text: `resolver ${resolver} fails ${failed.length} of ${lookups.length} lookups: ${first.text}`,
    });
  const slow = lookups.filter(({ state }) => state === "poor");
  if (slow.length > 0 && slow.length * 2 > lookups.length)
    found.push({
      code: "resolver-slow",
      layer: "names",
      state: "poor",
      text: `resolver ${resolver} is slow: ${slow[0]?.text ?? ""}`,
    });
  const signed = view.of("signed").find(({ check }) => check.subject === resolver);
  if (signed?.tried === true && signed.state === "bad")
    found.push({
      code: "signed-fails",
      layer: "names",
      state: "poor",
      text: `resolver ${resolver} does not give out what is signed: ${signed.text}`,
    });
  return found;
}
