import { spawnSync } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { Icmp6Socket } from "../../agent/src/io/icmp6.ts";

/**
 * Records round trips of a real kernel with the agent's own prober: an echo every 100 ms to a host behind a router, three
 * network namespaces on one machine, whatever else it does meanwhile. Prints JSON for recorded-rtts.json.
 *
 *     sudo ip netns add vt-rtt && sudo ip netns exec vt-rtt node scripts/judge-curve/record-rtts.ts [COUNT]
 *
 * Run in a namespace of its own; makes two more, and removes those.
 */
const COUNT = Number(process.argv[2] ?? 600);
const ROUTER = `vt-rttr-${process.pid}`;
const HOST = `vt-rtth-${process.pid}`;
const TARGET = "2001:db8:1::1";

function ip(...args: readonly string[]): void {
  const run = spawnSync("ip", args, { encoding: "utf8" });
  if (run.status !== 0) throw new Error(`ip ${args.join(" ")}: ${run.stderr.trim()}`);
}

/** The wall clock less the monotonic one. Date.now() cuts off what is less than a millisecond: the greatest difference is right. */
function wallOffsetMs(): number {
  let offset = Number.NEGATIVE_INFINITY;
  for (let at = 0; at < 200_000; at++) offset = Math.max(offset, Date.now() - performance.now());
  return offset;
}

async function record(): Promise<void> {
  for (const name of [ROUTER, HOST]) ip("netns", "add", name);
  ip("link", "add", "v0", "type", "veth", "peer", "name", "r0", "netns", ROUTER);
  ip("-n", ROUTER, "link", "add", "r1", "type", "veth", "peer", "name", "h0", "netns", HOST);
  ip("addr", "add", "2001:db8::/127", "dev", "v0", "nodad");
  ip("-n", ROUTER, "addr", "add", "2001:db8::1/127", "dev", "r0", "nodad");
  ip("-n", ROUTER, "addr", "add", "2001:db8:1::/127", "dev", "r1", "nodad");
  ip("-n", HOST, "addr", "add", `${TARGET}/127`, "dev", "h0", "nodad");
  ip("link", "set", "v0", "up");
  for (const device of ["r0", "r1"]) ip("-n", ROUTER, "link", "set", device, "up");
  ip("-n", HOST, "link", "set", "h0", "up");
  ip("netns", "exec", ROUTER, "sysctl", "-qw", "net.ipv6.conf.all.forwarding=1");
  ip("-n", HOST, "-6", "route", "add", "default", "via", "2001:db8:1::");
  ip("-6", "route", "add", "default", "via", "2001:db8::1");

  const sentNs = new Map<number, bigint>();
  const rttMs: (number | null)[] = [];
  const offsetMs = wallOffsetMs();
  const nowNs = (): bigint => BigInt(Math.round((offsetMs + performance.now()) * 1e3)) * 1000n;
  await using socket = Icmp6Socket.open(({ timestampNs, source, message }) => {
    if (source !== TARGET || !("sequence" in message)) return;
    const at = sentNs.get(message.sequence);
    if (at !== undefined) rttMs[message.sequence] = Math.round(Number(timestampNs - at) / 1000) / 1000;
  });
  for (let sequence = 0; sequence < COUNT + 20; sequence++) {
    rttMs[sequence] = null;
    sentNs.set(sequence, nowNs());
    socket.send({ destination: TARGET, id: 7, sequence });
    await sleep(100);
  }
  // The first ones find neighbours.
  console.log(JSON.stringify({ intervalMs: 100, rttMs: rttMs.slice(20) }));
}

try {
  await record();
} finally {
  for (const name of [ROUTER, HOST]) spawnSync("ip", ["netns", "del", name]);
}
