import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { EgressMeasure } from "@vsix/shared/contract/part-egress.ts";
import type { Egress } from "@vsix/shared/contract/up-egress.ts";
import { tool } from "../lab/tools.ts";
import { ip } from "./in-namespace.ts";

/**
 *     s - p - x - f - t       f is fast, g is 10 ms away, m has a link of 1400 octets.
 *             x - g - t       x decapsulates (End.DX6 per peer); p is a segment on the way (End).
 *             x - m - t       What t answers comes back by f.
 */
export type EgressNode = "s" | "p" | "x" | "f" | "g" | "m" | "t";
export type EgressPeerName = "f" | "g" | "m";

/** Loopbacks: where probes come from. */
export const LOOPBACK = { s: "2001:db8:a::1", x: "2001:db8:a::2" } as const;
/** Where p and x answer as segments. */
export const SEGMENT = {
  p: "2001:db8:5f:1::1",
  f: "2001:db8:5f:2::f",
  g: "2001:db8:5f:2::6",
  m: "2001:db8:5f:2::a",
} as const;
/** x's port towards each peer, and the peer's address there. */
export const PORT = {
  f: { interface: "x-f", nextHop: "2001:db8:3::2" },
  g: { interface: "x-g", nextHop: "2001:db8:4::2" },
  m: { interface: "x-m", nextHop: "2001:db8:5::2" },
} as const;
/** Microseconds from x to g, and as much back: but nothing comes back there. */
export const SLOW_US = 10_000;
export const SMALL_MTU = 1400;
/** Of t: any address below it. */
export const TARGETS = "2001:db8:99::";

export interface EgressNetwork extends AsyncDisposable {
  ip(node: EgressNode, ...args: readonly string[]): string;
  sysctl(node: EgressNode, setting: string): void;
  nft(node: EgressNode, command: string): void;
  /** Runs a program of this folder in a node; its standard output, line by line. */
  run(node: EgressNode, program: string, ...args: readonly string[]): RunningProgram;
  /** What comes before a command that is to run in a node. */
  inside(node: EgressNode): readonly string[];
}

export interface RunningProgram extends AsyncDisposable {
  lines(): AsyncIterable<string>;
  /** A line to its standard input. */
  say(line: string): void;
}

