import assert from "node:assert/strict";
import { test } from "node:test";
import type { Access } from "@vsix/shared/contract/part-access.ts";
import { faultOfAccess } from "../check-access.ts";
import { Secret } from "../secret.ts";
import { compileAccess } from "./access.ts";

const KEY = Buffer.alloc(32, 7).toString("base64");
const OTHER = Buffer.alloc(32, 9).toString("base64");
const ACCESS: Access = {
  frame: {
    version: 1,
    shards: 1,
    tunnels: { mtu: 1460, hopLimit: 64 },
    srv6: { sid: "2001:db8:a::2", mtu: 1460 },
    wireguard: [
      {
        id: "vpn",
        listenPort: 51820,
        mtu: 1420,
        addresses: ["2001:db8:f::1/128"],
        prefixes: ["2001:db8:f::/64"],
      },
    ],
  },
  tunnels: [
    { id: "t1", local: "2001:db8:a::1", remote: "3fff:b::1", prefixes: ["2001:db8:1::/60"] },
    {
      id: "t2",
      local: "2001:db8:a::1",
      remote: "3fff:b::2",
      prefixes: ["2001:db8:1:10::/60"],
      expiresAt: "2026-11-23T00:00:10Z",
    },
  ],
  srv6: [{ id: "s1", endpoint: "3fff:b::3", prefixes: ["2001:db8:2::/60"] }],
  peers: [
    { device: "vpn", publicKey: KEY, presharedKey: OTHER, allowedIps: ["2001:db8:f::7/128"] },
    { device: "vpn", publicKey: OTHER, allowedIps: ["2001:db8:f::8/128"], expiresAt: "2026-11-23T00:00:05Z" },
  ],
};
const AT = Date.parse("2026-11-23T00:00:00Z");
const facts = {
  nowMs: AT,
  keyOf: () => new Secret(new Uint8Array(32).fill(1)),
  dev: "net0",
  portMtu: 1500,
};

test("every route leads to a device or an object that is made, and every sender has a mark of his own", () => {
  const desired = compileAccess(ACCESS, facts);
  const devices = new Set([...desired.tunnels, ...desired.devices].map(({ name }) => name));
  const nexthops = new Set(desired.nexthops.map(({ id }) => id));
  for (const { prefix, interface: dev, nexthopId } of desired.routes)
    assert.ok(dev === undefined ? nexthops.has(nexthopId ?? 0) : devices.has(dev), prefix);
  assert.equal(new Set(desired.senders.map(({ mark }) => mark)).size, 3);
  assert.deepEqual([...desired.waiting], []);
});

test("who has an end is gone from that moment on, whatever a controller says, and the next end is known", () => {
  assert.equal(compileAccess(ACCESS, facts).nextExpiryMs, AT + 5000);
  const later = compileAccess(ACCESS, { ...facts, nowMs: AT + 5000 });
  assert.deepEqual(
    later.peers.map(({ publicKey }) => publicKey),
    [KEY],
  );
  assert.equal(later.nextExpiryMs, AT + 10_000);
  const last = compileAccess(ACCESS, { ...facts, nowMs: AT + 10_000 });
  assert.deepEqual(
    last.tunnels.map(({ name }) => name),
    ["vxt-t1"],
  );
  assert.equal(last.nextExpiryMs, undefined);
  const unreadable = {
    ...ACCESS,
    peers: [{ ...ACCESS.peers[0], expiresAt: "2026-99-99T00:00:00Z" }],
  } as Access;
  assert.deepEqual(compileAccess(unreadable, facts).peers, []);
});

test("without a key there is no device, no peer and no route to it, and the reason is said", () => {
  const desired = compileAccess(ACCESS, { ...facts, keyOf: () => undefined });
  assert.deepEqual([desired.devices, desired.peers], [[], []]);
  assert.ok(!desired.routes.some(({ interface: dev }) => dev === "vxw-vpn"));
  assert.match(desired.waiting.get("wireguard vxw-vpn") ?? "", /no private key/);
});

test("without any port that is up users by SRv6 wait, and the others do not", () => {
  const desired = compileAccess(ACCESS, { ...facts, dev: undefined });
  assert.deepEqual([desired.nexthops, desired.sids], [[], []]);
  assert.equal(desired.tunnels.length, 2);
  assert.match(desired.waiting.get("sid of srv6 access") ?? "", /no interface/);
});

const OWN = ["2001:db8::/32"];

test("parts that make sense are taken, others are refused with the field named and no secret shown", () => {
  assert.equal(faultOfAccess(ACCESS, OWN), undefined);
  const [tunnel] = ACCESS.tunnels;
  const [peer] = ACCESS.peers;
  assert.ok(tunnel !== undefined && peer !== undefined);
  const bad: readonly (readonly [RegExp, Partial<Access>])[] = [
    [/tunnels\/0\/prefixes: .* is not of our own/, { tunnels: [{ ...tunnel, prefixes: ["3fff:1::/60"] }] }],
    [/is no IPv6 prefix/, { tunnels: [{ ...tunnel, prefixes: ["2001:db8::1/60"] }] }],
    [/there is another/, { tunnels: [tunnel, { ...tunnel, id: "t3", prefixes: ["2001:db8:9::/60"] }] }],
    [/"t1" is there twice/, { tunnels: [tunnel, { ...tunnel, remote: "3fff:b::9" }] }],
    [/overlaps what/, { srv6: [{ id: "s1", endpoint: "3fff:b::3", prefixes: ["2001:db8:1:8::/61"] }] }],
    [/overlaps what/, { peers: [peer, { ...peer, publicKey: OTHER }] }],
    [/is there twice/, { peers: [peer, peer] }],
    [/no WireGuard device/, { peers: [{ ...peer, device: "other" }] }],
    [/publicKey: no key/, { peers: [{ ...peer, publicKey: "x" }] }],
    [/presharedKey: no key/, { peers: [{ ...peer, presharedKey: "hunter2" }] }],
    [/no IPv6 address/, { tunnels: [{ ...tunnel, remote: "somewhere" }] }],
  ];
  for (const [wanted, change] of bad) {
    const fault = faultOfAccess({ ...ACCESS, ...change }, OWN) ?? "";
    assert.match(fault, wanted);
    assert.ok(!fault.includes("hunter2"), fault);
  }
});
