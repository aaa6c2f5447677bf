import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { Secret } from "../../agent/src/core/secret.ts";
import type { WireguardBackend } from "../../agent/src/resources/wireguard/backend.ts";
import { wireguardDriver } from "../../agent/src/resources/wireguard/driver.ts";
import { GoWireguard } from "../../agent/src/resources/wireguard/go-backend.ts";
import { KernelWireguard } from "../../agent/src/resources/wireguard/kernel-backend.ts";
import { wireguardKind } from "../../agent/src/resources/wireguard/model.ts";
import { type PeerUse, wireguardPeerDriver } from "../../agent/src/resources/wireguard-peer/driver.ts";
import { type WireguardPeer, wireguardPeerKind } from "../../agent/src/resources/wireguard-peer/model.ts";
import { declareInGuest, kernelMakes } from "./in-guest.ts";
import { insideNamespace, ip } from "./in-namespace.ts";
import { observe, reconcile, withKernel } from "./law.ts";
import { wg } from "./wg.ts";

/** A key pair of WireGuard's, by Node: X25519. */
function keyPair(): { readonly secret: Buffer; readonly open: string } {
  const { privateKey, publicKey } = generateKeyPairSync("x25519");
  const raw = (key: typeof privateKey, format: "pkcs8" | "spki"): Buffer =>
    Buffer.from(key.export({ format: "der", type: format } as never)).subarray(-32);
  return { secret: raw(privateKey, "pkcs8"), open: raw(publicKey, "spki").toString("base64") };
}

const SERVER = "2001:db8:f::1";
const kernelHasIt = kernelMakes("wireguard");

if (await insideNamespace("wireguard-traffic", import.meta.url)) {
  if (kernelHasIt) {
    for (const one of ["kernel", "wireguard-go"] as const) declareTraffic(one);
    declareSameness();
  } else {
    declareTraffic("wireguard-go");
    await declareInGuest(
      "clients of the kernel's WireGuard reach ours, both implementations, in a guest kernel",
      "WireGuard",
      import.meta.url,
      120,
    );
  }
}

function backendOf(name: WireguardBackend["name"], netlink: ConstructorParameters<typeof GoWireguard>[0]) {
  return name === "kernel" ? new KernelWireguard(netlink) : new GoWireguard(netlink);
}

/** Clients that wg(8) configures, of the kernel where it can and of wireguard-go, reach a device of ours of each kind. */
function declareTraffic(implementation: WireguardBackend["name"]): void {
  test(`${implementation}: clients get through with their own address and no other, until they are revoked`, async () => {
    const clients = (kernelHasIt ? (["kernel", "wireguard-go"] as const) : (["wireguard-go"] as const)).map(
      (kind, i) => ({
        kind,
        n: i + 1,
        name: `vt-wg${i}-${process.pid}`,
        keys: keyPair(),
        psk: randomBytes(32),
      }),
    );
    const server = keyPair();
    try {
      await withKernel(async (netlink, links) => {
        await using stack = new AsyncDisposableStack();
        const backend = backendOf(implementation, netlink);
        if (backend instanceof KernelWireguard) stack.use(backend);
        const uses = new Map<string, PeerUse>();
        const devices = wireguardDriver(netlink, links, [backend]);
        const peers = wireguardPeerDriver(links, [backend], (_device, use) => {
          for (const one of use) uses.set(one.publicKey, one);
        });
        const wanted = [
          {
            name: "vxw-t",
            mtu: 1420,
            up: true,
            listenPort: 51820,
            privateKey: new Secret(server.secret),
            fwmark: 0,
          },
        ];
        const peerOf = ({ keys, psk, n }: (typeof clients)[number]): WireguardPeer => ({
          device: "vxw-t",
          publicKey: keys.open,
          presharedKey: new Secret(psk),
          allowedIps: [`2001:db8:f::1:${n}/128`],
          keepaliveS: 0,
        });
        assert.ok((await reconcile(wireguardKind, devices, wanted)).outcomes.every(({ ok }) => ok));
        ip(["addr", "add", `${SERVER}/128`, "dev", "vxw-t", "nodad"]);
        ip(["route", "add", "2001:db8:f::/64", "dev", "vxw-t"]);
        for (const client of clients) connectClient(client, server.open);
        await reconcile(wireguardPeerKind, peers, clients.map(peerOf));
        assert.equal(wg(["show", "vxw-t", "public-key"]).trim(), server.open);

        for (const client of clients) assert.equal(answered(client, `2001:db8:f::1:${client.n}`), 3);
        for (const client of clients) assert.equal(answered(client, `2001:db8:f::2:${client.n}`), 0);
        assert.deepEqual((await reconcile(wireguardPeerKind, peers, clients.map(peerOf))).changes, []);
        for (const { keys } of clients) {
          const use = uses.get(keys.open);
          assert.ok(use !== undefined && use.rxOctets > 0 && use.txOctets > 0);
          assert.ok(Math.abs(use.handshakeMs - Date.now()) < 60_000);
        }

        const [revoked, ...others] = clients;
        assert.ok(revoked);
        const { changes } = await reconcile(wireguardPeerKind, peers, others.map(peerOf));
        assert.deepEqual(
          changes.map(({ op }) => op),
          ["delete"],
        );
        assert.equal(answered(revoked, `2001:db8:f::1:${revoked.n}`), 0);
        for (const client of others) assert.equal(answered(client, `2001:db8:f::1:${client.n}`), 3);
      });
    } finally {
      // Its program ends with it, and with nothing else.
      spawnSync("ip", ["link", "del", "vxw-t"]);
      rmSync("/var/run/wireguard/vxw-t.vsix", { force: true });
      for (const { name, n } of clients) {
        spawnSync("ip", ["netns", "exec", name, "ip", "link", "del", `wgc${n}-${process.pid % 1000}`]);
        spawnSync("ip", ["netns", "del", name]);
      }
    }
  });
}

