import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { AccessPart, AccessShard } from "@vsix/shared/contract/part-access.ts";
import { declareInGuest, kernelMakes } from "../kernel/in-guest.ts";
import { insideNamespace, ip } from "../kernel/in-namespace.ts";
import { wg } from "../kernel/wg.ts";
import {
  addNamespace,
  answered,
  arrived,
  believeLarge,
  cable,
  hostBehind,
  inside,
  nameOf,
  transfer,
} from "./access-clients.ts";
import { AgentHost } from "./agent-process.ts";
import { OpenBroker } from "./broker.ts";
import { document, fabricPart, PLANE_PEER, PLANE_PORT, port } from "./documents.ts";

/**
 * An access router of a real agent, and users whose programs nobody here wrote: iproute2's ip6tnl (by tunnel and by SRv6), wg-quick with
 * the kernel's WireGuard, wireguard-go. What they may not do is counted where it would arrive.
 */

const LOCAL = "2001:db8:a::1";
const SID = "2001:db8:a::2";
const WORLD = "2001:db8:e::2";
/** A SID of the network's own, at this router. */
const INNER_SID = "2001:db8:ff:1::6";
const prefixOf = (n: number): string => `2001:db8:f${n}::/60`;
const hostOf = (n: number): string => `2001:db8:f${n}::1`;
const endpointOf = (n: number): string => `2001:db8:b${n}::2`;
const vpnOf = (n: number): string => `2001:db8:f0::1:${n}`;

interface Keys {
  readonly secret: string;
  readonly open: string;
}

function keyPair(): Keys {
  const { privateKey, publicKey } = generateKeyPairSync("x25519");
  const last = (der: Buffer): string => der.subarray(-32).toString("base64");
  return {
    secret: last(privateKey.export({ type: "pkcs8", format: "der" })),
    open: last(publicKey.export({ type: "spki", format: "der" })),
  };
}

const has = kernelMakes("ip6tnl", "remote", "::1") && kernelMakes("wireguard");
if (await insideNamespace("access-clients", import.meta.url)) {
  if (has) declareAll();
  else
    await declareInGuest(
      "users of an access router with programs of their own, and what they may not do, in a guest kernel",
      "WireGuard and ip6_tunnel",
      import.meta.url,
      240,
    );
}

