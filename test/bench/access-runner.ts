import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { release, tmpdir } from "node:os";
import { join } from "node:path";
import { Secret } from "../../agent/src/core/secret.ts";
import { LinkTable } from "../../agent/src/io/links.ts";
import { NetlinkSocket } from "../../agent/src/io/netlink.ts";
import { routeDriver } from "../../agent/src/resources/route/driver.ts";
import { type RouteObject, routeKind } from "../../agent/src/resources/route/model.ts";
import { tunnelDriver } from "../../agent/src/resources/tunnel/driver.ts";
import { type TunnelObject, tunnelKind } from "../../agent/src/resources/tunnel/model.ts";
import { wireguardDriver } from "../../agent/src/resources/wireguard/driver.ts";
import { KernelWireguard } from "../../agent/src/resources/wireguard/kernel-backend.ts";
import { wireguardKind } from "../../agent/src/resources/wireguard/model.ts";
import { wireguardPeerDriver } from "../../agent/src/resources/wireguard-peer/driver.ts";
import { type WireguardPeer, wireguardPeerKind } from "../../agent/src/resources/wireguard-peer/model.ts";
import { Kept, kernelMB, run, timed, times } from "./access-bed.ts";
import { srv6Users } from "./access-srv6.ts";

/**
 * `access-runner.ts PEERS TUNNELS`: what so many users cost one access router, and the same by `wg` and `ip -batch`; milliseconds by
 * name as one line of JSON. In the network namespace it is started in, which it leaves as it was.
 */

const [peerCount = 10_000, tunnelCount = 5_000] = process.argv.slice(2).map(Number);
const folder = mkdtempSync(join(tmpdir(), "vsix-bench-"));

const keyOf = (text: string): Buffer => createHash("sha256").update(text).digest();
const addressOf = (n: number): string =>
  `2001:db8:f::${(n >> 16).toString(16)}:${(n & 0xffff).toString(16)}/128`;

async function peers(netlink: NetlinkSocket, links: LinkTable): Promise<void> {
  await using backend = new KernelWireguard(netlink);
  const devices = new Kept(wireguardKind, wireguardDriver(netlink, links, [backend]));
  const kept = new Kept(wireguardPeerKind, wireguardPeerDriver(links, [backend]));
  const peer = (n: number): WireguardPeer => ({
    device: "vxw-bench",
    publicKey: keyOf(`peer ${n}`).toString("base64"),
    allowedIps: [addressOf(n)],
    keepaliveS: 0,
  });
  const all = Array.from({ length: peerCount }, (_, n) => peer(n));
  const privateKey = new Secret(keyOf("private"));
  devices.want([{ name: "vxw-bench", mtu: 1420, up: true, listenPort: 51820, privateKey, fwmark: 0 }]);
  await devices.look();
  await devices.settle();
  kept.want(all);
  await timed("peers: all", async () => {
    await kept.look();
    await kept.settle();
  });
  if ((await timed("peers: look again, nothing to do", () => kept.look())) !== 0)
    throw new Error("not empty");
  const [first] = all;
  await timed("peers: plan again without a dump", () => kept.settle());
  await timed("peers: one more", async () => {
    kept.put(peer(peerCount));
    await kept.settle();
  });
  await timed("peers: revoke one", async () => {
    if (first !== undefined) kept.remove(first);
    await kept.settle();
  });
  if ((await kept.look()) !== 0) throw new Error("not empty in the end");
  const config = ["[Interface]", `PrivateKey = ${keyOf("other").toString("base64")}`, "ListenPort = 51821"];
  for (const { publicKey, allowedIps } of all)
    config.push("[Peer]", `PublicKey = ${publicKey}`, `AllowedIPs = ${allowedIps.join(",")}`);
  writeFileSync(join(folder, "wg.conf"), config.join("\n"), { mode: 0o600 });
  run("ip", "link", "add", "wgpeer", "type", "wireguard");
  run("ip", "link", "set", "wgpeer", "up");
  await timed("wg setconf: all", () => run("wg", "setconf", "wgpeer", join(folder, "wg.conf")));
  await timed("wg syncconf: nothing to do", () => run("wg", "syncconf", "wgpeer", join(folder, "wg.conf")));
  const more = peer(peerCount);
  await timed("wg set: one more", () =>
    run("wg", "set", "wgpeer", "peer", more.publicKey, "allowed-ips", more.allowedIps.join(",")),
  );
  await timed("wg set: remove one", () =>
    run("wg", "set", "wgpeer", "peer", first?.publicKey ?? "", "remove"),
  );
  run("ip", "link", "del", "wgpeer");
  devices.want([]);
  await devices.settle();
}

