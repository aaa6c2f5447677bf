import { readdirSync, readFileSync } from "node:fs";
import { OWN_PROTOCOL, TABLE_MAIN } from "../../agent/src/core/ownership.ts";
import { NetlinkSocket } from "../../agent/src/io/netlink.ts";
import { RTM, RTNLGRP } from "../../agent/src/wire/netlink/constants.ts";
import { decodeNexthop, encodeNexthopDump } from "../../agent/src/wire/netlink/nexthop.ts";
import { decodeRoute, encodeRouteDump, type RouteMessage } from "../../agent/src/wire/netlink/route.ts";
import { DeviceLedger } from "./device-ledger.ts";

/**
 * Tells by which device the routes of an agent leave, as the kernel of a namespace changes them: `ip netns exec NS node
 * route-watch.ts`. Follows route, nexthop object and device, so a replaced object is a move of every route that uses it,
 * and a route given to another object that leaves by the same device is none. Says `{"ready":true}`, then, at most every
 * FLUSH_MS, `{"lastNs":"…","moved":{"DEVICE":{"count":N,"byObject":M,"firstNs":"…","lastNs":"…"}}}`, times of
 * CLOCK_MONOTONIC when the notification was read; the outer one is of any notification. Ends with its standard input.
 */
const FLUSH_MS = 20;

interface Seen {
  count: number;
  byObject: number;
  readonly firstNs: string;
  lastNs: string;
}

async function main(): Promise<void> {
  await using netlink = NetlinkSocket.open();
  const names = deviceNames();
  const ledger = new DeviceLedger();
  let moved: Record<string, Seen> = {};
  let lastNs = "0";
  let timer: NodeJS.Timeout | undefined;
  const say = (line: object): void => void process.stdout.write(`${JSON.stringify(line)}\n`);
  const flush = (): void => {
    timer = undefined;
    say({ lastNs, moved });
    moved = {};
  };
  const note = (device: number | undefined, count: number, byObject: boolean): void => {
    lastNs = process.hrtime.bigint().toString();
    timer ??= setTimeout(flush, FLUSH_MS);
    if (device === undefined || count === 0) return;
    const name = names.get(device) ?? String(device);
    const seen = moved[name] ?? { count: 0, byObject: 0, firstNs: lastNs, lastNs };
    moved[name] = seen;
    seen.count += count;
    if (byObject) seen.byObject += count;
    seen.lastNs = lastNs;
  };
  netlink.subscribe([RTNLGRP.IPV6_ROUTE, RTNLGRP.NEXTHOP], (event) => {
    if (event.kind === "overrun") return say({ overrun: true });
    const { type, payload } = event.message;
    if (type === RTM.NEWNEXTHOP || type === RTM.DELNEXTHOP) {
      const { id, interfaceIndex } = decodeNexthop(payload);
      const device = type === RTM.NEWNEXTHOP ? interfaceIndex : undefined;
      note(device, ledger.nexthop(id, device), true);
    } else if (type === RTM.NEWROUTE || type === RTM.DELROUTE) {
      const route = decodeRoute(payload);
      if (!isOurs(route)) return;
      const id = type === RTM.NEWROUTE ? route.nexthopId : undefined;
      const changed = ledger.route(route.destination, id);
      note(id === undefined ? undefined : ledger.deviceOf(id), changed ? 1 : 0, false);
    }
  });
  // What changes between the two dumps has been told by then, and is told once more.
  const nexthops = await netlink.dump(encodeNexthopDump, ({ payload }) => decodeNexthop(payload));
  for (const { id, interfaceIndex } of nexthops) ledger.nexthop(id, interfaceIndex);
  const routes = await netlink.dump(
    (writer, flags, sequence) => encodeRouteDump(writer, flags, sequence, { protocol: OWN_PROTOCOL }),
    ({ payload }) => decodeRoute(payload),
  );
  for (const route of routes.filter(isOurs)) ledger.route(route.destination, route.nexthopId);
  say({ ready: true });
  const ended = Promise.withResolvers<void>();
  process.stdin.once("end", ended.resolve).once("error", ended.resolve).resume();
  await ended.promise;
  if (timer !== undefined) clearTimeout(timer);
}

function isOurs({ table, protocol, nexthopId }: RouteMessage): boolean {
  return table === TABLE_MAIN && protocol === OWN_PROTOCOL && nexthopId !== undefined;
}

/** Interfaces of this namespace by index; a lab never changes them. */
function deviceNames(): ReadonlyMap<number, string> {
  const folder = "/sys/class/net";
  return new Map(
    readdirSync(folder).map((name) => [Number(readFileSync(`${folder}/${name}/ifindex`, "utf8")), name]),
  );
}

await main();
