import { readFile } from "node:fs/promises";
import { networkInterfaces } from "node:os";
import type { HealthPart } from "@vsix/shared/contract/part-health.ts";
import type { AddressFacts, LocalFacts, PortFacts, RouteFacts } from "../../core/health/model.ts";
import { isIp4, isIp6 } from "../../core/health/plan.ts";
import { type Link, LinkTable } from "../../io/links.ts";
import { NetlinkSocket } from "../../io/netlink.ts";
import { NetlinkError } from "../../io/netlink-error.ts";
import { type AddressMessage, decodeAddress, encodeAddressDump } from "../../wire/netlink/address.ts";
import { IFA_F, NLM_F, RTM } from "../../wire/netlink/constants.ts";
import { isLinkLocal } from "../../wire/netlink/ip-text.ts";
import { decodeRoute, encodeRouteGet, type RouteMessage } from "../../wire/netlink/route.ts";

/** linux/rtnetlink.h: a route that came of a router advertisement. */
const RTPROT_RA = 9;
/** RT_SCOPE_HOST; such addresses nobody else sees. */
const SCOPE_HOST = 254;
/** Of the globally routed 2000::/3, and nobody's: where packets to the outside go. */
const OUTSIDE = "2000::";
/** A resolv.conf of more than that is none. */
const MAX_FILE = 64 * 1024;
const STUB = /^(127\.|::1$)/;

/** What this machine says of itself. @throws NetlinkError when the kernel cannot be asked. */
export async function readLocalFacts(
  part: HealthPart,
  signal?: AbortSignal,
): Promise<Omit<LocalFacts, "advertisement">> {
  await using netlink = NetlinkSocket.open();
  await using links = await LinkTable.open(netlink, signal);
  const named = part.interface === undefined ? undefined : links.get(part.interface);
  const outside = part.targets.map(({ host }) => host).find(isIp6) ?? OUTSIDE;
  const route =
    part.interface !== undefined && named === undefined
      ? undefined
      : await routeTo(netlink, outside, named?.index ?? 0, signal);
  const link = named ?? (route === undefined ? likely(links) : links.byIndex(route.interfaceIndex ?? 0));
  const addresses = await netlink.dump(
    encodeAddressDump,
    ({ type, payload }) => (type === RTM.NEWADDR ? decodeAddress(payload) : undefined),
    signal,
  );
  return {
    port:
      link === undefined || (named === undefined && part.interface !== undefined)
        ? undefined
        : await portOf(link),
    ...(part.interface === undefined ? {} : { wanted: part.interface }),
    // A router's own address may stand on its loopback: it is what its packets come from.
    addresses: addresses
      .filter((one) => one.scope !== SCOPE_HOST && (one.interfaceIndex === link?.index || isOnLoopback(one)))
      .map(addressOf),
    route: route === undefined ? undefined : routeFacts(route, links),
    ipv4: await ipv4Of(),
    resolvers: await resolversOf(),
  };
}

async function routeTo(
  netlink: NetlinkSocket,
  destination: string,
  interfaceIndex: number,
  signal: AbortSignal | undefined,
): Promise<RouteMessage | undefined> {
  try {
    const [route] = await netlink.dump(
      // One answer, not a dump: what ends it is the acknowledgement.
      (writer, _flags, sequence) =>
        encodeRouteGet(writer, NLM_F.REQUEST | NLM_F.ACK, sequence, destination, interfaceIndex),
      ({ type, payload }) => (type === RTM.NEWROUTE ? decodeRoute(payload) : undefined),
      signal,
    );
    // Types but RTN_UNICAST lead nowhere.
    return route?.type === 1 ? route : undefined;
  } catch (error) {
    if (error instanceof NetlinkError) return undefined; // ENETUNREACH and its like: no route
    throw error;
  }
}

function routeFacts({ interfaceIndex = 0, gateway, protocol }: RouteMessage, links: LinkTable): RouteFacts {
  return {
    interface: links.nameOf(interfaceIndex),
    index: interfaceIndex,
    ...(gateway === undefined ? {} : { gateway }),
    by: protocol === RTPROT_RA ? "advertisement" : "other",
  };
}

/** Without a route: the first device that is up, then any. */
function likely(links: LinkTable): Link | undefined {
  const all = [...links.all()].filter(({ name }) => name !== "lo");
  return all.find(({ carrier }) => carrier) ?? all.find(({ up }) => up) ?? all[0];
}

const LOOPBACK_INDEX = 1;

function isOnLoopback({ interfaceIndex, address }: AddressMessage): boolean {
  return interfaceIndex === LOOPBACK_INDEX && address !== "::1";
}

function addressOf({ address, flags }: AddressMessage): AddressFacts {
  const has = (flag: number): boolean => (flags & flag) !== 0;
  return {
    address,
    scope: isLinkLocal(address) ? "link" : "global",
    tentative: has(IFA_F.TENTATIVE),
    duplicate: has(IFA_F.DADFAILED),
    deprecated: has(IFA_F.DEPRECATED),
    dynamic: !has(IFA_F.PERMANENT),
  };
}

async function portOf({ name, index, up, carrier, mtu }: Link): Promise<PortFacts> {
  const speed = Number(await textOf(`/sys/class/net/${name}/speed`));
  const wireless = (await textOf("/proc/net/wireless"))
    .split("\n")
    .find((line) => line.trim().startsWith(`${name}:`));
  const signalDbm = Number.parseInt(wireless?.trim().split(/\s+/)[3] ?? "", 10);
  return {
    name,
    index,
    up,
    carrier,
    mtu,
    ...(Number.isInteger(speed) && speed > 0 ? { speedMbps: speed } : {}),
    ...(wireless === undefined ? {} : { wifi: Number.isInteger(signalDbm) ? { signalDbm } : {} }),
  };
}

async function ipv4Of(): Promise<LocalFacts["ipv4"]> {
  const addresses = Object.values(networkInterfaces())
    .flatMap((all) => all ?? [])
    .filter(({ family, internal }) => family === "IPv4" && !internal)
    .map(({ address }) => address);
  const lines = (await textOf("/proc/net/route")).split("\n").slice(1);
  for (const line of lines) {
    const [, destination, gateway = "", , , , , mask] = line.split(/\s+/);
    if (destination !== "00000000" || mask !== "00000000" || !/^[0-9A-F]{8}$/.test(gateway)) continue;
    const octets = gateway.match(/../g)?.map((hex) => Number.parseInt(hex, 16)) ?? [];
    return { addresses, gateway: octets.toReversed().join(".") };
  }
  return { addresses };
}

/** resolv.conf(5); where that names only a stub of this machine, what the stub asks (systemd-resolved). */
async function resolversOf(): Promise<readonly string[]> {
  const own = nameservers(await textOf("/etc/resolv.conf"));
  if (own.length > 0 && !own.every((address) => STUB.test(address))) return own;
  const behind = nameservers(await textOf("/run/systemd/resolve/resolv.conf"));
  return behind.length > 0 ? behind : own;
}

export function nameservers(text: string): readonly string[] {
  return text
    .split("\n")
    .flatMap((line) => /^\s*nameserver\s+(\S+)/.exec(line)?.[1] ?? [])
    .filter((address) => isIp6(address) || isIp4(address));
}

async function textOf(file: string): Promise<string> {
  try {
    return (await readFile(file, "utf8")).slice(0, MAX_FILE);
  } catch {
    return ""; // not there, or not for us: it says nothing
  }
}
