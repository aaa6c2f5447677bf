import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import type { HomePart } from "@vsix/shared/contract/part-home.ts";
import { declareInGuest, kernelMakes } from "../kernel/in-guest.ts";
import { insideNamespace, ip } from "../kernel/in-namespace.ts";
import { addNamespace, inside, nameOf } from "./access-clients.ts";
import { AgentHost, until } from "./agent-process.ts";
import { OpenBroker } from "./broker.ts";
import { bgpPart, document, fabricPart, type Signed } from "./documents.ts";

/**
 * A home with two providers: this namespace is its router, `c` a host that makes its own addresses. Provider 1 has an access router with an
 * IP6IP6 tunnel (`p1`), provider 2 one with SRv6 (`p2`); behind both is the world.
 */

const WORLD = "2001:db8:e::2";
/** Nearer to WORLD than the other one, so that a host chooses it where both may be chosen (RFC 6724 rule 8). */
const FIRST = "2001:db8:e:f0::/60";
const SECOND = "2001:db8:f2::/60";
/** What provider 1 gives instead of the first one at the end. */
const THIRD = "2001:db8:f1::/60";
const SID = "2001:db8:ff:2::d6";
const PORT = 7003;

const HOME: HomePart = {
  version: 1,
  tunnels: [
    { id: "1", remote: "3fff:250::1", mtu: 1460, hopLimit: 64, prefixes: [FIRST] },
    { id: "2", remote: SID, mtu: 1460, hopLimit: 64, prefixes: [SECOND] },
  ],
  lan: { resolvers: [], preferredS: 2700, validS: 5400 },
  // The first one is not there: another one that answers is enough.
  watch: { targets: ["2001:db8:dead::1", WORLD], intervalMs: 250 },
};

if (await insideNamespace("agent-home-ways", import.meta.url)) {
  if (kernelMakes("ip6tnl", "remote", "::1")) declareAll();
  else
    await declareInGuest(
      "hosts of a home with two providers use the one that carries something, in a guest kernel",
      "ip6_tunnel",
      import.meta.url,
      240,
    );
}

