import type { EpeClass, EpePart } from "@vsix/shared/contract/part-epe.ts";
import type { FabricPart, InterfacePart } from "@vsix/shared/contract/part-fabric.ts";
import { classTables } from "../nexthop-id.ts";
import { CLASS_PRIORITY, RULE_PRIORITY, TABLE_OVERRIDES, TOO_BIG, TOO_BIG_MARK } from "../ownership.ts";
import { encapRoom, MIN_MTU } from "./encap-room.ts";

/** A policy rule, in the words of resources/rule. */
export interface DesiredRule {
  readonly priority: number;
  readonly iif: string;
  readonly table: number;
  readonly from?: string;
  readonly mark?: number;
  readonly dscp?: number;
  readonly nextHeader?: number;
  readonly ports?: { readonly from: number; readonly to: number };
}

/** What leads Edges' traffic elsewhere than BGP, beside the fabric file's own overrides. */
export interface OverrideOrders {
  readonly epe: EpePart | undefined;
  /** Nothing at all may lead elsewhere: switched off here. */
  readonly off: boolean;
  /** Part `epe` is too old: its controller was not heard for longer than it keeps. */
  readonly aged: boolean;
}

export const NO_ORDERS: OverrideOrders = { epe: undefined, off: false, aged: false };

export interface CompiledOverrides {
  readonly nexthops: readonly {
    readonly name: string;
    readonly dev: string;
    /** An encapsulation; without, a neighbour. */
    readonly segments?: readonly string[];
    readonly via?: string;
    readonly purpose?: string;
  }[];
  readonly routes: readonly OverrideRoute[];
  readonly rules: readonly DesiredRule[];
}

interface OverrideRoute {
  /** Of its nexthop object. */
  readonly name: string;
  readonly prefix: string;
  readonly table: number;
  readonly mtu?: number;
}

export interface OverrideFacts {
  readonly part: FabricPart;
  readonly orders: OverrideOrders;
  /** Ports in use. */
  readonly up: readonly InterfacePart[];
  /** Whether BGP knows a way to a SID. */
  readonly reachable: (sid: string) => boolean;
  /** Name of the nexthop object of a port's neighbour. */
  readonly neighbour: (port: InterfacePart) => string;
}

const NOTHING: CompiledOverrides = { nexthops: [], routes: [], rules: [] };

/**
 * Overrides as tables chosen by rules for Edge-facing ports. First the fabric file's, then the classes of part `epe` in
 * their order; a table that has no route for a packet is passed over, and at last table main decides. An encapsulation
 * is one nexthop object, however many routes share it. Where a plane's links leave less than an Edge's packets need,
 * every table has a second one of plain routes with a locked MTU: packets that are too large find it by their mark
 * (core/filters.ts) and are answered with Packet Too Big, which the kernel does not do for what it encapsulates.
 */
export function compileOverrides(facts: OverrideFacts, waiting: Map<string, string>): CompiledOverrides {
  const { part, orders, up, neighbour } = facts;
  if (orders.off) return NOTHING;
  const out = up.find(({ faces }) => faces === "plane-internal" || faces === "external-edge");
  if (out === undefined) return NOTHING;
  const room = encapRoom(part, orders.epe);
  if (room !== undefined && room.octets < MIN_MTU) {
    waiting.set(
      "overrides",
      `the plane's links carry ${room.linkMtu} octets: within an encapsulation that leaves ${room.octets}, IPv6 needs ${MIN_MTU}`,
    );
    return NOTHING;
  }
  const nexthops = new Map<string, CompiledOverrides["nexthops"][number]>();
  const routes: OverrideRoute[] = [];
  const rules: DesiredRule[] = [];
  const encap = (segments: readonly string[], peer?: string): string => {
    const name = `encap ${segments.join(",")}`;
    if (!nexthops.has(name))
      nexthops.set(name, {
        name,
        dev: out.name,
        segments,
        ...(peer === undefined ? {} : { purpose: `overrides by ${peer}` }),
      });
    return name;
  };
  const tooBig =
    room === undefined ? undefined : { name: `too big ${room.octets} ${neighbour(out)}`, mtu: room.octets };
  if (tooBig !== undefined)
    // An object of its own: the kernel keeps one cached route per object and processor, with the metrics of whichever route
    // was looked up first (rt6_get_pcpu_route, net/ipv6/route.c), so an MTU among BGP's routes would not hold (seen).
    nexthops.set(tooBig.name, {
      name: tooBig.name,
      dev: out.name,
      via: out.peerAddress,
      purpose: `answers what is larger than ${tooBig.mtu}`,
    });
  const lead = (name: string, prefix: string, table: number): void => {
    routes.push({ name, prefix, table });
    if (tooBig !== undefined) routes.push({ ...tooBig, prefix, table: table + TOO_BIG });
  };
  const choose = (rule: DesiredRule): void => {
    if (tooBig !== undefined)
      rules.push({
        ...rule,
        priority: rule.priority - 1,
        table: rule.table + TOO_BIG,
        mark: TOO_BIG_MARK,
      });
    rules.push(rule);
  };
  compileStatic(facts, waiting, { encap, lead, choose });
  if (!orders.aged) compileClasses(facts, waiting, { encap, lead, choose });
  return { nexthops: [...nexthops.values()], routes, rules };
}

