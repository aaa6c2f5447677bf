import { formatPrefix, overlaps } from "../net/prefix.ts";
import { DEFAULT_BOGONS, DEFAULT_POLICY } from "./defaults.ts";
import { didYouMean } from "./did-you-mean.ts";
import { type Draft, readPrefix, readPrefixes } from "./draft.ts";
import type { Path } from "./fault.ts";
import type { NodeFile } from "./schema.ts";

/** Policies and overrides. */
export function checkPolicies(draft: Draft): void {
  checkBogons(draft);
  checkMed(draft);
  checkProbe(draft);
  for (const [i, override] of (draft.file.overrides ?? []).entries()) {
    if (override !== undefined) checkOverride(draft, ["overrides", i], override);
  }
}

function checkBogons(draft: Draft): void {
  const path = ["policies", "bogons"];
  const bogons = draft.file.policies?.bogons;
  for (const one of readPrefixes(draft.report, [...path, "except"], bogons?.except)) {
    const text = formatPrefix(one.prefix);
    if (DEFAULT_BOGONS.includes(text)) continue;
    const message = `${text} is not on the default list, so there is nothing to take off; it has ${DEFAULT_BOGONS.join(", ")}`;
    draft.report({ path: one.path, message });
  }
  readPrefixes(draft.report, [...path, "extra"], bogons?.extra);
}

function checkMed(draft: Draft): void {
  const given = draft.file.policies?.med;
  if (given === undefined) return;
  const med = { ...DEFAULT_POLICY.med, ...withoutHoles(given) };
  if (med.preferred < med.other && med.other < med.drained) return;
  draft.report({
    path: ["policies", "med"],
    at: "key",
    message: `lower wins, so preferred < other < drained is needed; this means ${med.preferred}, ${med.other}, ${med.drained}`,
  });
}

function checkProbe(draft: Draft): void {
  const given = draft.file.policies?.probe;
  if (given === undefined) return;
  const probe = { ...DEFAULT_POLICY.probe, ...withoutHoles(given) };
  if (probe.burstIntervalMs <= probe.intervalMs) return;
  draft.report({
    path: ["policies", "probe"],
    at: "key",
    message: `burstIntervalMs (${probe.burstIntervalMs}) is for after a change and cannot be longer than intervalMs (${probe.intervalMs})`,
  });
}

function checkOverride(
  draft: Draft,
  path: Path,
  override: NonNullable<NonNullable<Draft["file"]["overrides"]>[number]>,
): void {
  const located = readPrefix(draft.report, [...path, "prefix"], override.prefix);
  const ours = draft.own.find((one) => located !== undefined && overlaps(one.prefix, located.prefix));
  if (located !== undefined && located.prefix.length === 0) {
    draft.report({
      path: located.path,
      message: "::/0 would take our own traffic out too; name a destination",
    });
  } else if (located !== undefined && ours !== undefined) {
    const message = `${formatPrefix(located.prefix)} overlaps our own ${formatPrefix(ours.prefix)}; only outside destinations are steered out`;
    draft.report({ path: located.path, message });
  }
  const via = needRole(draft, [...path, "via"], override.via, "external-edge");
  const upstream = needRole(draft, [...path, "upstream"], override.upstream, "upstream");
  for (const [i, edge] of (override.edges ?? []).entries())
    needRole(draft, [...path, "edges", i], edge, "edge");
  if (!via || !upstream || !draft.complete) return;
  const joined = draft.links.some(
    ({ names }) => names.includes(override.via) && names.includes(override.upstream),
  );
  if (!joined) {
    const message = `${override.upstream} has no link to ${override.via}, so nothing can leave that way`;
    draft.report({ path: [...path, "upstream"], message });
  }
}

/** True when the name is a node of this role; says so when it is not. */
function needRole(draft: Draft, path: Path, name: string | undefined, role: NodeFile["role"]): boolean {
  if (name === undefined || draft.file.nodes === undefined) return false;
  const node = draft.nodes.get(name);
  if (node === undefined) {
    draft.report({ path, message: `there is no node ${name}${didYouMean(name, draft.nodes.keys())}` });
    return false;
  }
  if (node.role === undefined) return false;
  if (node.role !== role)
    draft.report({ path, message: `${name} has role ${node.role}; here goes one of role ${role}` });
  return node.role === role;
}

function withoutHoles<T extends object>(value: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
}