function declareAll(): void {
  const stack = new AsyncDisposableStack();
  let host: AgentHost;
  let broker: OpenBroker;
  test.after(() => stack.disposeAsync());

  test("two providers: a host has addresses of both, and nothing is held against either", async () => {
    makeNetwork();
    const server = spawn("ip", ["netns", "exec", nameOf("w"), process.execPath, "-e", SERVER], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    stack.defer(() => void server.kill("SIGKILL"));
    await once(server.stdout, "data");
    broker = stack.use(await OpenBroker.start());
    host = stack.use(new AgentHost(broker.url, { lan: ["lan0"] }));
    await host.start();
    await broker.document(documentOf(1, HOME));
    await until("the host has addresses of both", () => preferred().length === 2);
    await until("what it opens by itself is answered", () => opened()?.startsWith("2001:db8:e:f0:") === true);
    assert.match(opened(preferred().find((one) => one.startsWith("2001:db8:f2:"))) ?? "", /^2001:db8:f2:/);
    await host.reportWhere("nothing is held against anybody", ({ conditions }) =>
      conditions.every(({ object }) => !object.startsWith("provider")),
    );
  });

  test("provider 1's far end dies: what the host opens has provider 2's address; it comes back, and both are used", async () => {
    silence("p1", true);
    await until("hosts are told", () => preferred().length === 1);
    const [left = ""] = preferred();
    assert.match(left, /^2001:db8:f2:/);
    assert.equal(opened(), left);
    assert.match(addresses(), /2001:db8:e:f0:\S+\/64 scope global .*deprecated/, "and valid it stays");
    assert.match(inside("c", "ip", "-6", "route", "show", "default"), /proto ra/);
    const { conditions } = await host.reportWhere("it is said", (report) =>
      report.conditions.some(({ object }) => object === "provider 1"),
    );
    const { reason, state } = conditions.find(({ object }) => object === "provider 1") ?? {};
    assert.match(reason ?? "", /^provider 1 does not answer since 20\S+Z; hosts use the others$/);
    assert.equal(state, "pending");
    silence("p1", false);
    await until("both are chosen again", () => preferred().length === 2);
    assert.match(opened() ?? "", /^2001:db8:e:f0:/);
  });

  test("the same of a provider with SRv6, and after it everything that was asked for is as it was", async () => {
    silence("p2", true);
    await until("hosts are told", () => preferred().length === 1);
    assert.match(preferred()[0] ?? "", /^2001:db8:e:f0:/);
    silence("p2", false);
    await until("both are chosen again", () => preferred().length === 2);
    await host.reportWhere("nothing is the matter any more", ({ conditions }) =>
      conditions.every(({ object }) => !object.startsWith("provider")),
    );
  });

  test("the target dies and every far end answers: hosts are told nothing else than before", async () => {
    inside(
      "w",
      "nft",
      "add table ip6 vtdead; add chain ip6 vtdead in { type filter hook input priority 0; }",
    );
    inside("w", "nft", "add rule ip6 vtdead in icmpv6 type echo-request drop");
    const { conditions } = await host.reportWhere(
      "it is seen",
      (report) => report.conditions.filter(({ object }) => object.startsWith("provider")).length === 2,
    );
    for (const { reason } of conditions.filter(({ object }) => object.startsWith("provider")))
      assert.match(reason, /its access router does; no other does better, so it stays in use$/);
    assert.ok(!conditions.some(({ object }) => object === "home default router"));
    assert.equal(preferred().length, 2);
    assert.match(opened() ?? "", /^2001:db8:e:f0:/);
    assert.match(inside("c", "ip", "-6", "route", "show", "default"), /proto ra/);
  });

  test("no far end answers any more: this is no default router; one does, and it is one again", async () => {
    const hasDefault = (): boolean =>
      inside("c", "ip", "-6", "route", "show", "default").includes("proto ra");
    for (const node of ["p1", "p2"]) silence(node, true);
    await until("hosts have no default router", () => !hasDefault());
    await host.reportWhere("it is said", ({ conditions }) =>
      conditions.some(({ object }) => object === "home default router"),
    );
    silence("p2", false);
    await until("hosts have one again", hasDefault);
    await until("and addresses of the one that is there alone", () => preferred().length === 1);
    assert.match(opened() ?? "", /^2001:db8:f2:/);
  });

  test("a prefix is over: hosts that have it still are told at once, and reached; it is counted as what is dropped", async () => {
    silence("p1", false);
    await until("both are chosen again", () => preferred().length === 2);
    const [old = ""] = preferred().filter((one) => one.startsWith("2001:db8:e:f0:"));
    const [first, ...others] = HOME.tunnels;
    assert.ok(first);
    const tunnels = [{ ...first, prefixes: [THIRD] }, ...others];
    await broker.document(documentOf(2, { ...HOME, tunnels }));
    await until("hosts have the new one", () => preferred().some((one) => one.startsWith("2001:db8:f1:")));
    await until("and the old one no more", () => !preferred().includes(old));
    // RFC 4443 section 3.1 code 5, which Linux knows as EACCES; else it would wait for its time-out.
    assert.equal(failure(old), "EACCES");
    await until("what is under way reaches it", () =>
      / dev lan0 proto 118 /.test(ip(["-6", "route", "show", "2001:db8:e:f0::/64"])),
    );
    assert.ok(inside("c", "ip", "-6", "addr").includes(old));
    const counter = spawnSync("nft", ["list", "counter", "inet", "vsix", "drop-home-source"], {
      encoding: "utf8",
    });
    assert.ok(Number(/packets (\d+)/.exec(counter.stdout)?.[1]) > 0, counter.stdout + counter.stderr);
    await until("no route and no filter is left to be made", async () =>
      (await host.plan()).every((line) => line.includes("accept_ra")),
    );
  });

  function preferred(): readonly string[] {
    return addresses()
      .split("\n")
      .filter((line) => !line.includes("deprecated"))
      .flatMap((line) => /inet6 (2001:db8:\S+)\/64/.exec(line)?.[1] ?? []);
  }
}

function addresses(): string {
  return inside("c", "ip", "-o", "-6", "addr", "show", "dev", "net0", "scope", "global");
}

/** Which address of the host a TCP connection has, as the far end sees it; undefined: none came about. */
function opened(from?: string): string | undefined {
  const script = `
const socket = require("net").connect({ host: "${WORLD}", port: ${PORT}${from === undefined ? "" : `, localAddress: "${from}"`} });
socket.on("data", (text) => { console.log(String(text)); process.exit(0); });
socket.on("error", () => process.exit(1));
setTimeout(() => process.exit(1), 5000);`;
  const run = ["netns", "exec", nameOf("c"), process.execPath, "-e", script];
  const { stdout, status } = spawnSync("ip", run, { encoding: "utf8" });
  return status === 0 ? stdout.trim() : undefined;
}

/** Errno of a TCP connection that the host cannot open from this address. */
function failure(from: string): string {
  const script = `
const socket = require("net").connect({ host: "${WORLD}", port: ${PORT}, localAddress: "${from}" });
socket.on("error", ({ code }) => { console.log(code); process.exit(0); });
socket.on("connect", () => { console.log("connected"); process.exit(0); });
setTimeout(() => { console.log("nothing said"); process.exit(0); }, 10000);`;
  return inside("c", process.execPath, "-e", script).trim();
}

const SERVER = `
require("net").createServer((socket) => {
  socket.on("error", () => {});
  socket.end(socket.remoteAddress);
}).listen(${PORT}, "::", () => console.log("ready"));`;

/** This access router hears and says nothing any more, and its cables stay as they are. */
function silence(node: string, silent: boolean): void {
  if (!silent) return void inside(node, "nft", "delete table netdev vtdead");
  inside(node, "nft", "add table netdev vtdead");
  const hook = 'type filter hook ingress device "user0" priority 0; policy drop;';
  inside(node, "nft", `add chain netdev vtdead in { ${hook} }`);
}

function documentOf(generation: number, home: HomePart): Signed {
  const fabric = fabricPart({
    node: { name: "r1", role: "edge", id: 1, site: "here", loopback: "2001:db8:c:ffff::1" },
    ...{ loopbackAddresses: [], interfaces: [], sids: [], blackholes: [], overrides: [] },
  });
  const bgp = bgpPart({ originate: [], neighbours: [] });
  return document(generation, { fabric, bgp, more: { home } });
}

function makeNetwork(): void {
  for (const node of ["p1", "p2", "w", "c"]) addNamespace(node);
  for (const [i, node] of ["p1", "p2"].entries()) {
    const [uplink, world] = [`3fff:25${i}::`, `2001:db8:c:${i}::`];
    inside(node, "sysctl", "-qw", "net.ipv6.conf.all.forwarding=1");
    // Linux answers one error a second to each host; here rounds are shorter than they are outside of tests.
    inside(node, "sysctl", "-qw", "net.ipv6.icmp.ratelimit=0");
    ip(["link", "add", `wan${i}`, "type", "veth", "peer", "name", "user0", "netns", nameOf(node)]);
    ip(["addr", "add", `${uplink}2/64`, "dev", `wan${i}`, "nodad"]);
    ip(["link", "set", `wan${i}`, "up"]);
    inside(node, "ip", "addr", "add", `${uplink}1/64`, "dev", "user0", "nodad");
    inside(node, "ip", "link", "set", "user0", "up");
    const far = ["peer", "name", `net${i}`, "netns", nameOf("w")];
    inside(node, "ip", "link", "add", "world0", "type", "veth", ...far);
    inside(node, "ip", "addr", "add", `${world}1/64`, "dev", "world0", "nodad");
    inside(node, "ip", "link", "set", "world0", "up");
    inside("w", "ip", "addr", "add", `${world}2/64`, "dev", `net${i}`, "nodad");
    inside("w", "ip", "link", "set", `net${i}`, "up");
    inside("w", "ip", "-6", "route", "add", i === 0 ? FIRST : SECOND, "via", `${world}1`);
    inside(node, "ip", "-6", "route", "add", `${WORLD}/128`, "via", `${world}2`);
  }
  inside("w", "ip", "addr", "add", `${WORLD}/128`, "dev", "lo", "nodad");
  const ends = ["mode", "ip6ip6", "local", "3fff:250::1", "remote", "3fff:250::2", "encaplimit", "none"];
  inside("p1", "ip", "link", "add", "tun0", "type", "ip6tnl", ...ends);
  inside("p1", "ip", "link", "set", "tun0", "up");
  for (const prefix of [FIRST, THIRD]) inside("p1", "ip", "-6", "route", "add", prefix, "dev", "tun0");
  inside("w", "ip", "-6", "route", "add", THIRD, "via", "2001:db8:c:0::1");
  // RFC 8986: H.Encaps.Red towards the home, End.DT6 from there.
  inside("p2", "sysctl", "-qw", "net.ipv6.conf.all.seg6_enabled=1", "net.ipv6.conf.user0.seg6_enabled=1");
  const decapsulate = ["encap", "seg6local", "action", "End.DT6", "table", "254"];
  inside("p2", "ip", "-6", "route", "add", `${SID}/128`, ...decapsulate, "dev", "user0");
  inside("p2", "ip", "sr", "tunsrc", "set", SID);
  const encapsulate = ["encap", "seg6", "mode", "encap.red", "segs", "3fff:251::2"];
  inside("p2", "ip", "-6", "route", "add", SECOND, ...encapsulate, "dev", "user0");
  ip(["-6", "route", "add", "default", "via", "3fff:250::1", "dev", "wan0"]);
  ip(["-6", "route", "add", `${SID}/128`, "via", "3fff:251::1", "dev", "wan1"]);
  ip(["link", "add", "lan0", "type", "veth", "peer", "name", "net0", "netns", nameOf("c")]);
  ip(["link", "set", "lan0", "up"]);
  inside("c", "ip", "link", "set", "net0", "up");
}