interface Make {
  readonly encap: (segments: readonly string[], peer?: string) => string;
  readonly lead: (nexthop: string, prefix: string, table: number) => void;
  readonly choose: (rule: DesiredRule) => void;
}

/** Of the fabric file: one table and one rule for each Edge-facing port that has any. */
function compileStatic(
  { part, reachable }: OverrideFacts,
  waiting: Map<string, string>,
  { encap, lead, choose }: Make,
): void {
  const ports = part.interfaces.filter(({ faces }) => faces === "edge").map(({ name }) => name);
  const tables = new Map<string, number>();
  for (const override of part.overrides) {
    const [first] = override.segments;
    if (first !== undefined && !reachable(first)) {
      waiting.set(`override ${override.prefix}`, noWay(first));
      continue;
    }
    const name = encap(override.segments);
    for (const port of override.interfaces) {
      const ordinal = ports.indexOf(port);
      if (ordinal < 0) continue;
      const table = TABLE_OVERRIDES + ordinal;
      tables.set(port, table);
      lead(name, override.prefix, table);
    }
  }
  for (const [iif, table] of tables) choose({ priority: RULE_PRIORITY, iif, table });
}

/** Of part `epe`: one table a class, a rule for each of its ports and sources. */
function compileClasses(
  { orders, reachable }: OverrideFacts,
  waiting: Map<string, string>,
  { encap, lead, choose }: Make,
): void {
  const classes = orders.epe?.classes ?? [];
  const tables = classTables(classes.map(({ name }) => name));
  /** Nexthop object by segments, undefined where BGP knows no way: worked out once, not for each of thousands. */
  const ways = new Map<string, string | undefined>();
  const waits = new Map<string, { readonly sid: string; readonly peer: string; count: number }>();
  for (const [i, one] of classes.entries()) {
    const table = tables.get(one.name) ?? 0;
    let made = 0;
    for (const { prefix, peer, segments } of one.overrides) {
      const text = segments.join(",");
      const [sid = ""] = segments;
      if (!ways.has(text)) ways.set(text, reachable(sid) ? encap(segments, peer) : undefined);
      const name = ways.get(text);
      if (name === undefined) {
        const before = waits.get(text);
        if (before === undefined) waits.set(text, { sid, peer, count: 1 });
        else before.count++;
        continue;
      }
      lead(name, prefix, table);
      made++;
    }
    if (made > 0) for (const rule of rulesOf(one, CLASS_PRIORITY + 2 * i + 1, table)) choose(rule);
  }
  for (const { sid, peer, count } of waits.values())
    waiting.set(`overrides by ${peer} ${sid}`, `${noWay(sid)} for ${count} of them`);
}

/** The rules of a class: any of its ports with any of its sources. */
export function rulesOf(
  { match, interfaces }: Pick<EpeClass, "match" | "interfaces">,
  priority: number,
  table: number,
): readonly DesiredRule[] {
  const { sources, dscp, protocol, ports } = match;
  return interfaces.flatMap((iif) =>
    (sources ?? [undefined]).map((from) => ({
      priority,
      iif,
      table,
      ...(from === undefined ? {} : { from }),
      ...(dscp === undefined ? {} : { dscp }),
      ...(protocol === undefined ? {} : { nextHeader: protocol }),
      ...(ports === undefined ? {} : { ports }),
    })),
  );
}

function noWay(sid: string): string {
  return `BGP knows no way to ${sid}; BGP's own choice is used`;
}
