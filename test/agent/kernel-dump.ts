import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { ipJson, veth } from "../kernel/in-namespace.ts";
import { EDGE_PORT, PLANE_PORT } from "./documents.ts";

/** The two ports and what stands at their far ends, all in this namespace. */
export function makePorts(): void {
  veth(EDGE_PORT, `${EDGE_PORT}-far`);
  veth(PLANE_PORT, `${PLANE_PORT}-far`);
}

/** Runs nft(8) in this namespace. */
export function nft(...args: readonly string[]): string {
  const run = spawnSync("nft", args, { encoding: "utf8" });
  if (run.status !== 0) throw new Error(`nft ${args.join(" ")}: ${run.stderr}`);
  return run.stdout;
}

const SYSCTLS = ["net/ipv6/conf/all/forwarding", "net/ipv6/conf/all/seg6_enabled", "net/ipv6/icmp/ratelimit"];

/** All that an agent could have touched, as ip(8) and nft(8) say it; counters and timers left out. */
export function dumpKernel(): Readonly<Record<string, unknown>> {
  const links = ipJson(["link", "show"]).map(({ ifname, mtu, flags }) => ({ ifname, mtu, flags }));
  const addresses = ipJson(["address", "show"]).map(({ ifname, addr_info }) => ({ ifname, addr_info }));
  const sorted = (rows: readonly object[]): string[] => rows.map((row) => JSON.stringify(row)).sort();
  return {
    links,
    addresses,
    routes: sorted(ipJson(["-6", "route", "show", "table", "all"])),
    rules: sorted(ipJson(["-6", "rule", "show"])),
    nexthops: sorted(ipJson(["nexthop", "show"])),
    filters: nft("-s", "list", "ruleset"),
    sysctls: SYSCTLS.map((path) => readFileSync(`/proc/sys/${path}`, "utf8").trim()),
  };
}
