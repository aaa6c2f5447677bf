import type { Kind } from "../../core/kind.ts";
import { BGP_METRIC, TABLE_MAIN } from "../../core/ownership.ts";
import { canonicalIp6, canonicalPrefix6 } from "../../wire/netlink/ip-text.ts";

/** An IPv6 route that is no SID. Unicast ones have either a nexthop object or `via` and/or `interface`. */
export interface RouteObject {
  readonly table: number;
  readonly prefix: string;
  readonly metric: number;
  readonly type: "unicast" | "blackhole" | "unreachable";
  readonly nexthopId?: number;
  readonly via?: string;
  readonly interface?: string;
  /** Source of packets that this machine itself sends along a unicast route; its own address, on any device. */
  readonly source?: string;
  /** Forwarded packets that are larger are answered with Packet Too Big; octets, of a unicast route with a nexthop object. */
  readonly mtu?: number;
}

/** IP6_RT_PRIO_USER: what the kernel makes of metric 0. Source: net/ip6_route.h. */
const DEFAULT_METRIC = 1024;

/** Whether a BGP route, one of 50,000, is in its final form, so that no other object need be made. */
function isNormal(desired: RouteObject, prefix: string): boolean {
  const { type, nexthopId, metric, via, interface: device, source } = desired;
  return (
    type === "unicast" &&
    nexthopId !== undefined &&
    via === undefined &&
    device === undefined &&
    metric !== 0 &&
    prefix === desired.prefix &&
    (source === undefined || source === canonicalSource(source))
  );
}

let lastSource = "";
let lastCanonical: string | undefined;

/** All BGP routes have one source, this node's loopback: worked out once. */
function canonicalSource(source: string): string {
  if (source !== lastSource || lastCanonical === undefined) {
    lastSource = source;
    lastCanonical = canonicalIp6(source) ?? source;
  }
  return lastCanonical;
}

export const routeKind: Kind<RouteObject> = {
  name: "route",
  // The prefix alone where BGP's routes go: 50,000 texts less to make, and one that the RIB has as its key as well.
  key: ({ table, prefix, metric }) =>
    table === TABLE_MAIN && metric === BGP_METRIC ? prefix : `${table} ${prefix} ${metric}`,
  normalise: (desired) => {
    const prefix = canonicalPrefix6(desired.prefix) ?? desired.prefix;
    const metric = desired.metric === 0 ? DEFAULT_METRIC : desired.metric;
    const { table, type, nexthopId, via } = desired;
    if (isNormal(desired, prefix)) return desired;
    if (type !== "unicast") return { table, prefix, metric, type };
    const source = desired.source === undefined ? {} : { source: canonicalSource(desired.source) };
    if (nexthopId !== undefined)
      return {
        table,
        prefix,
        metric,
        type,
        nexthopId,
        ...source,
        ...(desired.mtu === undefined ? {} : { mtu: desired.mtu }),
      };
    return {
      table,
      prefix,
      metric,
      type,
      ...(via === undefined ? {} : { via: canonicalIp6(via) ?? via }),
      ...(desired.interface === undefined ? {} : { interface: desired.interface }),
      ...source,
    };
  },
  equal: (desired, observed) =>
    desired.type === observed.type &&
    desired.nexthopId === observed.nexthopId &&
    desired.via === observed.via &&
    desired.source === observed.source &&
    desired.mtu === observed.mtu &&
    // The kernel finds the device of a gateway itself when none is named.
    (desired.interface === observed.interface ||
      (desired.interface === undefined && desired.via !== undefined)),
  content: ({ type, nexthopId, via, source, mtu, interface: device }) => [
    ...[type, nexthopId, via, source, mtu],
    via === undefined ? device : undefined,
  ],
  describe: ({ table, prefix, metric, type, nexthopId, via, interface: device, source, mtu }) =>
    [
      type === "unicast" ? "route" : `route ${type}`,
      prefix,
      nexthopId === undefined ? "" : `nhid ${nexthopId}`,
      via === undefined ? "" : `via ${via}`,
      device === undefined ? "" : `dev ${device}`,
      source === undefined ? "" : `src ${source}`,
      mtu === undefined ? "" : `mtu lock ${mtu}`,
      `table ${table} metric ${metric}`,
    ]
      .filter((word) => word !== "")
      .join(" "),
};
