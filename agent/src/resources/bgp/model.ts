import {
  canonicalSet,
  canonicalStatement,
  type PolicyBase,
  type Refresh,
  refreshes,
} from "../../core/bgp/effective.ts";
import type { OriginatedPath, Speaker, SpeakerGlobal, SpeakerNeighbour } from "../../core/bgp/speaker.ts";

/** What a running engine holds, in the words of Speaker. */
export interface ObservedSpeaker extends PolicyBase {
  /** Undefined: the engine runs and has not been told anything. */
  readonly global: SpeakerGlobal | undefined;
  readonly neighbours: readonly SpeakerNeighbour[];
  /** Both directions are bound to our policies and refuse by default. */
  readonly assigned: boolean;
  readonly originated: readonly OriginatedPath[];
  /** Neighbours that a policy was set for and whose routes may not have gone through it yet. */
  readonly pending: readonly Refresh[];
}

export type BgpStep =
  | { readonly op: "stop" }
  | { readonly op: "start"; readonly global: SpeakerGlobal }
  | { readonly op: "delete-neighbour"; readonly neighbour: SpeakerNeighbour }
  | {
      readonly op: "set-policy";
      readonly policy: PolicyBase;
      readonly differing: readonly string[];
      /** Written into the engine with the policy: who is interrupted before "settle" leaves it for the next one. */
      readonly pending: readonly Refresh[];
    }
  | { readonly op: "assign-policy" }
  | { readonly op: "delete-path"; readonly path: OriginatedPath }
  | { readonly op: "add-path"; readonly path: OriginatedPath }
  | { readonly op: "add-neighbour"; readonly neighbour: SpeakerNeighbour }
  | { readonly op: "refresh"; readonly address: string; readonly how: "in" | "out" | "both" | "bounce" }
  | { readonly op: "settle"; readonly policy: PolicyBase };

/** An engine that was told nothing yet. */
export const NOTHING: ObservedSpeaker = {
  global: undefined,
  neighbours: [],
  definedSets: [],
  importStatements: [],
  exportStatements: [],
  assigned: false,
  originated: [],
  pending: [],
};

function globalKey(global: SpeakerGlobal): string {
  const members = [...(global.confederation?.members ?? [])].sort((a, b) => a - b);
  return JSON.stringify([
    global.asn,
    global.routerId,
    global.listenPort,
    global.confederation?.identifier,
    members,
    global.alwaysCompareMed,
    global.externalCompareRouterId,
  ]);
}

function neighbourKey(neighbour: SpeakerNeighbour): string {
  return JSON.stringify([
    neighbour.name,
    neighbour.address,
    neighbour.asn,
    neighbour.remotePort,
    neighbour.holdS,
    neighbour.keepaliveS,
    neighbour.clusterId,
    neighbour.gracefulRestart?.restartS,
    neighbour.gracefulRestart?.deferralS,
    neighbour.maxPrefixes,
    neighbour.allowOwnAsn,
    neighbour.removePrivate,
  ]);
}

function pathKey(path: OriginatedPath): string {
  return `${path.prefix} ${[...path.largeCommunities].sort().join(" ")} ${(path.asPath ?? []).join(" ")}`;
}

function differing(before: readonly string[], after: readonly string[]): readonly string[] {
  const old = new Set(before);
  const now = new Set(after);
  return [...after.filter((item) => !old.has(item)), ...before.filter((item) => !now.has(item))];
}

function sameOrder(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((item, i) => item === b[i]);
}

/** Which sets and statements differ; the order of statements counts. */
function policyDifference(before: PolicyBase, after: PolicyBase): readonly string[] {
  const sets = differing(before.definedSets.map(canonicalSet), after.definedSets.map(canonicalSet));
  const lists = (["importStatements", "exportStatements"] as const).flatMap((direction) => {
    const old = before[direction].map(canonicalStatement);
    const now = after[direction].map(canonicalStatement);
    if (sameOrder(old, now)) return [];
    const changed = differing(old, now);
    return changed.length > 0 ? changed : [`order of ${direction}`];
  });
  return [...sets, ...lists];
}

/** The name inside a canonical line: the statement's or the set's. */
function nameOf(line: string): string {
  const statement = /^\["([^"]+)"/.exec(line);
  return statement?.[1] ?? line.slice(0, line.indexOf(":"));
}

