import { isOverrideTable } from "../core/ownership.ts";
import { type NexthopObject, nexthopKind } from "../resources/nexthop/model.ts";
import { type RouteObject, routeKind } from "../resources/route/model.ts";
import { type RuleObject, ruleKind } from "../resources/rule/model.ts";

/** Objects of overrides. */
export interface OverrideCounts {
  readonly rules: number;
  readonly routes: number;
  readonly encapsulations: number;
}

export interface OverrideStanding {
  readonly desired: OverrideCounts;
  /** Desired, and not known to be in the kernel as they should be. */
  readonly missing: number;
  /** Rules in the kernel that should not be there any more. */
  readonly left: number;
  /** The first of either, for people. */
  readonly example: string | undefined;
}

/** Somebody else's change to what overrides stand on, as a dump showed it; it is put back in the same cycle. */
export interface OverrideDrift {
  /** Wall clock. */
  readonly atMs: number;
  readonly count: number;
  readonly example: string;
}

interface Difference<T> {
  readonly desired: T | undefined;
  readonly observed: T | undefined;
}

/** What differs of the overrides between what is desired and what was last read from the kernel. Pure. */
export function standingOf(
  desired: OverrideCounts,
  differences: {
    readonly rules: Iterable<Difference<RuleObject>>;
    readonly routes: Iterable<Difference<RouteObject>>;
    readonly nexthops: Iterable<Difference<NexthopObject>>;
  },
): OverrideStanding {
  let missing = 0;
  let left = 0;
  let example: string | undefined;
  for (const { desired: rule, observed } of differences.rules) {
    const one = rule ?? observed;
    if (one === undefined || !isOverrideTable(one.table)) continue;
    if (rule !== undefined) missing++;
    else left++;
    example ??= ruleKind.describe(one);
  }
  // A route is wrong where its nexthop is: named first, it says more.
  for (const { desired: nexthop } of differences.nexthops) {
    if (nexthop?.encap === undefined) continue;
    missing++;
    example ??= nexthopKind.describe(nexthop);
  }
  for (const { desired: route } of differences.routes) {
    if (route === undefined || !isOverrideTable(route.table)) continue;
    missing++;
    example ??= routeKind.describe(route);
  }
  return { desired, missing, left, example };
}

/** For a condition; undefined when all is as it should be. */
export function standingFault({ missing, left, example }: OverrideStanding): string | undefined {
  if (missing === 0 && left === 0) return undefined;
  const parts = [
    ...(missing === 0 ? [] : [`${missing} of their objects are not in the kernel as they should be`]),
    ...(left === 0 ? [] : [`${left} rules are still there that should be gone`]),
  ];
  return `${parts.join("; ")}: ${example ?? ""}`;
}
