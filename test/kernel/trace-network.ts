import { spawnSync } from "node:child_process";
import { ip } from "./in-namespace.ts";

/** Devices and addresses of {@link startTraceNetwork}. */
export const SOURCE = "2001:db8:1::1";
export const R1 = "2001:db8:1::2";
export const A = "2001:db8:2::2";
export const B = "2001:db8:3::2";
/** It answers from the address of the device that a packet came in by: of the way through `a`, and through `b`. */
export const R2_FROM_A = "2001:db8:4::2";
export const R2_FROM_B = "2001:db8:5::2";
export const TARGET = "2001:db8:6::2";
/** What r2 refuses in three ways, and what goes to and fro between a and r2. */
export const NO_ROUTE = "2001:db8:70::1";
export const PROHIBITED = "2001:db8:71::1";
export const BLACKHOLE = "2001:db8:72::1";
export const LOOPED = "2001:db8:73::1";
/** Decapsulates at r2 (End.DT6). */
export const SID = "2001:db8:5f::1";

export type RouterName = "r1" | "a" | "b" | "r2" | "t";

export interface TraceNetwork {
  /** Runs ip(8) in a router. */
  ip(router: RouterName, ...args: readonly string[]): string;
  sysctl(router: RouterName, setting: string): void;
  /** A rule of a chain of its own at a hook; disposed of, it is gone. */
  nft(router: RouterName, hook: "input" | "output" | "forward", rule: string): Disposable;
}

/** This namespace - r1 - (a, b: two equal ways) - r2 - t. Everything goes with this process. */
export function startTraceNetwork(): TraceNetwork {
  const nameOf = (router: string): string => `vt-trace${router}-${process.pid}`;
  const routers = ["r1", "a", "b", "r2", "t"] as const;
  process.once("exit", () => {
    for (const router of routers) spawnSync("ip", ["netns", "del", nameOf(router)], { stdio: "ignore" });
  });
  for (const router of routers) ip(["netns", "add", nameOf(router)]);
  const inside = (router: string): string[] => (router === "s" ? [] : ["-n", nameOf(router)]);
  const cable = (number: number, left: string, right: string): void => {
    const [one, two] = [`${left}-${right}`, `${right}-${left}`];
    const peer = ["peer", "name", two, "netns", nameOf(right)];
    ip([...inside(left), "link", "add", one, "type", "veth", ...peer]);
    for (const [router, device, host] of [
      [left, one, 1],
      [right, two, 2],
    ] as const) {
      ip([...inside(router), "link", "set", device, "up"]);
      ip([...inside(router), "addr", "add", `2001:db8:${number}::${host}/64`, "dev", device, "nodad"]);
    }
  };
  const sysctl = (router: RouterName, setting: string): void => {
    ip(["netns", "exec", nameOf(router), "sysctl", "-qw", setting]);
  };
  for (const router of routers) {
    ip([...inside(router), "link", "set", "lo", "up"]);
    for (const setting of [
      "ipv6.conf.all.forwarding=1",
      "ipv6.conf.default.accept_dad=0",
      "ipv6.icmp.ratelimit=0",
      "ipv4.icmp_msgs_per_sec=100000", // of ICMPv6 as well: a busy processor hands on packets in heaps
      "ipv4.icmp_msgs_burst=10000",
    ])
      sysctl(router, `net.${setting}`);
  }
  cable(1, "s", "r1");
  cable(2, "r1", "a");
  cable(3, "r1", "b");
  cable(4, "a", "r2");
  cable(5, "b", "r2");
  cable(6, "r2", "t");
  const route = (router: string, ...args: readonly string[]): void =>
    void ip([...inside(router), "-6", "route", "add", ...args]);
  route("s", "default", "via", R1);
  route("r1", "default", "nexthop", "via", A, "nexthop", "via", B);
  route("r1", LOOPED, "via", A);
  for (const router of ["a", "b"] as const) {
    route(router, "default", "via", `2001:db8:${router === "a" ? 4 : 5}::2`);
    route(router, "2001:db8:1::/64", "via", `2001:db8:${router === "a" ? 2 : 3}::1`);
  }
  route("r2", "default", "via", "2001:db8:4::1");
  route("r2", "unreachable", NO_ROUTE);
  route("r2", "prohibit", PROHIBITED);
  route("r2", "blackhole", BLACKHOLE);
  route("r2", SID, "encap", "seg6local", "action", "End.DT6", "table", "main", "dev", "r2-t");
  route("t", "default", "via", "2001:db8:6::1");
  let tables = 0;
  return {
    ip: (router, ...args) => ip([...inside(router), ...args]),
    sysctl,
    nft: (router, hook, rule) => {
      const table = `t${tables++}`;
      const nft = (text: string): void => void ip(["netns", "exec", nameOf(router), "nft", "--", text]);
      nft(`table ip6 ${table} { chain c { type filter hook ${hook} priority 0; policy accept; ${rule}; }; }`);
      return { [Symbol.dispose]: () => nft(`delete table ip6 ${table}`) };
    },
  };
}
