import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { inspect } from "node:util";
import { Secret } from "../../agent/src/core/secret.ts";
import { LinkTable } from "../../agent/src/io/links.ts";
import { NetlinkSocket } from "../../agent/src/io/netlink.ts";
import type { WireguardBackend } from "../../agent/src/resources/wireguard/backend.ts";
import { wireguardDriver } from "../../agent/src/resources/wireguard/driver.ts";
import { type WireguardDevice, wireguardKind } from "../../agent/src/resources/wireguard/model.ts";
import { wireguardPeerDriver } from "../../agent/src/resources/wireguard-peer/driver.ts";
import { type WireguardPeer, wireguardPeerKind } from "../../agent/src/resources/wireguard-peer/model.ts";
import { declareDriverConformance } from "../fakes/driver-conformance.ts";
import { ip } from "./in-namespace.ts";
import { assertKernelLaw, observe, reconcile } from "./law.ts";
import { wg } from "./wg.ts";

/** A key that is the same in every run. */
export function keyOf(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

export const publicKeyOf = (text: string): string => keyOf(text).toString("base64");

export const device = (name: string, listenPort: number): WireguardDevice => ({
  name,
  mtu: 1420,
  up: true,
  listenPort,
  privateKey: new Secret(keyOf(`private ${name}`)),
  fwmark: 0,
});

/** A peer of its own number. */
export const peerOf = (deviceName: string, number: number): WireguardPeer => ({
  device: deviceName,
  publicKey: publicKeyOf(`peer ${number}`),
  allowedIps: [`2001:db8:f:${(number >> 16).toString(16)}::${(number & 0xffff).toString(16)}/128`],
  keepaliveS: 0,
});

/** Everything a backend promises. `make` begins anew on the same kernel. */
export function describeWireguard(topic: string, make: (netlink: NetlinkSocket) => WireguardBackend): void {
  const netlink = NetlinkSocket.open();
  const opened = LinkTable.open(netlink);
  const backends = [make(netlink)];
  const drivers = async () => {
    const links = await opened;
    return {
      links,
      ofDevices: () => wireguardDriver(netlink, links, backends),
      ofPeers: () => wireguardPeerDriver(links, backends),
    };
  };
  const clear = async (): Promise<void> => {
    await reconcile(wireguardKind, (await drivers()).ofDevices(), []);
  };
  test.after(async () => {
    await clear();
    for (const backend of backends)
      if (Symbol.asyncDispose in backend)
        await (backend as unknown as AsyncDisposable)[Symbol.asyncDispose]();
    await (await opened)[Symbol.asyncDispose]();
    await netlink[Symbol.asyncDispose]();
  });

  const two = [device("vxw-a", 51821), { ...device("vxw-b", 51822), mtu: 1380, fwmark: 0x10 }];

  test(`${topic}: devices obey the kernel law, and wg(8) sees the same`, async () => {
    await clear();
    const { ofDevices } = await drivers();
    ip(["link", "add", "vxw-x", "type", "veth", "peer", "name", "vxw-y"]);
    await assertKernelLaw(wireguardKind, ofDevices, two, () => {
      assert.deepEqual(wg(["show", "interfaces"]).trim().split(/\s+/).sort(), ["vxw-a", "vxw-b"]);
      assert.equal(wg(["show", "vxw-b", "listen-port"]).trim(), "51822");
      assert.equal(wg(["show", "vxw-b", "fwmark"]).trim(), "0x10");
      assert.match(ip(["link", "show", "vxw-b"]), /mtu 1380 .*\n?/);
    });
    assert.match(ip(["link", "show", "vxw-x"]), /vxw-x/);
    ip(["link", "del", "vxw-x"]);
  });

  test(`${topic}: peers obey the kernel law, and wg(8) sees the same`, async () => {
    await clear();
    const { ofDevices, ofPeers } = await drivers();
    await reconcile(wireguardKind, ofDevices(), two);
    const peers: WireguardPeer[] = [
      peerOf("vxw-a", 1),
      { ...peerOf("vxw-a", 2), keepaliveS: 25, presharedKey: new Secret(keyOf("psk 2")) },
      {
        ...peerOf("vxw-a", 3),
        allowedIps: ["2001:DB8:f:3:0::/64", "2001:db8:e::7/128", "2001:db8:e::7/128"],
        endpoint: { address: "2001:DB8::5", port: 4500 },
      },
      { ...peerOf("vxw-a", 4), allowedIps: [] },
      peerOf("vxw-b", 1),
    ];
    await assertKernelLaw(wireguardPeerKind, ofPeers, peers, () => {
      const shown = wg(["show", "vxw-a", "dump"])
        .trim()
        .split("\n")
        .slice(1)
        .map((line) => line.split("\t"));
      const of = (n: number) => shown.find(([key]) => key === publicKeyOf(`peer ${n}`));
      assert.equal(shown.length, 4);
      assert.deepEqual(of(2)?.slice(1, 4), [
        keyOf("psk 2").toString("base64"),
        "(none)",
        "2001:db8:f::2/128",
      ]);
      assert.equal(of(2)?.[7], "25");
      assert.equal(of(3)?.[2], "[2001:db8::5]:4500");
      assert.deepEqual(of(3)?.[3]?.split(",").sort(), ["2001:db8:e::7/128", "2001:db8:f:3::/64"]);
      assert.equal(of(4)?.[3], "(none)");
    });
  });

  test(`${topic}: allowed IPs are replaced, an exchanged address finds its new owner, a preshared key goes`, async () => {
    await clear();
    const { ofDevices, ofPeers } = await drivers();
    await reconcile(wireguardKind, ofDevices(), two);
    const [a, b] = [peerOf("vxw-a", 1), peerOf("vxw-a", 2)];
    await reconcile(wireguardPeerKind, ofPeers(), [{ ...a, presharedKey: new Secret(keyOf("psk")) }, b]);
    const swapped = [
      { ...a, allowedIps: b.allowedIps },
      { ...b, allowedIps: [...a.allowedIps, "2001:db8:77::/48"] },
    ];
    const { changes, outcomes } = await reconcile(wireguardPeerKind, ofPeers(), swapped);
    assert.deepEqual(
      changes.map(({ op }) => op),
      ["replace", "replace"],
    );
    assert.ok(outcomes.every(({ ok }) => ok));
    assert.deepEqual((await reconcile(wireguardPeerKind, ofPeers(), swapped)).changes, []);
    assert.match(wg(["show", "vxw-a", "preshared-keys"]), /\(none\)\n.*\(none\)/);
  });

  test(`${topic}: one peer that cannot be does not keep 300 others from being`, async () => {
    await clear();
    const { ofDevices, ofPeers } = await drivers();
    await reconcile(wireguardKind, ofDevices(), two);
    const peers = Array.from({ length: 300 }, (_, i) => peerOf("vxw-a", i + 1));
    const bad = { ...peerOf("vxw-a", 1000), allowedIps: ["no prefix"] };
    const stranger = peerOf("vxw-nowhere", 1);
    const { outcomes } = await reconcile(wireguardPeerKind, ofPeers(), [
      ...peers.slice(0, 150),
      bad,
      stranger,
      ...peers.slice(150),
    ]);
    const refused = outcomes.flatMap((one) => (one.ok ? [] : [`${one.errno} ${one.key}`]));
    assert.deepEqual(refused, [`22 ${wireguardPeerKind.key(bad)}`, `19 ${wireguardPeerKind.key(stranger)}`]);
    assert.equal((await observe(ofPeers())).length, 300);
  });

  test(`${topic}: a peer with 2,000 allowed IPs is told and read back whole, in however many messages`, async () => {
    await clear();
    const { ofDevices, ofPeers } = await drivers();
    await reconcile(wireguardKind, ofDevices(), two);
    const many = (number: number): WireguardPeer => ({
      ...peerOf("vxw-a", number),
      allowedIps: Array.from({ length: 2000 }, (_, i) => `2001:db8:${number}:${i.toString(16)}::/64`),
    });
    const peers = [peerOf("vxw-a", 1), many(2), many(3), peerOf("vxw-a", 4)];
    const { outcomes } = await reconcile(wireguardPeerKind, ofPeers(), peers);
    assert.ok(outcomes.every(({ ok }) => ok));
    assert.deepEqual((await reconcile(wireguardPeerKind, ofPeers(), peers)).changes, []);
    assert.equal(
      wg(["show", "vxw-a", "allowed-ips"])
        .split(/\s+/)
        .filter((text) => text.includes("::")).length,
      4002,
    );
  });

  test(`${topic}: an endpoint that is named anew is told; secrets are in no text of a plan, an error or a log`, async () => {
    await clear();
    const { ofDevices, ofPeers } = await drivers();
    const secrets = [keyOf("private vxw-a"), keyOf("psk")];
    await reconcile(wireguardKind, ofDevices(), two);
    const at = (port: number): WireguardPeer => ({
      ...peerOf("vxw-a", 1),
      presharedKey: new Secret(keyOf("psk")),
      endpoint: { address: "2001:db8::9", port },
    });
    const first = await reconcile(wireguardPeerKind, ofPeers(), [at(1000)]);
    const second = await reconcile(wireguardPeerKind, ofPeers(), [at(2000)]);
    assert.equal(second.changes[0]?.op, "replace");
    assert.match(wg(["show", "vxw-a", "endpoints"]), /\[2001:db8::9\]:2000/);
    const taken = await reconcile(wireguardPeerKind, ofPeers(), [{ ...at(1), allowedIps: ["x"] }]);
    const observedDevices = await observe(ofDevices());
    const texts = [first, second, taken, observedDevices, two].flatMap((value) => [
      inspect(value, { depth: 9, showHidden: true }),
      JSON.stringify(value),
    ]);
    texts.push(...two.map(wireguardKind.describe), wireguardPeerKind.describe(at(1)));
    for (const text of texts)
      for (const secret of secrets)
        for (const form of ["base64", "hex", "latin1"] as const)
          assert.ok(!text.includes(secret.toString(form)));
  });

  declareDriverConformance<WireguardDevice>(`${topic}, devices`, async () => {
    await clear();
    const { ofDevices } = await drivers();
    const desired = [...two, device("vxw-c", 51823), device("vxw-d", 51824)];
    return {
      kind: wireguardKind,
      makeDriver: ofDevices,
      desired,
      changed: { ...device("vxw-b", 51829), mtu: 1400 },
      occupy: ({ name }) => void ip(["link", "add", name, "type", "veth", "peer", "name", "other"]),
      vacate: ({ name }) => void ip(["link", "del", name]),
    };
  });
}