/** What to do, in order, so that the engine matches. Empty when it does. */
export function planSpeaker(desired: Speaker, observed: ObservedSpeaker): readonly BgpStep[] {
  const steps: BgpStep[] = [];
  let now = observed;
  if (now.global !== undefined && globalKey(now.global) !== globalKey(desired.global)) {
    steps.push({ op: "stop" });
    now = NOTHING;
  }
  if (now.global === undefined) {
    steps.push({ op: "start", global: desired.global });
    now = NOTHING;
  }
  const wanted = new Map(desired.neighbours.map((n) => [n.address, n]));
  const kept: string[] = [];
  for (const neighbour of now.neighbours) {
    const target = wanted.get(neighbour.address);
    if (target !== undefined && neighbourKey(target) === neighbourKey(neighbour))
      kept.push(neighbour.address);
    else steps.push({ op: "delete-neighbour", neighbour });
  }
  const changedPolicy = policyDifference(now, desired);
  const { definedSets, importStatements, exportStatements } = desired;
  const policy = { definedSets, importStatements, exportStatements };
  const pending = merged(now.pending, changedPolicy.length > 0 ? refreshes(now, desired, kept) : []).filter(
    ({ address }) => kept.includes(address),
  );
  if (changedPolicy.length > 0)
    steps.push({ op: "set-policy", policy, differing: [...new Set(changedPolicy.map(nameOf))], pending });
  if (!now.assigned) steps.push({ op: "assign-policy" });
  steps.push(...planPaths(desired, now));
  for (const neighbour of desired.neighbours)
    if (!kept.includes(neighbour.address)) steps.push({ op: "add-neighbour", neighbour });
  for (const refresh of pending) {
    const soft = refresh.in && refresh.out ? "both" : refresh.in ? "in" : "out";
    steps.push({ op: "refresh", address: refresh.address, how: refresh.bounce ? "bounce" : soft });
  }
  if (pending.length > 0 || now.pending.length > 0) steps.push({ op: "settle", policy });
  return steps;
}

/** Each neighbour once, with all that either asks for it. */
function merged(a: readonly Refresh[], b: readonly Refresh[]): readonly Refresh[] {
  const all = new Map<string, Refresh>();
  for (const one of [...a, ...b]) {
    const before = all.get(one.address) ?? one;
    all.set(one.address, {
      address: one.address,
      in: before.in || one.in,
      out: before.out || one.out,
      bounce: before.bounce || one.bounce,
    });
  }
  return [...all.values()];
}

/**
 * The steps to a speaker from the one that the engine was brought to last, when those are nothing but policy and soft
 * resets; undefined when more would be needed, or nothing.
 */
export function planPolicyOnly(desired: Speaker, known: Speaker): readonly BgpStep[] | undefined {
  const steps = planSpeaker(desired, { ...known, assigned: true, pending: [] });
  const light = steps.every(
    (step) =>
      step.op === "set-policy" || step.op === "settle" || (step.op === "refresh" && step.how !== "bounce"),
  );
  return light && steps.length > 0 ? steps : undefined;
}

function planPaths(desired: Speaker, now: ObservedSpeaker): readonly BgpStep[] {
  const prefixes = new Set(desired.originated.map((path) => path.prefix));
  const have = new Set(now.originated.map(pathKey));
  return [
    ...desired.originated
      .filter((path) => !have.has(pathKey(path)))
      .map((path): BgpStep => ({ op: "add-path", path })),
    ...now.originated
      .filter((path) => !prefixes.has(path.prefix))
      .map((path): BgpStep => ({ op: "delete-path", path })),
  ];
}

/** One line for people. */
export function describeStep(step: BgpStep): string {
  switch (step.op) {
    case "stop":
      return "bgp stop: global settings differ";
    case "start":
      return `bgp start as ${step.global.asn} router-id ${step.global.routerId}`;
    case "delete-neighbour":
      return `bgp neighbour ${step.neighbour.address} (${step.neighbour.name}) removed`;
    case "add-neighbour":
      return `bgp neighbour ${step.neighbour.address} (${step.neighbour.name}) as ${step.neighbour.asn}`;
    case "set-policy":
      return `bgp policy: ${step.differing.join(", ")}`;
    case "assign-policy":
      return "bgp policy bound to both directions, default deny";
    case "add-path":
      return `bgp originate ${step.path.prefix} ${step.path.largeCommunities.join(" ")}`;
    case "delete-path":
      return `bgp originate ${step.path.prefix} no more`;
    case "refresh":
      return step.how === "bounce"
        ? `bgp bounce ${step.address}`
        : `bgp soft reset ${step.how} ${step.address}`;
    case "settle":
      return "bgp policy in force";
  }
}
