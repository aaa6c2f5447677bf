import { OWN_PROTOCOL, TABLE_MAIN } from "../../agent/src/core/ownership.ts";
import { NetlinkSocket } from "../../agent/src/io/netlink.ts";
import { RTA, RTM, RTNLGRP } from "../../agent/src/wire/netlink/constants.ts";
import { NetlinkReader } from "../../agent/src/wire/netlink/reader.ts";

/**
 * Tells of every route that the kernel of a namespace gets from an agent: `ip netns exec NS node route-watch.ts`. Says
 * `{"ready":true}`, then, at most every FLUSH_MS, `{"routes":{"NEXTHOP ID":{"count":N,"firstNs":"…","lastNs":"…"}}}` for
 * routes made or replaced since, times of CLOCK_MONOTONIC when the notification was read. Ends with its standard input.
 */
const FLUSH_MS = 20;
/** struct rtmsg. */
const RTMSG = 12;

interface Seen {
  count: number;
  readonly firstNs: string;
  lastNs: string;
}

async function main(): Promise<void> {
  await using netlink = NetlinkSocket.open();
  let routes: Record<string, Seen> = {};
  let timer: NodeJS.Timeout | undefined;
  const say = (line: object): void => void process.stdout.write(`${JSON.stringify(line)}\n`);
  const flush = (): void => {
    timer = undefined;
    say({ routes });
    routes = {};
  };
  netlink.subscribe([RTNLGRP.IPV6_ROUTE], (event) => {
    if (event.kind === "overrun") return say({ overrun: true });
    const { type, payload } = event.message;
    const id = type === RTM.NEWROUTE ? nexthopOf(payload) : undefined;
    if (id === undefined) return;
    const nowNs = process.hrtime.bigint().toString();
    const before = routes[id];
    if (before === undefined) routes[id] = { count: 1, firstNs: nowNs, lastNs: nowNs };
    else {
      before.count++;
      before.lastNs = nowNs;
    }
    timer ??= setTimeout(flush, FLUSH_MS);
  });
  say({ ready: true });
  const ended = Promise.withResolvers<void>();
  process.stdin.once("end", ended.resolve).once("error", ended.resolve).resume();
  await ended.promise;
  if (timer !== undefined) clearTimeout(timer);
}

/** The nexthop object of a route that is an agent's, in table main. */
function nexthopOf(payload: Uint8Array): number | undefined {
  const reader = new NetlinkReader(payload, RTMSG);
  if (reader.headerU8(4) !== TABLE_MAIN || reader.headerU8(5) !== OWN_PROTOCOL) return undefined;
  while (reader.next()) if (reader.type === RTA.NH_ID) return reader.u32();
  return undefined;
}

await main();
