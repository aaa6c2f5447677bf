import { AF_INET, AF_INET6, RTA, RTAX_LOCK, RTAX_MTU, RTM } from "./constants.ts";
import { decodeEncap, type Encap, encodeEncap } from "./encap.ts";
import { NetlinkDecodeError, NetlinkEncodeError } from "./errors.ts";
import { formatAddress, slashOf } from "./ip-text.ts";
import { NetlinkReader } from "./reader.ts";
import type { NetlinkWriter } from "./writer.ts";

/** One of several next hops of a route. Source: struct rtnexthop, linux/rtnetlink.h. */
export interface RoutePath {
  readonly interfaceIndex: number;
  readonly gateway?: string;
  /** 1 to 256. */
  readonly weight: number;
}

/** A route. Source: struct rtmsg and RTA_*, linux/rtnetlink.h. */
export interface RouteMessage {
  readonly family: number;
  /** 32 bit; 254 is main. */
  readonly table: number;
  /** rtm_protocol: who made it. */
  readonly protocol: number;
  readonly scope: number;
  /** RTN_* */
  readonly type: number;
  /** RTM_F_* and RTNH_F_* */
  readonly flags: number;
  readonly destination: string;
  /** RTA_PRIORITY; 0 when there is none. */
  readonly metric: number;
  readonly nexthopId?: number;
  /** RTA_GATEWAY, or RTA_VIA of another family. */
  readonly gateway?: string;
  readonly interfaceIndex?: number;
  /** RTA_PREFSRC: the source of packets that this machine itself sends along the route. */
  readonly source?: string;
  /** RTAX_MTU, octets. */
  readonly mtu?: number;
  /** RTAX_LOCK of the MTU: the kernel holds forwarded packets to it as well, not only its own (ip6_dst_mtu_maybe_forward). */
  readonly mtuLocked?: boolean;
  readonly encap?: Encap;
  readonly paths?: readonly RoutePath[];
}

/** struct rtmsg: family, dst_len, src_len, tos, table, protocol, scope, type, flags. */
const RTMSG = 12;

/**
 * `type` is RTM_NEWROUTE or RTM_DELROUTE. IPv6 only. This is the hot path: no value is made on the way, and `destination`
 * may stand for the one in `route`, so that routes which differ in nothing else need no message each.
 */
export function encodeRoute(
  writer: NetlinkWriter,
  type: number,
  flags: number,
  sequence: number,
  route: RouteMessage,
  destination = route.destination,
): void {
  const slash = slashOf(destination);
  const length = slash < 0 ? -1 : decimal(destination, slash + 1);
  if (length < 0 || length > 128)
    throw new NetlinkEncodeError(`not an IPv6 prefix: ${JSON.stringify(destination.slice(0, 64))}`);
  writer.begin(type, flags, sequence);
  writer.u32(route.family | (length << 8)); // family, dst_len, src_len, tos
  writer.u32(
    (route.table < 256 ? route.table : 0) | (route.protocol << 8) | (route.scope << 16) | (route.type << 24),
  );
  writer.u32(route.flags);
  writer.attributeIp6(RTA.DST, destination, slash);
  if (route.table > 255) writer.attributeU32(RTA.TABLE, route.table); // else rtm_table says it all, as for ip(8)
  if (route.metric !== 0) writer.attributeU32(RTA.PRIORITY, route.metric);
  if (route.nexthopId !== undefined) writer.attributeU32(RTA.NH_ID, route.nexthopId);
  if (route.gateway !== undefined) writer.attributeIp6(RTA.GATEWAY, route.gateway);
  if (route.interfaceIndex !== undefined) writer.attributeU32(RTA.OIF, route.interfaceIndex);
  if (route.source !== undefined) writer.attributeIp6(RTA.PREFSRC, route.source);
  if (route.mtu !== undefined) {
    const metrics = writer.beginNested(RTA.METRICS);
    if (route.mtuLocked === true) writer.attributeU32(RTAX_LOCK, 1 << RTAX_MTU);
    writer.attributeU32(RTAX_MTU, route.mtu);
    writer.endNested(metrics);
  }
  if (route.encap !== undefined) encodeEncap(writer, RTA.ENCAP_TYPE, RTA.ENCAP, route.encap);
  if (route.paths !== undefined) encodePaths(writer, route.paths);
  writer.end();
}

