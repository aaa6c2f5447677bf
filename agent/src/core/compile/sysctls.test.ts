import assert from "node:assert/strict";
import { test } from "node:test";
import type { FabricPart, Faces } from "@vsix/shared/contract/part-fabric.ts";
import { compileSysctls } from "./sysctls.ts";

function partOf(role: FabricPart["node"]["role"], ports: Readonly<Record<string, Faces>>): FabricPart {
  return {
    version: 1,
    node: { name: "r1", role, id: 1, site: "s", loopback: "2001:db8::1" },
    loopbackAddresses: [],
    interfaces: Object.entries(ports).map(([name, faces]) => ({
      name,
      mtu: 1500,
      addresses: [],
      faces,
      peer: "r2",
      peerAddress: "2001:db8::2",
    })),
    sids: [],
    blackholes: [],
    overrides: [],
    sidBlock: "2001:db8:ff01::/48",
  };
}

function settings(
  part: FabricPart,
  present: (name: string) => boolean = () => true,
): Readonly<Record<string, string>> {
  return Object.fromEntries(compileSysctls(part, present).map(({ path, value }) => [path, value]));
}

test("a port of ours forwards as soon as its link is back: no DAD, and neighbours are asked every 100 ms", () => {
  const values = settings(partOf("plane", { eth1: "edge" }));
  assert.equal(values["net/ipv6/conf/eth1/accept_dad"], "0");
  assert.equal(values["net/ipv6/neigh/eth1/retrans_time_ms"], "100");
});

test("an SRH is accepted from our own routers only, and by no Edge", () => {
  const ports = {
    inner: "plane-internal",
    border: "external-edge",
    user: "edge",
    outside: "upstream",
  } as const;
  const values = settings(partOf("plane", ports));
  const accepting = Object.keys(ports).filter((name) => values[`net/ipv6/conf/${name}/seg6_enabled`] === "1");
  assert.deepEqual(accepting, ["inner", "border"]);
  const edge = settings(partOf("edge", { uplink: "plane" }));
  assert.equal(edge["net/ipv6/conf/uplink/seg6_enabled"], "0");
  assert.equal(edge["net/ipv6/conf/all/seg6_enabled"], "0");
});

test("an interface that this machine lacks is left out", () => {
  const values = settings(partOf("plane", { eth1: "edge", eth2: "edge" }), (name) => name !== "eth2");
  assert.equal(
    Object.keys(values).some((path) => path.includes("eth2")),
    false,
  );
});