function declareAll(): void {
  const keys = { 3: keyPair(), 4: keyPair() };
  const presharedKey = randomBytes(32).toString("base64");
  const part: AccessPart = {
    version: 1,
    shards: 1,
    tunnels: { mtu: 1460, hopLimit: 64 },
    srv6: { sid: SID, mtu: 1460 },
    wireguard: [
      {
        id: "a",
        listenPort: 51820,
        mtu: 1420,
        addresses: ["2001:db8:f0::1/128"],
        prefixes: ["2001:db8:f0::/64"],
      },
    ],
  };
  const shard: AccessShard = {
    version: 1,
    tunnels: [{ id: "u1", local: LOCAL, remote: endpointOf(1), prefixes: [prefixOf(1)] }],
    srv6: [{ id: "u2", endpoint: endpointOf(2), prefixes: [prefixOf(2)] }],
    peers: [
      { device: "a", publicKey: keys[3].open, presharedKey, allowedIps: [`${vpnOf(3)}/128`] },
      { device: "a", publicKey: keys[4].open, allowedIps: [`${vpnOf(4)}/128`] },
    ],
  };
  const fabric = fabricPart({
    node: { name: "r1", role: "edge", id: 1, site: "here", loopback: "2001:db8:0:1::1" },
    interfaces: [{ ...port(PLANE_PORT, "2001:db8:1:b::/127", PLANE_PEER, "plane") }],
    sids: [{ sid: INNER_SID, behavior: "End.DT6", table: 254 }],
    overrides: [],
  });
  const documentOf = (generation: number, users: AccessShard) =>
    document(generation, { fabric, more: { access: part, "access-0": users } });

  addNamespace("w");
  ip(["link", "add", PLANE_PORT, "type", "veth", "peer", "name", "net0", "netns", nameOf("w")]);
  ip(["link", "set", PLANE_PORT, "up"]);
  inside("w", "ip", "addr", "add", `${PLANE_PEER}/127`, "dev", "net0", "nodad");
  inside("w", "ip", "addr", "add", `${WORLD}/128`, "dev", "lo", "nodad");
  inside("w", "ip", "link", "set", "net0", "up");
  for (const node of ["1", "2", "3", "4", "5"]) {
    addNamespace(node);
    cable(`to-${node}`, node, `2001:db8:b${node}::`);
    inside(node, "ip", "-6", "route", "add", "default", "via", `2001:db8:b${node}::1`);
  }
  ip(["addr", "add", `${LOCAL}/128`, "dev", "lo"]);
  for (const n of [1, 2]) {
    const far = n === 1 ? LOCAL : SID;
    const tunnel = ["mode", "ip6ip6", "local", endpointOf(n), "remote", far, "encaplimit", "none"];
    inside(`${n}`, "ip", "link", "add", "home", "type", "ip6tnl", ...tunnel);
    inside(`${n}`, "ip", "link", "set", "home", "mtu", "1460", "up");
    inside(`${n}`, "ip", "-6", "route", "add", "2001:db8:e::/64", "dev", "home");
    inside(`${n}`, "ip", "-6", "route", "add", `${INNER_SID}/128`, "dev", "home");
    // Its own address, one of the other user's, and one of a VPN user's.
    hostBehind(`${n}`, `${n}l`, [hostOf(n), `2001:db8:f${3 - n}::bad`, "2001:db8:f0::bad"]);
  }

  const directory = mkdtempSync(join(tmpdir(), "vt-acl-"));
  let host: AgentHost;
  let broker: OpenBroker;
  test.before(async () => {
    broker = await OpenBroker.start();
    host = new AgentHost(broker.url);
    await host.startGobgpd();
    await host.start();
    await broker.document(documentOf(1, shard));
    await host.reportWhere(
      "users are there",
      ({ objects }) =>
        objects["wireguard-peer"] === 2 && objects["tunnel"] === 1 && (objects["sid"] ?? 0) >= 2,
    );
    ip(["-6", "route", "replace", "2001:db8:e::/64", "via", PLANE_PEER, "dev", PLANE_PORT]);
    inside("w", "ip", "-6", "route", "add", "default", "via", "2001:db8:1:b::", "dev", "net0");
    const server = wg(["show", "vxw-a", "public-key"]).trim();
    const config = (n: 3 | 4, more: string): string =>
      `[Interface]\nPrivateKey = ${keys[n].secret}\n${more}\n[Peer]\nPublicKey = ${server}\n${
        n === 3 ? `PresharedKey = ${presharedKey}\n` : ""
      }AllowedIPs = 2000::/3\nEndpoint = [2001:db8:b${n}::1]:51820\n`;
    // As a user would: one file, one command. 2000::/3 and not ::/0, for which wg-quick wants `fib` and connection tracking of nftables.
    const file = join(directory, "vtquick.conf");
    writeFileSync(file, config(3, `Address = ${vpnOf(3)}/128\nMTU = 1420\n`), { mode: 0o600 });
    inside("3", "wg-quick", "up", file);
    const plain = join(directory, "go.conf");
    writeFileSync(plain, config(4, ""), { mode: 0o600 });
    const dev = `wgo${process.pid % 10_000}`;
    inside("4", "wireguard-go", dev);
    inside("4", "wg", "setconf", dev, plain);
    inside("4", "ip", "addr", "add", `${vpnOf(4)}/128`, "dev", dev, "nodad");
    inside("4", "ip", "link", "set", dev, "mtu", "1420", "up");
    inside("4", "ip", "-6", "route", "add", "2001:db8:e::/64", "dev", dev);
    // Addresses that are another user's.
    inside("3", "ip", "addr", "add", "2001:db8:f0::1:4/128", "dev", "vtquick", "nodad");
    inside("4", "ip", "addr", "add", "2001:db8:f1::bad/128", "dev", dev, "nodad");
  });
  test.after(async () => {
    spawnSync("ip", ["netns", "exec", nameOf("4"), "ip", "link", "del", `wgo${process.pid % 10_000}`]);
    await host?.[Symbol.asyncDispose]();
    await broker?.[Symbol.asyncDispose]();
    rmSync(directory, { recursive: true });
  });

  const clients = [
    ["iproute2's ip6tnl, by a tunnel", "1l", hostOf(1)],
    ["iproute2's ip6tnl, by SRv6", "2l", hostOf(2)],
    ["wg-quick and the kernel's WireGuard", "3", vpnOf(3)],
    ["wireguard-go", "4", vpnOf(4)],
  ] as const;

  for (const [client, node, address] of clients)
    test(`${client}: the world is reached by its own address, and reaches it`, () => {
      assert.equal(answered(node, address, WORLD), 3, "out");
      assert.equal(answered("w", WORLD, address), 3, "in");
      assert.equal(arrived(node, address, WORLD, "w"), 5);
    });

  test("of a spoofed source nothing arrives, whichever way a user has", () => {
    for (const [node, source] of [
      ["1l", "2001:db8:f2::bad"],
      ["1l", "2001:db8:f0::bad"],
      ["2l", "2001:db8:f1::bad"],
      ["2l", "2001:db8:f0::bad"],
      ["3", "2001:db8:f0::1:4"],
      ["4", "2001:db8:f1::bad"],
    ] as const)
      assert.equal(arrived(node, source, WORLD, "w"), 0, `${node} as ${source}`);
  });

  test("a stranger's router gets nothing through, by the tunnels' address or by the SID", () => {
    for (const far of [LOCAL, SID]) {
      const tunnel = ["mode", "ip6ip6", "local", endpointOf(5), "remote", far, "encaplimit", "none"];
      inside("5", "ip", "link", "add", "thief", "type", "ip6tnl", ...tunnel);
      inside("5", "ip", "link", "set", "thief", "up");
      inside("5", "ip", "addr", "add", "2001:db8:f1::5/128", "dev", "thief", "nodad");
      inside("5", "ip", "-6", "route", "add", "2001:db8:e::/64", "dev", "thief");
      assert.equal(arrived("5", "2001:db8:f1::5", WORLD, "w"), 0, far);
      inside("5", "ip", "link", "del", "thief");
    }
  });

  test("no user reaches a SID of the network through his own way in", () => {
    for (const [node, source] of [
      ["1l", hostOf(1)],
      ["2l", hostOf(2)],
      ["3", vpnOf(3)],
    ] as const) {
      const tunnel = ["mode", "ip6ip6", "local", source, "remote", INNER_SID, "encaplimit", "none"];
      inside(node, "ip", "link", "add", "inner", "type", "ip6tnl", ...tunnel);
      inside(node, "ip", "link", "set", "inner", "up");
      // Whatever comes out at the SID would be from an address that he does not have.
      inside(node, "ip", "addr", "add", "2001:db8:d::1/128", "dev", "inner", "nodad");
      inside(node, "ip", "-6", "route", "add", `${WORLD}/128`, "dev", "inner");
      const seen = arrived(node, "2001:db8:d::1", WORLD, "w");
      inside(node, "ip", "link", "del", "inner");
      assert.equal(seen, 0, node);
    }
  });

  test("TCP fits: segments are as large as the way allows, in either direction", async () => {
    for (const [client, node, address] of clients) {
      const there = await transfer(node, address, "w", WORLD, 300_000);
      assert.equal(there.octets, 300_000, client);
    }
  });

  test("where a SYN asked for too much, Packet Too Big is delivered, and nothing is lost in a black hole", async () => {
    for (const node of ["w", "1l", "2l"]) believeLarge(node);
    for (const [client, node, address] of clients) {
      const { octets, tooBig } = await transfer(node, address, "w", WORLD, 300_000);
      assert.equal(octets, 300_000, client);
      // The world's answer is too large for the tunnel; the user's own is too large only where a host stands behind his router.
      assert.ok((tooBig[1] ?? 0) > 0, `${client}: the world was told (${tooBig.join(", ")})`);
      if (node.endsWith("l")) assert.ok((tooBig[0] ?? 0) > 0, `${client}: the user was told`);
    }
  });

  test("a VPN user who is revoked gets nothing through, the others go on, and no key is in the log", async () => {
    await broker.document(documentOf(2, { ...shard, peers: shard.peers.slice(1) }));
    await host.reportWhere("one peer is left", ({ objects }) => objects["wireguard-peer"] === 1);
    assert.equal(arrived("3", vpnOf(3), WORLD, "w"), 0);
    for (const [client, node, address] of clients)
      if (node !== "3") assert.equal(answered(node, address, WORLD), 3, client);
    const key = readFileSync(join(host.stateDir, "wireguard-a.key"), "latin1").trim();
    for (const secret of [key, presharedKey]) assert.ok(!host.log.includes(secret));
  });
}