/** Everything goes with this process at the latest. @param slowUs from x to g. */
export async function startEgressNetwork(slowUs = SLOW_US): Promise<EgressNetwork> {
  const nameOf = (node: string): string => `vt-egress${node}-${process.pid}`;
  const nodes = ["s", "p", "x", "f", "g", "m", "t"] as const;
  const running = new Set<RunningProgram>();
  const remove = (): void => {
    for (const node of nodes) spawnSync("ip", ["netns", "del", nameOf(node)], { stdio: "ignore" });
  };
  process.once("exit", remove);
  for (const node of nodes) ip(["netns", "add", nameOf(node)]);
  const inNode = (node: EgressNode, ...args: readonly string[]): string => ip(["-n", nameOf(node), ...args]);
  const sysctl = (node: EgressNode, setting: string): void => {
    ip(["netns", "exec", nameOf(node), "sysctl", "-qw", setting]);
  };
  const run = (node: EgressNode, program: string, ...args: readonly string[]): RunningProgram => {
    const path = fileURLToPath(new URL(program, import.meta.url));
    const child = start(["netns", "exec", nameOf(node), process.execPath, path, ...args]);
    running.add(child);
    return child;
  };
  for (const node of nodes) {
    inNode(node, "link", "set", "lo", "up");
    for (const setting of [
      "net.ipv6.conf.all.forwarding=1",
      "net.ipv6.conf.default.accept_dad=0",
      "net.ipv6.conf.all.seg6_enabled=1",
      "net.ipv6.conf.default.seg6_enabled=1",
      "net.ipv6.icmp.ratelimit=0",
      "net.ipv4.icmp_msgs_per_sec=1000000", // of ICMPv6 as well
      "net.ipv4.icmp_msgs_burst=100000",
    ])
      sysctl(node, setting);
  }
  const address = (node: EgressNode, device: string, number: number, host: number): void => {
    inNode(node, "link", "set", device, "mtu", "9000", "up");
    inNode(node, "addr", "add", `2001:db8:${number}::${host}/64`, "dev", device, "nodad");
  };
  const cable = (number: number, left: EgressNode, right: EgressNode): void => {
    const [one, two] = [`${left}-${right}`, `${right}-${left}`];
    inNode(left, "link", "add", one, "type", "veth", "peer", "name", two, "netns", nameOf(right));
    address(left, one, number, 1);
    address(right, two, number, 2);
  };
  cable(1, "s", "p");
  cable(2, "p", "x");
  cable(3, "x", "f");
  cable(5, "x", "m");
  cable(6, "f", "t");
  cable(7, "g", "t");
  cable(8, "m", "t");
  const delayer = start([
    ...["netns", "exec", nameOf("x"), await tool("cable")],
    ...["x-g", "g-x", String(slowUs), String(slowUs)],
  ]);
  running.add(delayer);
  await said(delayer, "ready");
  inNode("x", "link", "set", "g-x", "netns", nameOf("g"));
  address("x", "x-g", 4, 1);
  address("g", "g-x", 4, 2);
  for (const node of ["x", "m"] as const)
    inNode(node, "link", "set", node === "x" ? "x-m" : "m-x", "mtu", String(SMALL_MTU));
  const route = (node: EgressNode, ...args: readonly string[]): void =>
    void inNode(node, "-6", "route", "add", ...args);
  inNode("s", "addr", "add", `${LOOPBACK.s}/128`, "dev", "lo");
  inNode("x", "addr", "add", `${LOOPBACK.x}/128`, "dev", "lo");
  route("s", "default", "via", "2001:db8:1::2", "src", LOOPBACK.s);
  route("p", `${LOOPBACK.s}/128`, "via", "2001:db8:1::1");
  route("p", "default", "via", "2001:db8:2::2");
  route("p", SEGMENT.p, "encap", "seg6local", "action", "End", "dev", "p-s");
  route("x", `${LOOPBACK.s}/128`, "via", "2001:db8:2::1");
  for (const peer of ["f", "g", "m"] as const) {
    const action = ["action", "End.DX6", "nh6", PORT[peer].nextHop];
    route("x", SEGMENT[peer], "encap", "seg6local", ...action, "dev", "x-p");
    route(peer, `${TARGETS}/64`, "via", `2001:db8:${{ f: 6, g: 7, m: 8 }[peer]}::2`);
    route(peer, "default", "via", PORT[peer].nextHop.replace("::2", "::1"));
  }
  // By BGP everything would leave by f.
  route("x", `${TARGETS}/64`, "via", PORT.f.nextHop);
  route("t", "default", "via", "2001:db8:6::1");
  route("t", "local", `${TARGETS}/64`, "dev", "lo");
  return {
    ip: inNode,
    sysctl,
    nft: (node, command) => void ip(["netns", "exec", nameOf(node), "nft", "--", command]),
    run,
    inside: (node) => ["netns", "exec", nameOf(node)],
    [Symbol.asyncDispose]: async () => {
      for (const program of running) await program[Symbol.asyncDispose]();
      remove();
    },
  };
}

/** Waits for one line. @throws when the program ends before. */
export async function said(program: RunningProgram, wanted: string): Promise<void> {
  for await (const line of program.lines()) if (line === wanted) return;
  throw new Error(`a program ended before it said ${wanted}`);
}

/** The prober of an agent in a node: tells each message. Its input is parts, one a line. */
export async function* measured(program: RunningProgram): AsyncIterable<Egress> {
  for await (const line of program.lines()) yield JSON.parse(line) as Egress;
}

export function startProber(network: EgressNetwork, node: "s" | "x", measure: EgressMeasure): RunningProgram {
  const program = network.run(node, "egress-runner.ts", LOOPBACK[node]);
  program.say(JSON.stringify(measure));
  return program;
}

function start(args: readonly string[]): RunningProgram {
  const child = spawn("ip", args, { stdio: ["pipe", "pipe", "inherit"] });
  const closed = once(child, "close");
  process.once("exit", () => child.kill("SIGKILL"));
  child.stdin.on("error", () => undefined); // it has ended
  const reader = createInterface({ input: child.stdout });
  const iterator = reader[Symbol.asyncIterator]();
  return {
    // One iterator however often it is asked for: what was not read is read next.
    lines: () => ({ [Symbol.asyncIterator]: () => ({ next: () => iterator.next() }) }),
    say: (line) => void child.stdin.write(`${line}\n`),
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGKILL");
      await closed;
    },
  };
}
