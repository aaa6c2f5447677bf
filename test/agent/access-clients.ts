import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { ip } from "../kernel/in-namespace.ts";

/** Namespaces of users and of the world around an access router, whose own is the one that the test runs in. */

const created = new Set<string>();

/** Full name of a namespace of this test run. */
export function nameOf(node: string): string {
  return `vt-acl${node}-${process.pid}`;
}

/** Makes a namespace; all of them go when this process ends. */
export function addNamespace(node: string): void {
  if (created.size === 0)
    process.once("exit", () => {
      for (const one of created) spawnSync("ip", ["netns", "del", nameOf(one)], { stdio: "ignore" });
    });
  created.add(node);
  ip(["netns", "add", nameOf(node)]);
  inside(node, "sysctl", "-qw", "net.ipv6.conf.all.accept_dad=0", "net.ipv6.conf.default.accept_dad=0");
  inside(node, "ip", "link", "set", "lo", "up");
}

/** Runs a program there; throws with what it said. */
export function inside(node: string, ...command: readonly string[]): string {
  return ip(["netns", "exec", nameOf(node), ...command]);
}

/** A cable from this namespace to another one: `near` here, `net0` there, each with an address of the /64. */
export function cable(near: string, node: string, network: string): void {
  ip(["link", "add", near, "type", "veth", "peer", "name", "net0", "netns", nameOf(node)]);
  ip(["addr", "add", `${network}1/64`, "dev", near, "nodad"]);
  ip(["link", "set", near, "up"]);
  inside(node, "ip", "addr", "add", `${network}2/64`, "dev", "net0", "nodad");
  inside(node, "ip", "link", "set", "net0", "up");
}

/** A host behind a router: `lan0` there, `net0` here. Its MTU is 1500, whatever lies further on. */
export function hostBehind(router: string, host: string, addresses: readonly string[]): void {
  addNamespace(host);
  inside(router, "sysctl", "-qw", "net.ipv6.conf.all.forwarding=1");
  inside(router, "ip", "link", "add", "lan0", "type", "veth", "peer", "name", "net0", "netns", nameOf(host));
  inside(router, "ip", "link", "set", "lan0", "up");
  inside(router, "ip", "addr", "add", "fe80::1/64", "dev", "lan0", "nodad");
  inside(host, "ip", "link", "set", "net0", "up");
  for (const address of addresses) {
    inside(host, "ip", "addr", "add", `${address}/128`, "dev", "net0", "nodad");
    inside(router, "ip", "-6", "route", "add", `${address}/128`, "dev", "lan0");
  }
  inside(host, "ip", "-6", "route", "add", "default", "via", "fe80::1", "dev", "net0");
}

/** A table of one rule, and a counter `seen` for it. */
function addRule(node: string, table: string, hook: string, rule: string): void {
  const chain = `add chain inet ${table} in { type filter ${hook}; }`;
  inside(node, "nft", `add table inet ${table}; add counter inet ${table} seen; ${chain}`);
  inside(node, "nft", `add rule inet ${table} in ${rule}`);
}

/** How many of five echoes from `source` reach `target`, counted where they arrive. */
export function arrived(from: string, source: string, target: string, at: string): number {
  const echoes = `icmpv6 type echo-request ip6 saddr ${source} ip6 daddr ${target}`;
  addRule(at, "vtseen", "hook prerouting priority -300", `${echoes} counter name seen`);
  try {
    const ping = ["ping", "-6", "-q", "-c", "5", "-i", "0.05", "-W", "1", "-I", source, target];
    spawnSync("ip", ["netns", "exec", nameOf(from), ...ping], { stdio: "ignore" });
    return Number(/packets (\d+)/.exec(inside(at, "nft", "list counter inet vtseen seen"))?.[1] ?? -1);
  } finally {
    inside(at, "nft", "delete table inet vtseen");
  }
}

/** Echoes of three that were answered. */
export function answered(from: string, source: string, target: string): number {
  const ping = ["ping", "-6", "-q", "-c", "3", "-i", "0.1", "-W", "2", "-I", source, target];
  const { stdout } = spawnSync("ip", ["netns", "exec", nameOf(from), ...ping], { encoding: "utf8" });
  return Number(/(\d+) received/.exec(stdout)?.[1] ?? -1);
}

const PORT = 7001;
/** Answers as many octets as it was sent, once the sender has ended. */
const SERVER = `
let seen = 0;
require("net").createServer({ allowHalfOpen: true }, (socket) => {
  socket.on("data", (chunk) => { seen += chunk.length; });
  socket.on("end", () => socket.end(Buffer.alloc(seen, 1)));
  socket.on("error", () => {});
}).listen(${PORT}, "::", () => console.log("ready"));`;

/** Octets that came back of so many sent by TCP, and how many times each side was told that its packets are too big. */
export async function transfer(
  from: string,
  source: string,
  to: string,
  target: string,
  octets: number,
): Promise<{ readonly octets: number; readonly tooBig: readonly number[] }> {
  for (const node of [from, to])
    addRule(node, "vtbig", "hook input priority 0", "icmpv6 type packet-too-big counter name seen");
  const run = (node: string, script: string) =>
    spawn("ip", ["netns", "exec", nameOf(node), process.execPath, "-e", script], {
      stdio: ["ignore", "pipe", "inherit"],
    });
  const server = run(to, SERVER);
  try {
    await once(server.stdout, "data");
    const client = run(
      from,
      `
let back = 0;
const socket = require("net").connect({ host: "${target}", port: ${PORT}, localAddress: "${source}" });
socket.on("data", (chunk) => { back += chunk.length; });
socket.on("error", (error) => console.error(error.message));
socket.on("close", () => { console.log(String(back)); process.exit(0); });
setTimeout(() => { console.log(String(back)); process.exit(0); }, 60000).unref();
socket.end(Buffer.alloc(${octets}, 2));`,
    );
    let said = "";
    client.stdout.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
    await once(client, "close");
    const tooBig = [from, to].map((node) =>
      Number(/packets (\d+)/.exec(inside(node, "nft", "list counter inet vtbig seen"))?.[1] ?? -1),
    );
    return { octets: Number(said), tooBig };
  } finally {
    server.kill("SIGKILL");
    for (const node of [from, to]) inside(node, "nft", "delete table inet vtbig");
  }
}

/** From now on this host believes of every far end that it takes segments of 1440 octets, whatever was clamped on the way. */
export function believeLarge(node: string): void {
  // `tcp option maxseg size set` never makes it larger. The option comes first; nobody checks the sum of what came over a veth or WireGuard.
  const everySyn = "tcp flags & syn == syn @th,176,16 set 1440";
  addRule(node, "vtlarge", "hook prerouting priority -300", everySyn);
}
