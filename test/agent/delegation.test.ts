import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { keaSocket } from "@vsix/agent/core/delegation/kea-config.ts";
import { askKea } from "@vsix/agent/io/kea-control.ts";
import type { AccessPart, AccessShard } from "@vsix/shared/contract/part-access.ts";
import { topics } from "@vsix/shared/contract/topics.ts";
import type { AccessUse } from "@vsix/shared/contract/up-access.ts";
import { declareInGuest, kernelMakes } from "../kernel/in-guest.ts";
import { insideNamespace, ip } from "../kernel/in-namespace.ts";
import { AgentHost, until } from "./agent-process.ts";
import { OpenBroker } from "./broker.ts";
import { type ClientProgram, DHCPCD, HomeClient, NETWORKD, WIDE } from "./delegation-clients.ts";
import { document, NODE } from "./documents.ts";
import { makePorts, nft } from "./kernel-dump.ts";

/** Home routers behind tunnels of a whole agent, which runs a real Kea; their LANs reach the world by what they were delegated. */
const LOCAL = "2001:db8:a::1";
const WORLD = "2001:db8:e::2";
const HOMES = [1, 2, 3] as const;
const prefixOf = (n: number): string => `2001:db8:f${n}:10::/60`;
const endpointOf = (n: number): string => `3fff:b:${n}::2`;
const nameOf = (node: string | number): string => `vt-pd${node}-${process.pid}`;
const part: AccessPart = {
  version: 1,
  shards: 1,
  tunnels: {
    mtu: 1460,
    hopLimit: 64,
    delegation: { preferredS: 2700, validS: 5400, resolvers: ["2001:db8:53::53"] },
  },
  wireguard: [],
};
const withHomes = (generation: number, homes: readonly number[]) => {
  const tunnels = homes.map((n) => ({
    id: `u${n}`,
    local: LOCAL,
    remote: endpointOf(n),
    prefixes: [prefixOf(n)],
  }));
  const shard: AccessShard = { version: 1, tunnels, srv6: [], peers: [] };
  return document(generation, { more: { access: part, "access-0": shard } });
};

if (await insideNamespace("pd", import.meta.url)) {
  if (kernelMakes("ip6tnl", "remote", "::1")) await declareAll();
  else
    await declareInGuest(
      "prefixes are delegated within tunnels of a guest kernel",
      "ip6_tunnel",
      import.meta.url,
      240,
    );
}

