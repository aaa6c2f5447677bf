import { create } from "@bufbuild/protobuf";
import {
  CommunityAction_Type,
  Conditions_RouteType,
  DefinedType,
  MatchSet_Type,
  MedAction_Type,
  type PolicyAssignment as PbAssignment,
  type CommunityAction as PbCommunityAction,
  type DefinedSet as PbDefinedSet,
  DefinedSetSchema as PbDefinedSetSchema,
  type MatchSet as PbMatchSet,
  type NexthopAction as PbNexthopAction,
  type Policy as PbPolicy,
  PolicySchema as PbPolicySchema,
  type Statement as PbStatement,
  StatementSchema as PbStatementSchema,
  PolicyDirection,
  RouteAction,
} from "./gen/gobgp_pb.js";
import type {
  CommunityChange,
  DefinedSet,
  DefinedSetType,
  Policy,
  PolicyAssignment,
  SetMatch,
  Statement,
  StatementActions,
} from "./types.ts";

export const DEFINED_TYPES: Readonly<Record<DefinedSetType, DefinedType>> = {
  prefix: DefinedType.PREFIX,
  neighbour: DefinedType.NEIGHBOR,
  "as-path": DefinedType.AS_PATH,
  community: DefinedType.COMMUNITY,
  "large-community": DefinedType.LARGE_COMMUNITY,
};

/**
 * GoBGP wraps whatever holds three numbers into `^…$` by itself; an anchored exact value is sent bare so that it reads
 * back as it was given (internal/pkg/table/policy.go, ParseLargeCommunityRegexp).
 */
function toLargeExpression(expression: string): string {
  return /^\^(\d+:\d+:\d+)\$$/.exec(expression)?.[1] ?? expression;
}

export function toPbDefinedSet(set: DefinedSet): PbDefinedSet {
  const head = { definedType: DEFINED_TYPES[set.type], name: set.name };
  if (set.type !== "prefix") {
    const list = set.type === "large-community" ? set.list.map(toLargeExpression) : [...set.list];
    return create(PbDefinedSetSchema, { ...head, list });
  }
  const prefixes = set.prefixes.map((range) => ({
    ipPrefix: range.prefix,
    maskLengthMin: range.min,
    maskLengthMax: range.max,
  }));
  return create(PbDefinedSetSchema, { ...head, prefixes });
}

export function fromPbDefinedSet(set: PbDefinedSet, type: DefinedSetType): DefinedSet {
  if (type !== "prefix") return { type, name: set.name, list: set.list };
  const prefixes = set.prefixes.map((p) => ({
    prefix: p.ipPrefix,
    min: p.maskLengthMin,
    max: p.maskLengthMax,
  }));
  return { type, name: set.name, prefixes };
}

const MATCH = { any: MatchSet_Type.ANY, all: MatchSet_Type.ALL, invert: MatchSet_Type.INVERT } as const;
const MATCH_BACK: Readonly<Record<MatchSet_Type, SetMatch["match"]>> = {
  [MatchSet_Type.ANY]: "any",
  [MatchSet_Type.ALL]: "all",
  [MatchSet_Type.INVERT]: "invert",
};
const ROUTE_TYPE = {
  internal: Conditions_RouteType.INTERNAL,
  external: Conditions_RouteType.EXTERNAL,
  local: Conditions_RouteType.LOCAL,
} as const;
const ROUTE_TYPE_BACK: Partial<Record<Conditions_RouteType, "internal" | "external" | "local">> = {
  [Conditions_RouteType.INTERNAL]: "internal",
  [Conditions_RouteType.EXTERNAL]: "external",
  [Conditions_RouteType.LOCAL]: "local",
};
const CHANGE = {
  add: CommunityAction_Type.ADD,
  remove: CommunityAction_Type.REMOVE,
  replace: CommunityAction_Type.REPLACE,
} as const;
const CHANGE_BACK: Readonly<Record<CommunityAction_Type, CommunityChange["op"]>> = {
  [CommunityAction_Type.ADD]: "add",
  [CommunityAction_Type.REMOVE]: "remove",
  [CommunityAction_Type.REPLACE]: "replace",
};

/** Key and value, or nothing: for optional properties. */
function maybe<K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } {
  return (value === undefined ? {} : { [key]: value }) as { [P in K]?: V };
}

function toPbMatch(match: SetMatch | undefined): { type: MatchSet_Type; name: string } | undefined {
  return match === undefined ? undefined : { type: MATCH[match.match], name: match.name };
}

function fromPbMatch(match: PbMatchSet | undefined): SetMatch | undefined {
  return match === undefined || match.name === ""
    ? undefined
    : { name: match.name, match: MATCH_BACK[match.type] };
}

