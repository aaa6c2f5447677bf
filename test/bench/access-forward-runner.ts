import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { release, tmpdir } from "node:os";
import { join } from "node:path";
import { Secret } from "../../agent/src/core/secret.ts";
import { LinkTable } from "../../agent/src/io/links.ts";
import { NetlinkSocket } from "../../agent/src/io/netlink.ts";
import { wireguardDriver } from "../../agent/src/resources/wireguard/driver.ts";
import { KernelWireguard } from "../../agent/src/resources/wireguard/kernel-backend.ts";
import { wireguardKind } from "../../agent/src/resources/wireguard/model.ts";
import { wireguardPeerDriver } from "../../agent/src/resources/wireguard-peer/driver.ts";
import { wireguardPeerKind } from "../../agent/src/resources/wireguard-peer/model.ts";
import { addNamespace, cable, inside, nameOf } from "../agent/access-clients.ts";
import { serveUsers } from "../kernel/access-router.ts";
import { ip } from "../kernel/in-namespace.ts";
import { reconcile } from "../kernel/law.ts";
import { wg } from "../kernel/wg.ts";

/**
 * `access-forward-runner.ts TRAFFIC SECONDS ROUNDS OCTETS`: how many packets a second an access router forwards to a user, by each way in, one after the
 * other in turn; counted in the user's router, after its decapsulation. As one line of JSON. In the namespace it is started in.
 */

const [traffic = "", seconds = "3", rounds = "3", octets = "1280"] = process.argv.slice(2);
const LOCAL = "2001:db8:a::1";
const SID = "2001:db8:a::2";
const WORLD = "2001:db8:e::2";
const WAYS = ["plain", "tunnel", "srv6", "wireguard"] as const;
const addressOf = (n: number): string => (n === 3 ? "2001:db8:f0::3" : `2001:db8:f${n}::1`);
/** More than any kernel here forwards. */
const RATE = 2_000_000;
/** Headers of IPv6 and UDP. */
const HEADERS = 48;

spawnSync("sysctl", ["-qw", "net.ipv6.conf.all.forwarding=1", "net.ipv6.conf.all.accept_dad=0"]);
addNamespace("w");
cable("to-w", "w", "2001:db8:e::");
inside("w", "ip", "-6", "route", "add", "default", "via", "2001:db8:e::1");
ip(["addr", "add", `${LOCAL}/128`, "dev", "lo"]);
for (const n of [0, 1, 2, 3]) {
  addNamespace(`${n}`);
  cable(`to-${n}`, `${n}`, `2001:db8:b${n}::`);
  inside(`${n}`, "ip", "-6", "route", "add", "default", "via", `2001:db8:b${n}::1`);
  inside(`${n}`, "ip", "addr", "add", `${addressOf(n)}/128`, "dev", "lo", "nodad");
  // Counted where the packet has come out of everything that it was in, and looked at no further.
  inside(
    `${n}`,
    "nft",
    "add table inet c; add counter inet c seen; add chain inet c in { type filter hook input priority 0; }",
  );
  inside(
    `${n}`,
    "nft",
    `add rule inet c in ip6 daddr ${addressOf(n)} meta l4proto udp counter name seen drop`,
  );
}
ip(["-6", "route", "add", `${addressOf(0)}/128`, "via", "2001:db8:b0::2"]);
for (const n of [1, 2]) {
  const far = n === 1 ? LOCAL : SID;
  const ends = ["mode", "ip6ip6", "local", `2001:db8:b${n}::2`, "remote", far, "encaplimit", "none"];
  inside(`${n}`, "ip", "link", "add", "home", "type", "ip6tnl", ...ends);
  inside(`${n}`, "ip", "link", "set", "home", "mtu", "1460", "up");
}

const seenAt = (n: number): number =>
  Number(/packets (\d+)/.exec(inside(`${n}`, "nft", "list counter inet c seen"))?.[1] ?? Number.NaN);

await using netlink = NetlinkSocket.open();
await using links = await LinkTable.open(netlink);
await using backend = new KernelWireguard(netlink);
const served = await serveUsers(
  netlink,
  links,
  {
    frame: {
      ...{ version: 1, shards: 0, tunnels: { mtu: 1460, hopLimit: 64 }, srv6: { sid: SID, mtu: 1460 } },
      wireguard: [],
    },
    tunnels: [{ id: "u1", local: LOCAL, remote: "2001:db8:b1::2", prefixes: ["2001:db8:f1::/60"] }],
    srv6: [{ id: "u2", endpoint: "2001:db8:b2::2", prefixes: ["2001:db8:f2::/60"] }],
    peers: [],
  },
  "to-w",
);
if (served.failed.length > 0) throw new Error(served.failed.join("; "));
const device = { name: "vxw-f", mtu: 1420, up: true, listenPort: 51820, fwmark: 0 };
await reconcile(wireguardKind, wireguardDriver(netlink, links, [backend]), [
  { ...device, privateKey: new Secret(randomBytes(32)) },
]);
inside("3", "ip", "link", "add", "wgc", "type", "wireguard");
const secret = randomBytes(32).toString("base64");
const config = `[Interface]\nPrivateKey = ${secret}\n[Peer]\nPublicKey = ${wg(["show", "vxw-f", "public-key"]).trim()}
AllowedIPs = ::/0\nEndpoint = [2001:db8:b3::1]:51820\nPersistentKeepalive = 1\n`;
const file = join(tmpdir(), `vt-forward-${process.pid}.conf`);
writeFileSync(file, config, { mode: 0o600 });
inside("3", "wg", "setconf", "wgc", file);
inside("3", "ip", "link", "set", "wgc", "mtu", "1420", "up");
const publicKey = inside("3", "wg", "show", "wgc", "public-key").trim();
await reconcile(wireguardPeerKind, wireguardPeerDriver(links, [backend]), [
  { device: "vxw-f", publicKey, allowedIps: [`${addressOf(3)}/128`], keepaliveS: 0 },
]);
ip(["-6", "route", "add", `${addressOf(3)}/128`, "dev", "vxw-f"]);
for (
  let i = 0;
  i < 50 && !/: [1-9]/.test(`: ${wg(["show", "vxw-f", "latest-handshakes"]).split("\t")[1] ?? 0}`);
  i++
)
  spawnSync("sleep", ["0.2"]);

const rates = new Map<string, number[]>(WAYS.map((way) => [way, []]));
for (let round = 0; round < Number(rounds); round++)
  for (const [n, way] of WAYS.entries()) {
    const before = seenAt(n);
    const send = [
      "send",
      "--source",
      WORLD,
      "--destination",
      addressOf(n),
      "--port",
      "9",
      "--rate",
      String(RATE),
    ];
    const begunMs = performance.now();
    inside(
      "w",
      "timeout",
      "--preserve-status",
      seconds,
      traffic,
      ...send,
      "--size",
      String(Number(octets) - HEADERS),
    );
    spawnSync("sleep", ["0.3"]);
    const tookS = (performance.now() - begunMs) / 1000 - 0.3;
    rates.get(way)?.push((seenAt(n) - before) / tookS);
  }
process.stdout.write(
  `BENCH ${JSON.stringify({ kernel: release(), rates: Object.fromEntries(rates), names: WAYS.map((_, n) => nameOf(`${n}`)).length })}\n`,
);
