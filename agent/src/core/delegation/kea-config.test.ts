import assert from "node:assert/strict";
import { test } from "node:test";
import type { Access } from "@vsix/shared/contract/part-access.ts";
import { desiredDelegation } from "./desired.ts";
import { keaConfig, subnetsOf } from "./kea-config.ts";

const ACCESS: Access = {
  frame: {
    version: 1,
    shards: 1,
    tunnels: { mtu: 1460, hopLimit: 64, delegation: { preferredS: 2700, validS: 5400 } },
    wireguard: [],
  },
  tunnels: [
    { id: "b", local: "2001:db8::1", remote: "3fff::2", prefixes: ["2001:db8:b::/60", "2001:db8:b:80::/64"] },
    { id: "a", local: "2001:db8::1", remote: "3fff::1", prefixes: ["2001:DB8:A::/60", "2001:db8:9::1/128"] },
    { id: "c", local: "2001:db8::1", remote: "3fff::3", prefixes: ["2001:db8:9::2/128"] },
  ],
  srv6: [],
  peers: [],
};
const NUMBERS: Readonly<Record<string, number>> = { a: 7, b: 5, c: 9 };
const of = { name: (id: string) => `vxt-${id}`, number: (id: string) => NUMBERS[id] ?? 0 };
const place = { directory: "/run/x/delegation", leaseCommands: "/usr/lib/x/libdhcp_lease_cmds.so" };

test("each tunnel is a subnet of its own, found by its device, with its networks and no address for pools", () => {
  const delegation = desiredDelegation(ACCESS, ACCESS.tunnels, "2001:db8::ff", of);
  assert.ok(delegation !== undefined);
  const { Dhcp6 } = JSON.parse(keaConfig(delegation, place));
  assert.deepEqual(Dhcp6.subnet6, [
    {
      id: 7,
      subnet: "2001:DB8:A::/60",
      "interface-id": "vxt-a",
      "pd-pools": [{ prefix: "2001:db8:a::", "prefix-len": 60, "delegated-len": 60 }],
    },
    {
      id: 5,
      subnet: "2001:db8:b::/60",
      "interface-id": "vxt-b",
      "pd-pools": [
        { prefix: "2001:db8:b::", "prefix-len": 60, "delegated-len": 60 },
        { prefix: "2001:db8:b:80::", "prefix-len": 64, "delegated-len": 64 },
      ],
    },
  ]);
  assert.deepEqual(
    [Dhcp6["preferred-lifetime"], Dhcp6["valid-lifetime"], Dhcp6["renew-timer"], Dhcp6["rebind-timer"]],
    [2700, 5400, 1350, 2160],
  );
  assert.deepEqual(
    [...subnetsOf(keaConfig(delegation, place))],
    [
      ["vxt-a", ["2001:db8:a::/60"]],
      ["vxt-b", ["2001:db8:b::/60", "2001:db8:b:80::/64"]],
    ],
  );
});

test("routers that answer as one have one server identifier, others have another, and all are locally administered", () => {
  const identifier = (server: string | undefined, link: string): string => {
    const tunnels = {
      ...ACCESS.frame.tunnels,
      delegation: { preferredS: 60, validS: 120, ...(server === undefined ? {} : { server }) },
    };
    const delegation = desiredDelegation({ ...ACCESS, frame: { ...ACCESS.frame, tunnels } }, [], link, of);
    assert.ok(delegation !== undefined);
    return JSON.parse(keaConfig(delegation, place)).Dhcp6["server-id"].identifier;
  };
  assert.equal(identifier("2001:db8::1", "2001:db8::a"), identifier("2001:db8::1", "2001:db8::b"));
  assert.notEqual(identifier(undefined, "2001:db8::a"), identifier(undefined, "2001:db8::b"));
  for (const link of ["2001:db8::a", "2001:db8::b"])
    assert.equal(Number.parseInt(identifier(undefined, link).slice(0, 2), 16) & 3, 2);
});

test("nothing is told where the document does not say so", () => {
  const { delegation: _, ...tunnels } = ACCESS.frame.tunnels;
  const access = { ...ACCESS, frame: { ...ACCESS.frame, tunnels } };
  assert.equal(desiredDelegation(access, access.tunnels, "2001:db8::ff", of), undefined);
});
