import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { test } from "node:test";
import type { AccessPart, AccessShard } from "@vsix/shared/contract/part-access.ts";
import { declareInGuest, kernelMakes } from "../kernel/in-guest.ts";
import { insideNamespace, ip } from "../kernel/in-namespace.ts";
import { AgentHost, until } from "./agent-process.ts";
import { OpenBroker } from "./broker.ts";
import { type ClientProgram, DHCPCD, HomeClient, NETWORKD, WIDE } from "./delegation-clients.ts";
import { document } from "./documents.ts";
import { makePorts } from "./kernel-dump.ts";

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
  else await declareInGuest("prefixes are delegated in a guest kernel", "ip6_tunnel", import.meta.url, 240);
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

  function reach(n: number): void {
    const address = `2001:db8:f${n}:11::77`;
    const lan = nameOf(`${n}l`);
    ip(["-n", lan, "addr", "replace", `${address}/64`, "dev", "net0", "nodad"]);
    ip(["-n", lan, "route", "replace", "default", "via", "fe80::1", "dev", "net0"]);
    const ping = ["ping", "-6", "-c", "3", "-i", "0.2", "-W", "2", "-I", address, WORLD];
    const { stdout } = spawnSync("ip", ["netns", "exec", lan, ...ping], { encoding: "utf8" });
    assert.match(stdout, /3 received/, `home ${n}`);
  }
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
  const join = (node: string, device: string, net: string): void => {
    ip(["link", "add", device, "type", "veth", "peer", "name", "net0", "netns", node]);
    ip(["addr", "add", `${net}1/64`, "dev", device, "nodad"]);
    ip(["link", "set", device, "up"]);
    ip(["-n", node, "addr", "add", `${net}2/64`, "dev", "net0", "nodad"]);
    ip(["-n", node, "link", "set", "net0", "up"]);
    ip(["-n", node, "route", "add", "default", "via", `${net}1`]);
  };
  join(make("w"), "to-w", "2001:db8:e::");
  for (const n of HOMES) {
    const home = make(n);
    const lan = make(`${n}l`);
    join(home, `to-${n}`, `3fff:b:${n}::`);
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