interface Client {
  readonly kind: WireguardBackend["name"];
  readonly n: number;
  readonly name: string;
  readonly keys: ReturnType<typeof keyPair>;
  readonly psk: Buffer;
}

function connectClient({ kind, n, name, keys, psk }: Client, server: string): void {
  const inside = (...args: readonly string[]): string => ip(["netns", "exec", name, ...args]);
  // wireguard-go's sockets are of the whole machine: its names must be unique there.
  const dev = `wgc${n}-${process.pid % 1000}`;
  ip(["netns", "add", name]);
  ip(["link", "add", `to-c${n}`, "type", "veth", "peer", "name", "net0", "netns", name]);
  ip(["addr", "add", `2001:db8:${n}::1/64`, "dev", `to-c${n}`, "nodad"]);
  ip(["link", "set", `to-c${n}`, "up"]);
  for (const args of [
    ["addr", "add", `2001:db8:${n}::2/64`, "dev", "net0", "nodad"],
    ["link", "set", "net0", "up"],
  ])
    ip(["-n", name, ...args]);
  if (kind === "kernel") ip(["-n", name, "link", "add", dev, "type", "wireguard"]);
  else inside("wireguard-go", dev);
  const config = `[Interface]\nPrivateKey = ${keys.secret.toString("base64")}\n[Peer]\nPublicKey = ${server}
PresharedKey = ${psk.toString("base64")}\nAllowedIPs = 2001:db8:f::/64\nEndpoint = [2001:db8:${n}::1]:51820\n`;
  const file = join(tmpdir(), `${name}.conf`);
  writeFileSync(file, config, { mode: 0o600 });
  inside("wg", "setconf", dev, file);
  rmSync(file);
  for (const address of [`2001:db8:f::1:${n}`, `2001:db8:f::2:${n}`])
    ip(["-n", name, "addr", "add", `${address}/128`, "dev", dev, "nodad"]);
  ip(["-n", name, "link", "set", dev, "up"]);
  ip(["-n", name, "route", "add", "2001:db8:f::/64", "dev", dev]);
}

/** Echoes of three that came back. */
function answered({ name }: Client, source: string): number {
  const ping = ["ping", "-6", "-q", "-c", "3", "-i", "0.2", "-W", "2", "-I", source, SERVER];
  const { stdout } = spawnSync("ip", ["netns", "exec", name, ...ping], { encoding: "utf8" });
  return Number(/(\d+) received/.exec(stdout)?.[1] ?? -1);
}

function declareSameness(): void {
  test("both implementations read back the same of the same", async () => {
    await withKernel(async (netlink, links) => {
      const seen: unknown[] = [];
      for (const implementation of ["kernel", "wireguard-go"] as const) {
        await using stack = new AsyncDisposableStack();
        const backend = backendOf(implementation, netlink);
        if (backend instanceof KernelWireguard) stack.use(backend);
        const devices = wireguardDriver(netlink, links, [backend]);
        const peers = wireguardPeerDriver(links, [backend]);
        const keys = new Secret(Buffer.alloc(32, 0xff));
        const device = { name: "vxw-s", mtu: 1400, up: true, listenPort: 5555, privateKey: keys, fwmark: 7 };
        await reconcile(wireguardKind, devices, [device]);
        await reconcile(
          wireguardPeerKind,
          peers,
          [1, 2, 3].map((n) => ({
            device: "vxw-s",
            publicKey: Buffer.alloc(32, n).toString("base64"),
            ...(n === 2 ? { presharedKey: keys } : {}),
            ...(n === 3 ? { endpoint: { address: "2001:db8:0:0::9", port: 99 } } : {}),
            allowedIps: [`2001:db8:${n}::/48`, "2001:db8:9:9:9::/80", "::/0"].slice(0, n),
            keepaliveS: n,
          })),
        );
        const found = (await observe(peers)).toSorted((a, b) => a.keepaliveS - b.keepaliveS);
        assert.equal(found.length, 3);
        // A secret says nothing when it is compared as a value: its octets do.
        const open = <T extends object>(value: T): unknown =>
          Object.fromEntries(
            Object.entries(value).map(([name, of]) => [
              name,
              of instanceof Secret ? Buffer.from(of.reveal()).toString("hex") : of,
            ]),
          );
        seen.push([(await observe(devices)).map(open), found.map(open)]);
        await reconcile(wireguardKind, devices, []);
      }
      assert.deepEqual(seen[0], seen[1]);
    });
  });
}
