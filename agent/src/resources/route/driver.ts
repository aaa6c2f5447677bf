import { OWN_PROTOCOL } from "../../core/ownership.ts";
import type { LinkTable } from "../../io/links.ts";
import type { NetlinkSocket } from "../../io/netlink.ts";
import { applyChanges, type NetlinkApply } from "../../io/netlink-apply.ts";
import { AF_INET6, RTM, RTM_F_CLONED, RTN } from "../../wire/netlink/constants.ts";
import { decodeRoute, encodeRoute, encodeRouteDump, type RouteMessage } from "../../wire/netlink/route.ts";
import type { Driver } from "../driver.ts";
import { type RouteObject, routeKind } from "./model.ts";
import { prefixOrder } from "./order.ts";

const TYPE_NUMBER = { unicast: RTN.UNICAST, blackhole: RTN.BLACKHOLE, unreachable: RTN.UNREACHABLE } as const;

/** IPv6 routes of our own protocol in every table, but for those that are SIDs (seg6local). */
export function routeDriver(netlink: NetlinkSocket, links: LinkTable): Driver<RouteObject> {
  async function observe(signal: AbortSignal): Promise<readonly RouteObject[]> {
    await links.refresh(signal); // names of devices, before 50,000 routes ask for them
    return netlink.dump(
      (writer, flags, sequence) => encodeRouteDump(writer, flags, sequence, { protocol: OWN_PROTOCOL }),
      ({ type, payload }) => (type === RTM.NEWROUTE ? toObject(decodeRoute(payload), links) : undefined),
      signal,
    );
  }

  const put = new SharedMessage((route) => toMessage(route, links));
  const remove = new SharedMessage(toDeletion);
  const how: NetlinkApply<RouteObject> = {
    netlink,
    kind: routeKind,
    observe,
    encodePut: (writer, flags, sequence, desired) =>
      encodeRoute(writer, RTM.NEWROUTE, flags, sequence, put.of(desired), desired.prefix),
    encodeDelete: (writer, flags, sequence, observed) =>
      encodeRoute(writer, RTM.DELROUTE, flags, sequence, remove.of(observed), observed.prefix),
    order: prefixOrder,
  };

  return {
    observe,
    async apply(changes, signal) {
      const devices = new Set<string>();
      for (const change of changes)
        if (change.op !== "delete" && change.desired.interface !== undefined)
          devices.add(change.desired.interface);
      await links.know(devices, signal);
      put.forget(); // devices may have other numbers now
      return applyChanges(how, changes, signal);
    },
  };
}

/** The message of the last route, for as long as routes differ in nothing but their prefix, as thousands of BGP's do. */
class SharedMessage {
  readonly #make: (route: RouteObject) => RouteMessage;
  #route: RouteObject | undefined;
  #message: RouteMessage | undefined;

  constructor(make: (route: RouteObject) => RouteMessage) {
    this.#make = make;
  }

  forget(): void {
    this.#route = undefined;
  }

  /** Its destination may be another route's. */
  of(route: RouteObject): RouteMessage {
    const last = this.#route;
    if (this.#message === undefined || last === undefined || !isSameButPrefix(route, last)) {
      this.#message = this.#make(route);
      this.#route = route;
    }
    return this.#message;
  }
}

function isSameButPrefix(a: RouteObject, b: RouteObject): boolean {
  return a.table === b.table && a.metric === b.metric && routeKind.equal(a, b) && a.interface === b.interface;
}

/** By table, prefix, metric and protocol: a route of somebody else never matches. */
function toDeletion({ table, prefix, metric }: RouteObject): RouteMessage {
  const anything = { scope: 0, type: 0, flags: 0 };
  return { family: AF_INET6, table, protocol: OWN_PROTOCOL, ...anything, destination: prefix, metric };
}

function toMessage(route: RouteObject, links: LinkTable): RouteMessage {
  const { table, prefix, metric, type, nexthopId, via, interface: device, source, mtu } = route;
  const message: { -readonly [K in keyof RouteMessage]: RouteMessage[K] } = {
    family: AF_INET6,
    table,
    protocol: OWN_PROTOCOL,
    scope: 0,
    type: TYPE_NUMBER[type],
    flags: 0,
    destination: prefix,
    metric,
  };
  if (nexthopId !== undefined) message.nexthopId = nexthopId;
  if (via !== undefined) message.gateway = via;
  if (source !== undefined) message.source = source;
  if (mtu !== undefined) {
    message.mtu = mtu;
    message.mtuLocked = true;
  }
  if (device !== undefined) message.interfaceIndex = links.indexOf(device);
  return message;
}

function toObject(message: RouteMessage, links: LinkTable): RouteObject | undefined {
  const { table, destination: prefix, metric, nexthopId, gateway, interfaceIndex, source } = message;
  if (message.family !== AF_INET6 || message.protocol !== OWN_PROTOCOL) return undefined;
  if ((message.flags & RTM_F_CLONED) !== 0 || message.encap?.kind === "seg6local") return undefined;
  // A route through a nexthop object is read back with that object's gateway and device, or as a blackhole.
  if (nexthopId !== undefined) {
    if (message.mtuLocked === true && message.mtu !== undefined)
      return {
        table,
        prefix,
        metric,
        type: "unicast",
        nexthopId,
        ...(source === undefined ? {} : { source }),
        mtu: message.mtu,
      };
    if (source === undefined) return { table, prefix, metric, type: "unicast", nexthopId };
    return { table, prefix, metric, type: "unicast", nexthopId, source };
  }
  if (message.type === RTN.BLACKHOLE) return { table, prefix, metric, type: "blackhole" };
  if (message.type === RTN.UNREACHABLE) return { table, prefix, metric, type: "unreachable" };
  return {
    table,
    prefix,
    metric,
    type: "unicast",
    ...(gateway === undefined ? {} : { via: gateway }),
    ...(interfaceIndex === undefined ? {} : { interface: links.nameOf(interfaceIndex) }),
    ...(source === undefined ? {} : { source }),
  };
}
