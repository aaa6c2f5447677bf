import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import type { FabricPart } from "@vsix/shared/contract/part-fabric.ts";
import { compileKernel } from "../../agent/src/core/compile/kernel.ts";
import type { LinkFact } from "../../agent/src/core/compile/links.ts";
import { nexthopDriver } from "../../agent/src/resources/nexthop/driver.ts";
import { nexthopKind } from "../../agent/src/resources/nexthop/model.ts";
import { routeDriver } from "../../agent/src/resources/route/driver.ts";
import { routeKind } from "../../agent/src/resources/route/model.ts";
import { sidDriver } from "../../agent/src/resources/sid/driver.ts";
import { sidKind } from "../../agent/src/resources/sid/model.ts";
import { insideNamespace, ip } from "./in-namespace.ts";
import { reconcile, withKernel } from "./law.ts";

/**
 * This namespace is an External Edge with two egress peers, both of which know the destination: `one` by a link-local next hop,
 * `two` by BGP's choice (table main). A plane router sends to the SID of `one`.
 */
const SID = "2001:db8:ff01:1007:e01f::";
const DESTINATION = "3fff:250::1";
const SOURCE = "2001:db8::2";

const part: FabricPart = {
  version: 1,
  node: { name: "xe", role: "external-edge", id: 7, site: "s", loopback: "2001:db8:ff00::7" },
  loopbackAddresses: [],
  interfaces: [port("to-plane", "plane", SOURCE), port("to-one", "upstream", "fe80::2")],
  sids: [{ sid: SID, behavior: "End.DX6", nextHop: "fe80::2", interface: "to-one" }],
  blackholes: [],
  overrides: [],
  sidBlock: "2001:db8:ff01::/48",
};

function port(
  name: string,
  faces: "plane" | "upstream",
  peerAddress: string,
): FabricPart["interfaces"][number] {
  return { name, mtu: 1500, addresses: [], faces, peer: name.slice(3), peerAddress };
}

if (await insideNamespace("egsid", import.meta.url)) {
  const nameOf = (node: string): string => `vt-egsid${node}-${process.pid}`;
  const nodes = ["plane", "one", "two"];
  process.once("exit", () => {
    for (const node of nodes) spawnSync("ip", ["netns", "del", nameOf(node)], { stdio: "ignore" });
  });
  const inside = (node: string, ...args: readonly string[]): string => ip(["-n", nameOf(node), ...args]);
  for (const node of nodes) {
    ip(["netns", "add", nameOf(node)]);
    ip(["link", "add", `to-${node}`, "type", "veth", "peer", "name", "to-xe", "netns", nameOf(node)]);
    ip(["link", "set", `to-${node}`, "addrgenmode", "none", "up"]);
    inside(node, "link", "set", "lo", "up");
    inside(node, "link", "set", "to-xe", "addrgenmode", "none", "up");
    ip(["netns", "exec", nameOf(node), "sysctl", "-qw", "net.ipv6.conf.all.forwarding=1"]);
  }
  spawnSync("sysctl", ["-qw", "net.ipv6.conf.all.forwarding=1", "net.ipv6.conf.to-one.accept_dad=0"]);
  ip(["addr", "add", "2001:db8::1/64", "dev", "to-plane", "nodad"]);
  // On behalf of what it forwards the kernel asks for neighbours from a link-local address only.
  for (const node of nodes) {
    ip(["addr", "add", "fe80::1/64", "dev", `to-${node}`, "nodad"]);
    inside(node, "addr", "add", "fe80::2/64", "dev", "to-xe", "nodad");
  }
  ip(["addr", "add", "2001:db8:2::1/64", "dev", "to-two", "nodad"]);
  inside("plane", "addr", "add", `${SOURCE}/64`, "dev", "to-xe", "nodad");
  inside("two", "addr", "add", "2001:db8:2::2/64", "dev", "to-xe", "nodad");
  for (const node of ["one", "two"]) inside(node, "addr", "add", `${DESTINATION}/128`, "dev", "lo", "nodad");
  inside("one", "-6", "route", "add", "default", "via", "fe80::1", "dev", "to-xe");
  inside("two", "-6", "route", "add", "default", "via", "2001:db8:2::1");
  ip(["-6", "route", "add", "3fff:250::/32", "via", "2001:db8:2::2"]);
  inside("plane", "-6", "route", "add", "2001:db8:ff01::/48", "via", "2001:db8::1");
  const encap = ["encap", "seg6", "mode", "encap.red", "segs", SID];
  inside("plane", "-6", "route", "add", `${DESTINATION}/128`, ...encap, "dev", "to-xe");

  /** Packets that a peer has received by its port since the last call. */
  const seen = new Map<string, number>();
  const received = (node: string): number => {
    const [link] = JSON.parse(inside(node, "-j", "-s", "link", "show", "to-xe")) as readonly {
      readonly stats64: { readonly rx: { readonly packets: number } };
    }[];
    const { packets } = link?.stats64.rx ?? assert.fail("no such link");
    const since = packets - (seen.get(node) ?? 0);
    seen.set(node, packets);
    return since;
  };

  /** Ten echoes of full size and what each peer received of them, and of neighbour discovery a packet or two. */
  const pings = (): { readonly answered: number; readonly one: boolean; readonly two: boolean } => {
    received("one");
    received("two");
    const command = ["netns", "exec", nameOf("plane"), "ping", "-6", "-c", "10", "-i", "0.05", "-W", "1"];
    const { stdout } = spawnSync("ip", [...command, "-I", SOURCE, DESTINATION], { encoding: "utf8" });
    const answered = Number(/, (\d+) received/.exec(stdout)?.[1] ?? "0");
    return { answered, one: received("one") >= 10, two: received("two") >= 10 };
  };

  const make = async (toOne: LinkFact): Promise<void> => {
    const facts = new Map([
      ["to-plane", { usable: true }],
      ["to-one", toOne],
    ]);
    const kernel = compileKernel(part, facts, () => true);
    await withKernel(async (netlink, links) => {
      const steps = [
        await reconcile(nexthopKind, nexthopDriver(netlink, links), kernel.nexthops),
        await reconcile(routeKind, routeDriver(netlink, links), kernel.routes),
        await reconcile(sidKind, sidDriver(netlink, links), kernel.sids),
      ];
      for (const { outcomes } of steps)
        assert.deepEqual(
          outcomes.filter(({ ok }) => !ok),
          [],
        );
    });
  };

  test("a SID of a peer with a link-local next hop leads to that peer, whatever table main says", async () => {
    await make({ usable: true });
    assert.match(ip(["-6", "route", "show", SID]), /End\.DT6 table 7700/);
    assert.deepEqual(pings(), { answered: 10, one: true, two: false });
  });

  test("without a session it is a lookup: the same packets go where table main says, and none is lost", async () => {
    await make({ usable: true, lookup: "the BGP session with one is down" });
    assert.deepEqual(pings(), { answered: 10, one: false, two: true });
    await make({ usable: true });
    assert.deepEqual(pings(), { answered: 10, one: true, two: false });
  });
}