async function tunnels(netlink: NetlinkSocket, links: LinkTable): Promise<void> {
  const tunnelsKept = new Kept(tunnelKind, tunnelDriver(netlink, links));
  const routesKept = new Kept(routeKind, routeDriver(netlink, links));
  const hex = (n: number): string => n.toString(16);
  const tunnel = (n: number): TunnelObject => ({
    name: `vxt-${n}`,
    local: "2001:db8:a::1",
    remote: `3fff:b::${hex(n + 1)}`,
    mtu: 1460,
    hopLimit: 64,
    up: true,
  });
  const prefixOf = (n: number): string => `2001:db8:${hex(0x1000 + (n >> 12))}:${hex((n & 0xfff) << 4)}::/60`;
  const route = (n: number): RouteObject => ({
    ...{ table: 254, prefix: prefixOf(n), metric: 19, type: "unicast" as const },
    interface: `vxt-${n}`,
  });
  const numbers = Array.from({ length: tunnelCount }, (_, n) => n);
  const settle = async (): Promise<void> => {
    await tunnelsKept.settle();
    await routesKept.settle();
  };
  const emptyMB = kernelMB();
  tunnelsKept.want(numbers.map(tunnel));
  routesKept.want(numbers.map(route));
  await timed("tunnels: all", async () => {
    await tunnelsKept.look();
    await routesKept.look();
    await settle();
  });
  times["tunnels: kernel memory"] = kernelMB() - emptyMB;
  const left = await timed("tunnels: look again, nothing to do", async () => {
    return (await tunnelsKept.look()) + (await routesKept.look());
  });
  if (left !== 0) throw new Error(`not empty: ${left}`);
  await timed("tunnels: one more", async () => {
    tunnelsKept.put(tunnel(tunnelCount));
    routesKept.put(route(tunnelCount));
    await settle();
  });
  await timed("tunnels: revoke one", async () => {
    routesKept.remove(route(0));
    tunnelsKept.remove(tunnel(0));
    await routesKept.settle();
    await tunnelsKept.settle();
  });
  routesKept.want([]);
  tunnelsKept.want([]);
  await timed("tunnels: remove all", settle);
  const lines = numbers.flatMap((n) => {
    const { local, remote } = tunnel(n);
    const dev = `t${n}`;
    return [
      `link add name ${dev} mtu 1460 group 118 type ip6tnl mode ip6ip6 local ${local} remote ${remote} hoplimit 64 encaplimit none`,
      `link set ${dev} up`,
      `route add ${prefixOf(n)} dev ${dev} proto 118 metric 19`,
    ];
  });
  writeFileSync(join(folder, "batch"), lines.join("\n"));
  await timed("ip -batch: all", () => run("ip", "-batch", join(folder, "batch")));
  await timed("ip: one more", () => {
    for (const line of [
      "link add name more1 mtu 1460 type ip6tnl mode ip6ip6 local 2001:db8:a::1 remote 3fff:c::1 hoplimit 64 encaplimit none",
      "link set more1 up",
      "-6 route add 2001:db8:9::/60 dev more1",
    ])
      run("ip", ...line.split(" "));
  });
  await timed("ip: remove one", () => run("ip", "link", "del", "more1"));
}

try {
  await using netlink = NetlinkSocket.open();
  await using links = await LinkTable.open(netlink);
  if (peerCount > 0) await peers(netlink, links);
  if (tunnelCount > 0) {
    await srv6Users(netlink, links, tunnelCount);
    await tunnels(netlink, links);
  }
  const residentMB = process.memoryUsage.rss() / 1e6;
  process.stdout.write(`BENCH ${JSON.stringify({ kernel: release(), residentMB, times })}\n`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