async function declareAll(): Promise<void> {
  const runDir = `/run/vt-pd-${process.pid}`;
  process.once("exit", () => {
    for (const pid of keas(runDir)) process.kill(pid, "SIGKILL");
    for (const node of ["w", ...HOMES, ...HOMES.map((n) => `${n}l`)])
      spawnSync("ip", ["netns", "del", nameOf(node)], { stdio: "ignore" });
    rmSync(runDir, { recursive: true, force: true });
  });
  makePorts();
  makeHomes();
  const broker = await OpenBroker.start();
  const host = new AgentHost(broker.url, { runDir });
  const clients = new Map<number, HomeClient>();
  test.after(async () => {
    for (const client of clients.values()) client.kill();
    await host[Symbol.asyncDispose]();
    await broker[Symbol.asyncDispose]();
  });
  const begin = (n: number, program: ClientProgram): void => {
    clients.get(n)?.kill();
    clients.set(n, new HomeClient(nameOf(n), host.directory, program));
  };
  const lanAddress = (n: number): string | undefined => {
    const said = ip(["-n", nameOf(n), "-6", "addr", "show", "dev", "lan0", "scope", "global"]);
    return new RegExp(`inet6 (2001:db8:f${n}:[0-9a-f:]+)/64`).exec(said)?.[1];
  };
  const delegated = async (n: number): Promise<void> => {
    try {
      await until(`home ${n} has a prefix`, () => lanAddress(n) !== undefined, 60_000);
    } catch (cause) {
      throw new Error(`${clients.get(n)?.log.slice(-6000)}\n${host.log.slice(-3000)}`, { cause });
    }
  };

  test("routes are there before anybody asks; a tunnel's server is planned no more once it runs", async () => {
    await host.startGobgpd();
    await host.start();
    await broker.document(withHomes(1, HOMES));
    await host.reportWhere("Kea runs", ({ objects }) => objects["delegation"] === 1);
    for (const n of HOMES) assert.match(ip(["-6", "route", "show", prefixOf(n)]), /dev vxt-u/);
    assert.deepEqual(
      (await host.plan()).filter((line) => /delegation/.test(line)),
      [],
    );
    assert.equal(keas(runDir).length, 1);
  });

  for (const [n, program] of [
    [1, WIDE],
    [2, DHCPCD],
    [3, NETWORKD],
  ] as const)
    test(`${program.name} gets the prefix of its tunnel, and its LAN reaches the world`, async () => {
      begin(n, program);
      await delegated(n);
      reach(n);
    });

  test("a home whose router is replaced by another one has its prefix at once: the lease of before is in nobody's way", async () => {
    begin(1, DHCPCD);
    await until("the old address is gone", () => forgetLan(1));
    await delegated(1);
    reach(1);
  });

  test("who asks for two prefixes where there is one gets one, and is told that there is no other", async () => {
    clients.get(3)?.kill();
    assert.equal((await flood(3, 1, 2)).answered, 0, "the lease of the one before is ended first");
    const { answered, last } = await flood(3, 1, 2);
    assert.equal(answered, 2, "an offer, and what was asked for then");
    assert.deepEqual(last, { prefixes: 1, statuses: [6] });
  });

  test("four thousand clients that nobody knows in one tunnel cost it its own answers, and no other tunnel's", async () => {
    const before = dropped();
    const flooding = flood(3, 4000, 1);
    clients.get(2)?.kill();
    await until("home 2 knows nothing", () => forgetLan(2));
    begin(2, WIDE);
    await delegated(2);
    const { sent, answered } = await flooding;
    const kept = sent - (dropped() - before);
    assert.ok(kept > 0 && kept < 400, `${kept} of ${sent} came through`);
    assert.ok(answered <= kept, `${answered} answers to ${kept}`);
    reach(2);
  });

  test("the controller is told until when a home has its prefix", async () => {
    const told = (): number | undefined => {
      const message = broker.last.get(topics.up(NODE, "access"));
      if (message === undefined) return undefined;
      const use = JSON.parse(message.toString()) as AccessUse;
      return use.tunnels.find(({ id }) => id === "u1")?.leaseUntilMs;
    };
    await until("it is told", () => told() !== undefined, 60_000);
    assert.ok((told() ?? 0) <= Date.now() + 5400_000);
  });

  test("Kea killed: routes stay, it comes again by itself and knows the leases that it gave", async () => {
    const [pid = 0] = keas(runDir);
    process.kill(pid, "SIGKILL");
    for (const n of HOMES) assert.match(ip(["-6", "route", "show", prefixOf(n)]), /dev vxt-u/);
    reach(1);
    await until("another one runs", () => keas(runDir).some((one) => one !== pid));
    await until("it answers", async () => (await lease(2).catch(() => undefined)) !== undefined);
    assert.equal((await lease(2))?.found, true);
  });

  test("the agent killed and started again: packets flow, the same Kea is adopted, and homes are answered", async () => {
    const pids = keas(runDir);
    await host.stop("SIGKILL");
    reach(2);
    await host.start();
    await host.reportWhere("Kea is seen", ({ objects }) => objects["delegation"] === 1);
    assert.deepEqual(keas(runDir), pids);
    begin(1, WIDE);
    await until("the old address is gone", () => forgetLan(1));
    await delegated(1);
    reach(1);
  });

  test("a user who is revoked has neither route nor lease; the others have theirs, and Kea goes on", async () => {
    const pids = keas(runDir);
    await broker.document(withHomes(2, [1]));
    await until("the route is gone", () => ip(["-6", "route", "show", prefixOf(2)]) === "");
    await until("the lease is gone", async () => !(await lease(2)).found);
    assert.equal((await lease(1)).found, true);
    assert.deepEqual(keas(runDir), pids);
    assert.equal(answeredFrom(2), 0);
    reach(1);
  });

  test("with no tunnel left there is no Kea of ours, and nothing of its", async () => {
    await broker.document(withHomes(3, []));
    await until("it has ended", () => keas(runDir).length === 0 && !existsSync(`${runDir}/delegation`));
  });

  test("on a router that has no Kea tunnels are made and carry packets; what is missing is said, and nothing else", async () => {
    await host.stop();
    await host.start({ PATH: pathWithout("kea-dhcp6", join(host.directory, "programs")) });
    await broker.document(withHomes(4, HOMES));
    const { conditions } = await host.reportWhere(
      "tunnels are there",
      ({ objects }) => objects["tunnel"] === 3,
    );
    assert.deepEqual(
      conditions.map(({ object }) => object.split(" ")[0]),
      ["delegation"],
    );
    assert.match(
      conditions[0]?.reason ?? "",
      /kea-dhcp6 is not installed \(Debian package kea-dhcp6-server\)/,
    );
    for (const n of HOMES) {
      ip(["-n", nameOf(n), "addr", "replace", `2001:db8:f${n}:11::1/64`, "dev", "lan0", "nodad"]);
      reach(n);
    }
    assert.equal(keas(runDir).length, 0);
  });

  function lease(n: number) {
    const socket = keaSocket(`${runDir}/delegation`);
    const args = { type: "IA_PD", "ip-address": prefixOf(n).split("/")[0] };
    return askKea(socket, "lease6-get", args, { signal: AbortSignal.timeout(20_000), timeoutMs: 20_000 });
  }

  /** A router that has just begun: no global address in its LAN. */
  function forgetLan(n: number): boolean {
    spawnSync("ip", ["-n", nameOf(n), "-6", "addr", "flush", "dev", "lan0", "scope", "global"]);
    return lanAddress(n) === undefined;
  }

  async function flood(n: number, count: number, prefixes: number) {
    const script = [join(import.meta.dirname, "delegation-flood.ts"), String(count), String(prefixes)];
    const child = spawn("ip", ["netns", "exec", nameOf(n), process.execPath, ...script], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let said = "";
    child.stdout.on("data", (chunk) => {
      said += String(chunk);
    });
    await once(child, "close");
    return JSON.parse(said) as {
      readonly sent: number;
      readonly answered: number;
      readonly last: { readonly prefixes: number; readonly statuses: readonly number[] };
    };
  }

  function dropped(): number {
    return Number(/packets (\d+)/.exec(nft("list", "counter", "inet", "vsix", "drop-access-dhcp"))?.[1]);
  }

  function reach(n: number): void {
    assert.equal(answeredFrom(n), 3, `home ${n}`);
  }

  /** Echoes of three. */
  function answeredFrom(n: number): number {
    const address = `2001:db8:f${n}:11::77`;
    const lan = nameOf(`${n}l`);
    ip(["-n", lan, "addr", "replace", `${address}/64`, "dev", "net0", "nodad"]);
    ip(["-n", lan, "route", "replace", "default", "via", "fe80::1", "dev", "net0"]);
    const ping = ["ping", "-6", "-c", "3", "-i", "0.2", "-W", "2", "-I", address, WORLD];
    const { stdout } = spawnSync("ip", ["netns", "exec", lan, ...ping], { encoding: "utf8" });
    return Number(/(\d+) received/.exec(stdout)?.[1] ?? -1);
  }
}

/** A directory with every program of PATH but one. */
function pathWithout(program: string, directory: string): string {
  mkdirSync(directory);
  for (const from of process.env["PATH"]?.split(":") ?? [])
    for (const name of existsSync(from) ? readdirSync(from) : [])
      if (name !== program && !existsSync(join(directory, name)))
        symlinkSync(join(from, name), join(directory, name));
  return directory;
}

/** Processes of ours, by what they were started with. */
function keas(runDir: string): readonly number[] {
  return readdirSync("/proc").flatMap((entry) => {
    if (!/^\d+$/.test(entry)) return [];
    try {
      const words = readFileSync(`/proc/${entry}/cmdline`, "latin1");
      return words.startsWith("kea-dhcp6\0") && words.includes(`${runDir}/`) ? [Number(entry)] : [];
    } catch {
      return [];
    }
  });
}

function makeHomes(): void {
  const sysctl = ["net.ipv6.conf.all.forwarding=1", "net.ipv6.conf.default.accept_dad=0"];
  spawnSync("sysctl", ["-qw", ...sysctl, "net.ipv6.conf.all.accept_dad=0"]);
  ip(["addr", "add", `${LOCAL}/128`, "dev", "lo"]);
  const make = (node: string | number): string => {
    const name = nameOf(node);
    ip(["netns", "add", name]);
    ip(["netns", "exec", name, "sysctl", "-qw", ...sysctl]);
    ip(["-n", name, "link", "set", "lo", "up"]);
    return name;
  };
  const attach = (node: string, device: string, net: string): void => {
    ip(["link", "add", device, "type", "veth", "peer", "name", "net0", "netns", node]);
    ip(["addr", "add", `${net}1/64`, "dev", device, "nodad"]);
    ip(["link", "set", device, "up"]);
    ip(["-n", node, "addr", "add", `${net}2/64`, "dev", "net0", "nodad"]);
    ip(["-n", node, "link", "set", "net0", "up"]);
    ip(["-n", node, "route", "add", "default", "via", `${net}1`]);
  };
  attach(make("w"), "to-w", "2001:db8:e::");
  for (const n of HOMES) {
    const home = make(n);
    const lan = make(`${n}l`);
    attach(home, `to-${n}`, `3fff:b:${n}::`);
    const tunnel = ["type", "ip6tnl", "mode", "ip6ip6", "local", endpointOf(n), "remote", LOCAL];
    for (const args of [
      ["link", "add", "home", ...tunnel, "encaplimit", "none"],
      ["link", "set", "home", "mtu", "1460", "up"],
      ["route", "add", "2001:db8:e::/64", "dev", "home"],
      ["link", "add", "lan0", "type", "veth", "peer", "name", "net0", "netns", lan],
      ["link", "set", "lan0", "up"],
      ["addr", "add", "fe80::1/64", "dev", "lan0", "nodad"],
    ])
      ip(["-n", home, ...args]);
    ip(["-n", lan, "link", "set", "net0", "up"]);
  }
}