/** One to three decimal digits up to the end of `text`; -1 when it is anything else. */
function decimal(text: string, start: number): number {
  let value = 0;
  const { length } = text;
  if (length === start || length - start > 3) return -1;
  for (let i = start; i < length; i++) {
    const digit = text.charCodeAt(i) - 0x30;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}

function encodePaths(writer: NetlinkWriter, paths: readonly RoutePath[]): void {
  const nested = writer.beginNested(RTA.MULTIPATH);
  for (const path of paths) {
    const start = writer.length;
    writer.u16(0); // rtnh_len
    writer.u8(0); // rtnh_flags
    writer.u8(path.weight - 1);
    writer.u32(path.interfaceIndex);
    if (path.gateway !== undefined) writer.attributeIp6(RTA.GATEWAY, path.gateway);
    writer.patchLength(start);
  }
  writer.endNested(nested);
}

/** What a dump is limited to; the kernel obeys with NETLINK_GET_STRICT_CHK. */
export interface RouteFilter {
  readonly table?: number;
  readonly protocol?: number;
}

/** A dump of IPv6 routes. */
export function encodeRouteDump(
  writer: NetlinkWriter,
  flags: number,
  sequence: number,
  filter: RouteFilter = {},
): void {
  writer.begin(RTM.GETROUTE, flags, sequence);
  writer.u32(AF_INET6);
  writer.u8(0);
  writer.u8(filter.protocol ?? 0);
  writer.u16(0);
  writer.u32(0);
  if (filter.table !== undefined) writer.attributeU32(RTA.TABLE, filter.table);
  writer.end();
}

/** A question by which route a packet to an address would leave; answered with one route, its next hop resolved. */
export function encodeRouteGet(
  writer: NetlinkWriter,
  flags: number,
  sequence: number,
  destination: string,
  interfaceIndex = 0,
): void {
  writer.begin(RTM.GETROUTE, flags, sequence);
  writer.u32(AF_INET6 | (128 << 8));
  writer.u32(0);
  writer.u32(0);
  writer.attributeIp6(RTA.DST, destination);
  if (interfaceIndex !== 0) writer.attributeU32(RTA.OIF, interfaceIndex);
  writer.end();
}

export function decodeRoute(payload: Uint8Array): RouteMessage {
  const reader = new NetlinkReader(payload, RTMSG);
  const family = reader.headerU8(0);
  const length = reader.headerU8(1);
  let destination: string | undefined;
  let encapType: number | undefined;
  let encapData: Uint8Array | undefined;
  const route: { -readonly [K in keyof RouteMessage]: RouteMessage[K] } = {
    family,
    table: reader.headerU8(4),
    protocol: reader.headerU8(5),
    scope: reader.headerU8(6),
    type: reader.headerU8(7),
    flags: reader.headerU32(8),
    destination: "",
    metric: 0,
  };
  while (reader.next()) {
    switch (reader.type) {
      case RTA.DST:
        destination = reader.prefix(length);
        break;
      case RTA.TABLE:
        route.table = reader.u32();
        break;
      case RTA.PRIORITY:
        route.metric = reader.u32();
        break;
      case RTA.NH_ID:
        route.nexthopId = reader.u32();
        break;
      case RTA.GATEWAY:
        route.gateway = reader.address();
        break;
      case RTA.VIA:
        route.gateway = decodeVia(reader.payload());
        break;
      case RTA.OIF:
        route.interfaceIndex = reader.u32();
        break;
      case RTA.PREFSRC:
        route.source = reader.address();
        break;
      case RTA.METRICS: {
        const metrics = reader.nested();
        while (metrics.next())
          if (metrics.type === RTAX_MTU) route.mtu = metrics.u32();
          else if (metrics.type === RTAX_LOCK) route.mtuLocked = (metrics.u32() & (1 << RTAX_MTU)) !== 0;
        break;
      }
      case RTA.ENCAP_TYPE:
        encapType = reader.u16();
        break;
      case RTA.ENCAP:
        encapData = reader.payload();
        break;
      case RTA.MULTIPATH:
        route.paths = decodePaths(reader.payload());
        break;
    }
  }
  if (encapType !== undefined && encapData !== undefined) route.encap = decodeEncap(encapType, encapData);
  route.destination = destination ?? `${family === AF_INET ? "0.0.0.0" : "::"}/${length}`;
  return route;
}

/** struct rtvia: family, then an address. */
function decodeVia(payload: Uint8Array): string {
  const text = formatAddress(payload.subarray(2));
  if (text === undefined) throw new NetlinkDecodeError(`RTA_VIA of ${payload.length} octets`, 0);
  return text;
}

function decodePaths(payload: Uint8Array): RoutePath[] {
  const paths: RoutePath[] = [];
  let at = 0;
  while (at < payload.length) {
    const left = payload.length - at;
    const head = new NetlinkReader(payload.subarray(at), 8);
    const length = head.headerU16(0);
    if (length < 8 || length > left)
      throw new NetlinkDecodeError(`path of ${length} octets, ${left} are there`, at);
    const reader = new NetlinkReader(payload.subarray(at, at + length), 8);
    let gateway: string | undefined;
    while (reader.next()) {
      if (reader.type === RTA.GATEWAY) gateway = reader.address();
      else if (reader.type === RTA.VIA) gateway = decodeVia(reader.payload());
    }
    paths.push({
      interfaceIndex: head.headerU32(4),
      ...(gateway === undefined ? {} : { gateway }),
      weight: head.headerU8(3) + 1,
    });
    at += (length + 3) & ~3;
  }
  return paths;
}
