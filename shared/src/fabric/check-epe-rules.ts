import { containsPrefix, formatPrefix, overlaps, type Prefix, parsePrefix } from "../net/prefix.ts";
import { checkObjective, checkPreferences, peersOf } from "./check-epe.ts";
import { didYouMean } from "./did-you-mean.ts";
import { type Draft, readPrefixes } from "./draft.ts";
import type { EpeRuleFile } from "./epe-schema.ts";
import type { Path } from "./fault.ts";
import type { Loose } from "./loose.ts";

/** What a rule matches, as far as it could be read; undefined matches everything. */
interface Reach {
  readonly name: string;
  readonly path: Path;
  readonly precedence: number | undefined;
  readonly sources: readonly Prefix[] | undefined;
  readonly destinations: readonly Prefix[] | undefined;
  readonly match: Loose<EpeRuleFile["match"]>;
  /** Some piece could not be read: nothing is said of what overlaps what. */
  readonly broken: boolean;
}

/** Rules of section `epe`: what could never match, and which of two would decide. */
export function checkEpeRules(draft: Draft): void {
  const epe = draft.file.epe;
  const peers = peersOf(draft);
  const reaches: Reach[] = [];
  for (const [name, rule] of Object.entries(epe?.rules ?? {})) {
    if (epe === undefined || rule === undefined) continue;
    const path = ["epe", "rules", name];
    if (name === "default")
      draft.report({
        path,
        at: "key",
        message: "`default` is the name of what no rule matches; take another",
      });
    checkPreferences(draft, path, rule, peers);
    checkObjective(draft, [...path, "objective"], rule.objective, epe);
    reaches.push(checkMatch(draft, name, path, rule));
  }
  checkPairs(draft, reaches);
}

function checkMatch(draft: Draft, name: string, path: Path, rule: Loose<EpeRuleFile>): Reach {
  const at = [...path, "match"];
  const match = rule.match ?? {};
  const say = (key: string, message: string): void =>
    draft.report({ path: [...at, key], at: "key", message });
  const { ports, protocol, edges } = match;
  if (ports !== undefined && protocol !== "tcp" && protocol !== "udp")
    say("ports", "only tcp and udp have ports, so this can never match; say `protocol: tcp` or `udp`");
  if (ports?.from !== undefined && ports.to !== undefined && ports.from > ports.to)
    say("ports", `from ${ports.from} to ${ports.to} is nothing; the lower port comes first`);
  let broken = rule.match === undefined;
  for (const [i, edge] of (edges ?? []).entries()) {
    if (edge === undefined) continue;
    const node = draft.nodes.get(edge);
    if (node?.role === "edge") continue;
    broken = true;
    const why =
      node === undefined
        ? `there is no node ${edge}${didYouMean(edge, draft.nodes.keys())}`
        : node.role === undefined
          ? undefined
          : `${edge} has role ${node.role}; here goes one of role edge`;
    if (why !== undefined) draft.report({ path: [...at, "edges", i], message: why });
  }
  const given = readPrefixes(draft.report, [...at, "sources"], match.sources);
  for (const { prefix, path: where } of given) {
    if (draft.own.some((one) => containsPrefix(one.prefix, prefix))) continue;
    const message = `${formatPrefix(prefix)} is not ours, so no packet of an Edge comes from it and this can never match`;
    draft.report({ path: where, message });
  }
  const destinations = readPrefixes(draft.report, [...at, "destinations"], match.destinations);
  const never = (draft.file.epe?.never?.prefixes ?? []).flatMap((text) => parsePrefix(text ?? "") ?? []);
  for (const { prefix, path: where } of destinations) {
    const ours = draft.own.find((one) => containsPrefix(one.prefix, prefix));
    const excluded = never.find((one) => containsPrefix(one, prefix));
    if (ours !== undefined) {
      const message = `${formatPrefix(prefix)} lies in our own ${formatPrefix(ours.prefix)} and leaves by no egress peer, so this can never match`;
      draft.report({ path: where, message });
    } else if (excluded !== undefined) {
      const message = `${formatPrefix(prefix)} lies in ${formatPrefix(excluded)}, which \`never\` forbids to probe, so nothing is ever decided for it`;
      draft.report({ path: where, message });
    }
  }
  const announced = (edges ?? []).flatMap((edge) => draft.nodes.get(edge ?? "")?.announced ?? []);
  broken ||=
    given.length < (match.sources?.length ?? 0) || destinations.length < (match.destinations?.length ?? 0);
  return {
    name,
    path,
    precedence: rule.precedence,
    sources:
      edges === undefined && match.sources === undefined
        ? undefined
        : [...announced, ...given].map(({ prefix }) => prefix),
    destinations: match.destinations === undefined ? undefined : destinations.map(({ prefix }) => prefix),
    match,
    broken,
  };
}

function checkPairs(draft: Draft, reaches: readonly Reach[]): void {
  for (const [i, one] of reaches.entries())
    for (const other of reaches.slice(0, i)) {
      if (one.broken || other.broken || one.precedence === undefined || other.precedence === undefined)
        continue;
      if (one.precedence === other.precedence && meets(one, other)) {
        const message = `${one.name} and ${other.name} have precedence ${one.precedence} and match the same packets; which decides? Give one of them another`;
        draft.report({ path: [...one.path, "precedence"], at: "key", message });
        continue;
      }
      const [first, second] = one.precedence < other.precedence ? [one, other] : [other, one];
      if (first.precedence === second.precedence || !covers(first, second)) continue;
      const message = `${first.name} (precedence ${first.precedence}) matches all that ${second.name} does, so ${second.name} never decides; give it a lower precedence number, or take it out`;
      draft.report({ path: second.path, at: "key", message });
    }
}

function meets(a: Reach, b: Reach): boolean {
  const same = <T>(x: T | undefined, y: T | undefined): boolean =>
    x === undefined || y === undefined || x === y;
  const touch = (x: readonly Prefix[] | undefined, y: readonly Prefix[] | undefined): boolean =>
    x === undefined || y === undefined || x.some((one) => y.some((other) => overlaps(one, other)));
  const [ports, others] = [portsOf(a), portsOf(b)];
  return (
    touch(a.sources, b.sources) &&
    touch(a.destinations, b.destinations) &&
    same(a.match.dscp, b.match.dscp) &&
    same(a.match.protocol, b.match.protocol) &&
    (ports === undefined || others === undefined || (ports[0] <= others[1] && others[0] <= ports[1]))
  );
}

/** True when every packet that `b` matches is matched by `a`. */
function covers(a: Reach, b: Reach): boolean {
  const same = <T>(x: T | undefined, y: T | undefined): boolean => x === undefined || x === y;
  const around = (x: readonly Prefix[] | undefined, y: readonly Prefix[] | undefined): boolean =>
    x === undefined || (y?.every((inner) => x.some((outer) => containsPrefix(outer, inner))) ?? false);
  const [ports, others] = [portsOf(a), portsOf(b)];
  return (
    around(a.sources, b.sources) &&
    around(a.destinations, b.destinations) &&
    same(a.match.dscp, b.match.dscp) &&
    same(a.match.protocol, b.match.protocol) &&
    (ports === undefined || (others !== undefined && ports[0] <= others[0] && others[1] <= ports[1]))
  );
}

function portsOf({ match: { ports } }: Reach): readonly [number, number] | undefined {
  return ports?.from === undefined || ports.to === undefined ? undefined : [ports.from, ports.to];
}