function toPbChange(change: CommunityChange | undefined) {
  return change === undefined ? undefined : { type: CHANGE[change.op], communities: [...change.list] };
}

function fromPbChange(change: PbCommunityAction | undefined): CommunityChange | undefined {
  return change === undefined ? undefined : { op: CHANGE_BACK[change.type], list: change.communities };
}

function toPbNextHop(nextHop: StatementActions["nextHop"]) {
  if (nextHop === undefined) return undefined;
  if (nextHop === "self") return { self: true };
  return nextHop === "unchanged" ? { unchanged: true } : { address: nextHop.address };
}

function fromPbNextHop(nextHop: PbNexthopAction | undefined): StatementActions["nextHop"] {
  if (nextHop === undefined) return undefined;
  if (nextHop.self) return "self";
  return nextHop.unchanged ? "unchanged" : { address: nextHop.address };
}

function toPbRoute(route: "accept" | "reject" | undefined): RouteAction {
  if (route === undefined) return RouteAction.NONE;
  return route === "accept" ? RouteAction.ACCEPT : RouteAction.REJECT;
}

function fromPbRoute(route: RouteAction): "accept" | "reject" | undefined {
  if (route === RouteAction.NONE) return undefined;
  return route === RouteAction.ACCEPT ? "accept" : "reject";
}

/** `rpkiResult` -1 means "do not look at it"; 0, protobuf's default, would match nothing (facts of GoBGP 3). */
export function toPbStatement(statement: Statement): PbStatement {
  const { when, apply } = statement;
  return create(PbStatementSchema, {
    name: statement.name,
    conditions: {
      rpkiResult: -1,
      ...maybe("neighborSet", toPbMatch(when.neighbours)),
      ...maybe("prefixSet", toPbMatch(when.prefixes)),
      ...maybe("asPathSet", toPbMatch(when.asPath)),
      ...maybe("largeCommunitySet", toPbMatch(when.largeCommunities)),
      ...maybe("routeType", when.routeType === undefined ? undefined : ROUTE_TYPE[when.routeType]),
    },
    actions: {
      routeAction: toPbRoute(apply.route),
      ...(apply.med === undefined
        ? {}
        : {
            med: {
              type: apply.med.op === "set" ? MedAction_Type.REPLACE : MedAction_Type.MOD,
              value: BigInt(apply.med.value),
            },
          }),
      ...maybe("nexthop", toPbNextHop(apply.nextHop)),
      ...maybe("largeCommunity", toPbChange(apply.largeCommunities)),
      ...maybe("community", toPbChange(apply.communities)),
      ...maybe("localPref", apply.localPref === undefined ? undefined : { value: apply.localPref }),
    },
  });
}

export function fromPbStatement(statement: PbStatement): Statement {
  const conditions = statement.conditions;
  const actions = statement.actions;
  const med = actions?.med;
  return {
    name: statement.name,
    when: {
      ...maybe("neighbours", fromPbMatch(conditions?.neighborSet)),
      ...maybe("prefixes", fromPbMatch(conditions?.prefixSet)),
      ...maybe("asPath", fromPbMatch(conditions?.asPathSet)),
      ...maybe("largeCommunities", fromPbMatch(conditions?.largeCommunitySet)),
      ...maybe("routeType", ROUTE_TYPE_BACK[conditions?.routeType ?? Conditions_RouteType.NONE]),
    },
    apply: {
      ...maybe("route", fromPbRoute(actions?.routeAction ?? RouteAction.NONE)),
      ...(med === undefined
        ? {}
        : {
            med: {
              op: med.type === MedAction_Type.REPLACE ? ("set" as const) : ("add" as const),
              value: Number(med.value),
            },
          }),
      ...maybe("nextHop", fromPbNextHop(actions?.nexthop)),
      ...maybe("largeCommunities", fromPbChange(actions?.largeCommunity)),
      ...maybe("communities", fromPbChange(actions?.community)),
      ...maybe("localPref", actions?.localPref?.value),
    },
  };
}

export function toPbPolicy(policy: Policy): PbPolicy {
  return create(PbPolicySchema, { name: policy.name, statements: policy.statements.map(toPbStatement) });
}

export function fromPbPolicy(policy: PbPolicy): Policy {
  return { name: policy.name, statements: policy.statements.map(fromPbStatement) };
}

export function toPbDirection(direction: PolicyAssignment["direction"]): PolicyDirection {
  return direction === "import" ? PolicyDirection.IMPORT : PolicyDirection.EXPORT;
}

export function fromPbAssignment(
  assignment: PbAssignment,
  direction: PolicyAssignment["direction"],
): PolicyAssignment {
  return {
    direction,
    policies: assignment.policies.map((policy) => policy.name),
    defaultAction: assignment.defaultAction === RouteAction.REJECT ? "reject" : "accept",
  };
}
