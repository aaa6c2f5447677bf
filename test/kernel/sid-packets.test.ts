import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { release } from "node:os";
import { test } from "node:test";
import { sidDriver } from "../../agent/src/resources/sid/driver.ts";
import { type SidObject, sidKind } from "../../agent/src/resources/sid/model.ts";
import { insideNamespace, ip } from "./in-namespace.ts";
import { reconcile, withKernel } from "./law.ts";

/** Both neighbours have this address: only the device tells them apart. */
const NEXT_HOP = "fe80::7";
const [major = 0, minor = 0] = release().split(/[.-]/, 2).map(Number);
const knowsDevice = major > 6 || (major === 6 && minor >= 17);

if (await insideNamespace("sid-packets", import.meta.url)) {
  const nameOf = (node: string): string => `vt-sidp${node}-${process.pid}`;
  const nodes = ["s", "t1", "t2"] as const;
  process.once("exit", () => {
    for (const node of nodes) spawnSync("ip", ["netns", "del", nameOf(node)], { stdio: "ignore" });
  });
  const inside = (node: string, ...command: readonly string[]): string =>
    ip(["netns", "exec", nameOf(node), ...command]);

  spawnSync("sysctl", ["-qw", "net.ipv6.conf.all.forwarding=1"]);
  for (const node of nodes) {
    ip(["netns", "add", nameOf(node)]);
    ip(["link", "add", `to-${node}`, "type", "veth", "peer", "name", "to-r", "netns", nameOf(node)]);
    for (const setting of ["conf.all.seg6_enabled=1", "conf.default.seg6_enabled=1"])
      inside(node, "sysctl", "-qw", `net.ipv6.${setting}`);
    for (const dev of ["lo", "to-r"]) ip(["-n", nameOf(node), "link", "set", dev, "up"]);
    inside(node, "sysctl", "-qw", "net.ipv6.conf.to-r.seg6_enabled=1");
    for (const setting of ["seg6_enabled=1", "accept_dad=0"])
      spawnSync("sysctl", ["-qw", `net.ipv6.conf.to-${node}.${setting}`]);
    ip(["link", "set", `to-${node}`, "up"]);
    ip(["addr", "add", "fe80::1/64", "dev", `to-${node}`, "nodad"]);
    ip(["-n", nameOf(node), "addr", "add", `${NEXT_HOP}/64`, "dev", "to-r", "nodad"]);
    ip(["-n", nameOf(node), "route", "add", "default", "via", "fe80::1", "dev", "to-r"]);
  }
  spawnSync("sysctl", ["-qw", "net.ipv6.conf.all.seg6_enabled=1"]);
  ip(["-n", nameOf("s"), "addr", "add", "2001:db8:5::1/128", "dev", "lo", "nodad"]);
  ip(["-6", "route", "add", "2001:db8:5::1/128", "via", NEXT_HOP, "dev", "to-s"]);
  ip(["-n", nameOf("t1"), "addr", "add", "2001:db8:a::1/128", "dev", "lo", "nodad"]);
  ip(["-n", nameOf("t2"), "addr", "add", "2001:db8:a::2/128", "dev", "lo", "nodad"]);
  // The router knows no way to these: only its SIDs can bring them anywhere.
  const by = (destination: string, sid: string): void => {
    const encap = ["encap", "seg6", "mode", "inline", "segs", sid];
    ip(["-n", nameOf("s"), "-6", "route", "replace", destination, ...encap, "dev", "to-r"]);
  };
  /** Echoes that came back. */
  const answered = (destination: string): number => {
    const ping = ["ping", "-6", "-q", "-c", "5", "-i", "0.05", "-W", "1", "-I", "2001:db8:5::1", destination];
    const { stdout } = spawnSync("ip", ["netns", "exec", nameOf("s"), ...ping], { encoding: "utf8" });
    return Number(/(\d+) received/.exec(stdout)?.[1] ?? -1);
  };
  const sids: readonly SidObject[] = [
    { sid: "2001:db8:ff::1/128", behavior: "End.X", nextHop: NEXT_HOP, interface: "to-t1", dev: "to-s" },
    { sid: "2001:db8:ff::2/128", behavior: "End.X", nextHop: NEXT_HOP, interface: "to-t2", dev: "to-s" },
  ];
  ip(["-n", nameOf("s"), "-6", "route", "add", "2001:db8:ff::/64", "via", "fe80::1", "dev", "to-r"]);

  test("End.X sends to the link-local neighbour on its own device and to no other", {
    skip: knowsDevice ? false : `Linux ${release()} ignores End.X's device; 6.17 or later is needed`,
  }, async () => {
    await withKernel(async (netlink, links) => {
      const driver = sidDriver(netlink, links);
      const { outcomes } = await reconcile(sidKind, driver, [...sids]);
      assert.deepEqual(
        outcomes.map((outcome) => (outcome.ok ? "done" : outcome.reason)),
        ["done", "done"],
      );
      by("2001:db8:a::1/128", "2001:db8:ff::1");
      by("2001:db8:a::2/128", "2001:db8:ff::2");
      assert.equal(answered("2001:db8:a::1"), 5);
      assert.equal(answered("2001:db8:a::2"), 5);
      by("2001:db8:a::2/128", "2001:db8:ff::1");
      assert.equal(answered("2001:db8:a::2"), 0, "the other neighbour does not have it");
      assert.deepEqual((await reconcile(sidKind, driver, [...sids])).changes, []);
    });
  });

  test("where the kernel would ignore the device the SID is refused with a reason, not made and not believed", async () => {
    await withKernel(async (netlink, links) => {
      const { outcomes } = await reconcile(sidKind, sidDriver(netlink, links, "6.12.41+deb13-amd64"), [
        { sid: "2001:db8:ff::3/128", behavior: "End.X", nextHop: NEXT_HOP, interface: "to-t1", dev: "to-s" },
      ]);
      const made = outcomes.find(({ key }) => key === "2001:db8:ff::3/128");
      assert.match(made?.ok === false ? made.reason : "", /^Linux 6\.12\.41.* drops .*6\.17 or later/);
      assert.equal(ip(["-6", "route", "show", "2001:db8:ff::3"]), "");
    });
  });
}
