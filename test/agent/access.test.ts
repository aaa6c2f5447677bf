import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { isDeepStrictEqual } from "node:util";
import type { AccessPart, AccessShard, VpnPeer } from "@vsix/shared/contract/part-access.ts";
import { kernelMakes } from "../kernel/in-guest.ts";
import { insideNamespace, ip } from "../kernel/in-namespace.ts";
import { wg } from "../kernel/wg.ts";
import { AgentHost, until } from "./agent-process.ts";
import { OpenBroker } from "./broker.ts";
import { document } from "./documents.ts";
import { makePorts } from "./kernel-dump.ts";

const hasTunnels = kernelMakes("ip6tnl", "remote", "::1");
/** wireguard-go's sockets are of the whole machine. */
const ID = `t${process.pid % 100_000}`;
const DEVICE = `vxw-${ID}`;
const keyOf = (text: string): string => createHash("sha256").update(text).digest("base64");

const part: AccessPart = {
  version: 1,
  shards: 1,
  tunnels: { mtu: 1460, hopLimit: 64 },
  wireguard: [
    { id: ID, listenPort: 51820, mtu: 1420, addresses: ["2001:db8:f::1/128"], prefixes: ["2001:db8:f::/64"] },
  ],
};
const peer = (n: number, more: Partial<VpnPeer> = {}): VpnPeer => ({
  device: ID,
  publicKey: keyOf(`peer ${n}`),
  presharedKey: keyOf(`psk ${n}`),
  allowedIps: [`2001:db8:f::1:${n}/128`],
  ...more,
});
const withUsers = (generation: number, peers: readonly VpnPeer[]) => {
  const shard: AccessShard = {
    version: 1,
    tunnels: [{ id: "u1", local: "2001:db8:a::1", remote: "3fff:b::1", prefixes: ["2001:db8:1::/60"] }],
    srv6: [],
    peers: [...peers],
  };
  return document(generation, { more: { access: part, "access-0": shard } });
};
const peersNow = (): readonly string[] => wg(["show", DEVICE, "peers"]).trim().split("\n").sort();
const sorted = (...numbers: readonly number[]): readonly string[] =>
  numbers.map((n) => keyOf(`peer ${n}`)).sort();

if (await insideNamespace("agent-access", import.meta.url)) {
  makePorts();
  const broker = await OpenBroker.start();
  const host = new AgentHost(broker.url);
  test.after(async () => {
    await host[Symbol.asyncDispose]();
    await broker[Symbol.asyncDispose]();
    // wireguard-go ends with its device, and with nothing else.
    spawnSync("ip", ["link", "del", DEVICE]);
    rmSync(`/var/run/wireguard/${DEVICE}.vsix`, { force: true });
  });

  test("a document's peers are in the kernel, or in wireguard-go; what the kernel cannot is said; the plan is empty", async () => {
    await host.startGobgpd();
    await host.start();
    await broker.document(withUsers(1, [peer(1), peer(2)]));
    const report = await host.reportWhere(
      "peers are there",
      ({ objects }) => objects["wireguard-peer"] === 2,
    );
    assert.deepEqual(peersNow(), sorted(1, 2));
    const tunnel = report.conditions.find(({ object }) => object === "tunnel vxt-u1");
    if (hasTunnels) assert.equal(tunnel, undefined);
    else assert.match(tunnel?.reason ?? "", /this kernel has no IPv6 tunnels \(module ip6_tunnel\)/);
    await until("its addresses and routes are there", () =>
      /dev vxw/.test(ip(["-6", "route", "show", "2001:db8:f::/64"])),
    );
    assert.match(ip(["addr", "show", "dev", DEVICE]), /2001:db8:f::1\/128/);
    const plan = await host.plan();
    assert.deepEqual(
      plan.filter((line) => /wireguard/.test(line)),
      [],
    );
    if (!hasTunnels) assert.ok(plan.some((line) => /\+ tunnel tunnel vxt-u1/.test(line)));
  });

  test("the private key was made here, for nobody else to read, and no key is in log, plan or report", async () => {
    const file = join(host.stateDir, `wireguard-${ID}.key`);
    assert.equal(statSync(file).mode & 0o777, 0o600);
    const secret = readFileSync(file, "latin1").trim();
    assert.equal(wg(["show", DEVICE, "private-key"]).trim(), secret);
    const texts = [host.log, JSON.stringify(await host.report()), ...(await host.plan())];
    for (const text of texts)
      for (const key of [secret, keyOf("psk 1"), keyOf("psk 2")]) assert.ok(!text.includes(key));
  });

  test("an agent that is killed and starts again adopts device and peers", async () => {
    // wireguard-go tells its peers in another order each time.
    const look = () => [ip(["link", "show", DEVICE]), wg(["show", DEVICE, "dump"]).split("\n").sort()];
    const before = look();
    await host.stop("SIGKILL");
    await host.start();
    await host.reportWhere("peers are seen", ({ objects }) => objects["wireguard-peer"] === 2);
    assert.deepEqual(look(), before);
  });

  test("a peer whose time is over goes by itself, one that is revoked goes with the document, the others stay", async () => {
    const { number, expiresAt } = await peerWithLittleTime();
    await broker[Symbol.asyncDispose]();
    await until("it is over", () => !peersNow().includes(keyOf(`peer ${number}`)));
    assert.ok(Date.now() >= Date.parse(expiresAt));
    assert.deepEqual(peersNow(), sorted(1));
  });

  /**
   * A peer in the place of peer 2, which is there now, and until when. A busy machine may apply a document after so short a
   * time: then that peer was never there, and another one gets twice as long.
   */
  async function peerWithLittleTime(): Promise<{ readonly number: number; readonly expiresAt: string }> {
    for (let number = 3, validMs = 1000; ; number++, validMs *= 2) {
      const expiresAt = new Date(Date.now() + validMs).toISOString();
      await broker.document(withUsers(number, [peer(1), peer(number, { expiresAt })]));
      let seen = false;
      await until(
        "the document counts, or comes too late",
        () => {
          seen = isDeepStrictEqual(peersNow(), sorted(1, number));
          return seen || Date.now() >= Date.parse(expiresAt);
        },
        validMs + 20_000,
      );
      if (seen) return { number, expiresAt };
      assert.ok(validMs < 60_000, `never there: ${peersNow().join()}, ${host.log.slice(-3000)}`);
    }
  }
}
