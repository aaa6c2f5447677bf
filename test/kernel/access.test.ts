import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import type { Access } from "@vsix/shared/contract/part-access.ts";
import { serveUsers } from "./access-router.ts";
import { declareInGuest, kernelMakes } from "./in-guest.ts";
import { insideNamespace, ip } from "./in-namespace.ts";
import { withKernel } from "./law.ts";

/** Users are plain Linux routers: iproute2's ip6tnl to one address of ours, whether there is a device for them here or not. */
const LOCAL = "2001:db8:a::1";
const SID = "2001:db8:a::2";
const WORLD = "2001:db8:e::2";
const prefixOf = (n: number): string => `2001:db8:f${n}::/60`;
const addressOf = (n: number): string => `2001:db8:f${n}::1`;
const endpointOf = (n: number): string => `2001:db8:b${n}::2`;

const ACCESS: Access = {
  frame: {
    version: 1,
    shards: 0,
    tunnels: { mtu: 1460, hopLimit: 64 },
    srv6: { sid: SID, mtu: 1460 },
    wireguard: [],
  },
  tunnels: [{ id: "u1", local: LOCAL, remote: endpointOf(1), prefixes: [prefixOf(1)] }],
  srv6: [{ id: "u2", endpoint: endpointOf(2), prefixes: [prefixOf(2)] }],
  peers: [],
};

if (await insideNamespace("access", import.meta.url)) {
  const hasTunnels = kernelMakes("ip6tnl", "remote", "::1");
  declareAll(hasTunnels);
  if (!hasTunnels)
    await declareInGuest(
      "users by tunnel and by SRv6 are served in a guest kernel",
      "ip6_tunnel",
      import.meta.url,
      120,
    );
}

/** Without ip6tnl: users by SRv6 alone, whose routers are Linux with SRv6 of their own. */
function declareAll(hasTunnels: boolean): void {
  const access: Access = hasTunnels ? ACCESS : { ...ACCESS, tunnels: [] };
  const users = hasTunnels ? [1, 2] : [2];
  const nameOf = (node: string): string => `vt-acc${node}-${process.pid}`;
  const nodes = ["1", "2", "3", "w"];
  process.once("exit", () => {
    for (const node of [...nodes, "1l", "2l", "3l"])
      spawnSync("ip", ["netns", "del", nameOf(node)], { stdio: "ignore" });
  });
  const sysctl = (...settings: readonly string[]): void => void spawnSync("sysctl", ["-qw", ...settings]);
  sysctl(
    "net.ipv6.conf.all.forwarding=1",
    "net.ipv6.conf.all.seg6_enabled=1",
    "net.ipv6.conf.default.seg6_enabled=1",
  );
  const NO_DAD = ["all", "default"].map((dev) => `net.ipv6.conf.${dev}.accept_dad=0`);
  sysctl(...NO_DAD);
  const addNamespace = (node: string): void => {
    ip(["netns", "add", nameOf(node)]);
    ip(["netns", "exec", nameOf(node), "sysctl", "-qw", ...NO_DAD]);
  };
  for (const node of nodes) {
    const link = node === "w" ? "2001:db8:e::" : `2001:db8:b${node}::`;
    addNamespace(node);
    ip(["link", "add", `to-${node}`, "type", "veth", "peer", "name", "net0", "netns", nameOf(node)]);
    ip(["addr", "add", `${link}1/64`, "dev", `to-${node}`, "nodad"]);
    ip(["link", "set", `to-${node}`, "up"]);
    sysctl(`net.ipv6.conf.to-${node}.seg6_enabled=1`);
    for (const args of [
      ["link", "set", "lo", "up"],
      ["addr", "add", `${link}2/64`, "dev", "net0", "nodad"],
      ["link", "set", "net0", "up"],
      ["route", "add", "default", "via", `${link}1`],
    ])
      ip(["-n", nameOf(node), ...args]);
  }
  ip(["addr", "add", `${LOCAL}/128`, "dev", "lo"]);
  for (const n of hasTunnels ? [1, 2, 3] : [2, 3]) {
    const far = n === 1 ? LOCAL : SID;
    ip(["netns", "exec", nameOf(String(n)), "sysctl", "-qw", "net.ipv6.conf.all.forwarding=1"]);
    addNamespace(`${n}l`);
    const tunnel = ["type", "ip6tnl", "mode", "ip6ip6", "local", endpointOf(n), "remote", far];
    const home = hasTunnels
      ? [
          ["link", "add", "home", ...tunnel, "encaplimit", "none"],
          ["link", "set", "home", "mtu", "1460", "up"],
          ["route", "add", "2001:db8:e::/64", "dev", "home"],
        ]
      : [
          ["addr", "del", `${endpointOf(n)}/64`, "dev", "net0"],
          ["addr", "add", `2001:db8:b${n}::3/64`, "dev", "net0", "nodad"],
          ["route", "replace", "default", "via", `2001:db8:b${n}::1`],
          [
            "-6",
            "route",
            "add",
            "2001:db8:e::/64",
            "encap",
            "seg6",
            "mode",
            "encap.red",
            "segs",
            far,
            "dev",
            "net0",
          ],
          [
            "-6",
            "route",
            "add",
            endpointOf(n),
            "encap",
            "seg6local",
            "action",
            "End.DX6",
            "nh6",
            "::",
            "dev",
            "net0",
          ],
        ];
    if (!hasTunnels) {
      // Its router has no such address, and yet hears what is for it.
      ip(["-6", "route", "add", endpointOf(n), "via", `2001:db8:b${n}::3`, "dev", `to-${n}`]);
      const settings = ["all", "net0"].map((dev) => `net.ipv6.conf.${dev}.seg6_enabled=1`);
      ip([
        "netns",
        "exec",
        nameOf(String(n)),
        "sysctl",
        "-qw",
        ...settings,
        "net.ipv6.conf.all.forwarding=1",
      ]);
      ip(["netns", "exec", nameOf(String(n)), "ip", "sr", "tunsrc", "set", endpointOf(n)]);
    }
    for (const args of home) ip(["-n", nameOf(String(n)), ...args]);
    const lan = nameOf(`${n}l`);
    ip([
      "-n",
      nameOf(String(n)),
      "link",
      "add",
      "lan0",
      "type",
      "veth",
      "peer",
      "name",
      "net0",
      "netns",
      lan,
    ]);
    for (const args of [
      ["link", "set", "lan0", "up"],
      ["addr", "add", "fe80::1/64", "dev", "lan0", "nodad"],
      ["-6", "route", "add", `${addressOf(n)}/128`, "dev", "lan0"],
    ])
      ip(["-n", nameOf(String(n)), ...args]);
    for (const args of [
      ["link", "set", "net0", "up"],
      ["addr", "add", `${addressOf(n)}/128`, "dev", "net0", "nodad"],
      // An address of the other user's.
      ["addr", "add", `2001:db8:f${3 - n}::bad/128`, "dev", "net0", "nodad"],
      ["route", "add", "default", "via", "fe80::1", "dev", "net0"],
    ])
      ip(["-n", lan, ...args]);
  }
  /** Echoes of three that came back. */
  const answered = (node: string, source: string, target: string, ...more: readonly string[]): number => {
    const ping = ["ping", "-6", "-c", "3", "-i", "0.2", "-W", "1", "-I", source, ...more, target];
    const { stdout } = spawnSync("ip", ["netns", "exec", nameOf(node), ...ping], { encoding: "utf8" });
    return Number(/(\d+) received/.exec(stdout)?.[1] ?? -1);
  };
  const dropped = (name: string): number => {
    const { stdout } = spawnSync("nft", ["list", "counter", "inet", "vsix", name], { encoding: "utf8" });
    return Number(/packets (\d+)/.exec(stdout)?.[1] ?? -1);
  };

  test("what a part says is made, and planned no more", () =>
    withKernel(async (netlink, links) => {
      const first = await serveUsers(netlink, links, access, "to-w");
      assert.deepEqual(first.failed, []);
      assert.deepEqual(first.planned, {
        nftables: 1,
        tunnel: hasTunnels ? 1 : 0,
        "sr-source": 1,
        nexthop: 2,
        route: hasTunnels ? 3 : 2,
        rule: 1,
        sid: 1,
      });
      const again = await serveUsers(netlink, links, access, "to-w");
      assert.deepEqual(again.planned, {
        nftables: 0,
        tunnel: 0,
        "sr-source": 0,
        nexthop: 0,
        route: 0,
        rule: 0,
        sid: 0,
      });
    }));

  test("users reach the world from their own prefix, with a device here or without", () => {
    for (const n of users) {
      assert.equal(answered(`${n}l`, addressOf(n), WORLD), 3, `user ${n} out`);
      assert.equal(answered("w", WORLD, addressOf(n)), 3, `user ${n} in`);
    }
  });

  test("nothing but a user's own prefix leaves its tunnel", () => {
    for (const n of users) {
      const other = 3 - n;
      const before = dropped("drop-access-source");
      assert.equal(answered(`${n}l`, `2001:db8:f${other}::bad`, WORLD), 0);
      assert.equal(dropped("drop-access-source") - before, 3, `user ${n}`);
    }
  });

  test("who is no user does not reach the SID", () => {
    const before = dropped("drop-access-stranger");
    assert.equal(answered("3l", addressOf(3), WORLD), 0);
    assert.equal(dropped("drop-access-stranger") - before, 3);
  });

  test("what does not fit is answered with Packet Too Big, and what fits exactly gets through", () => {
    for (const n of users) {
      const target = addressOf(n);
      const ping = [
        "ping",
        "-6",
        "-c",
        "2",
        "-i",
        "0.2",
        "-W",
        "1",
        "-M",
        "do",
        "-s",
        "1452",
        "-I",
        WORLD,
        target,
      ];
      const { stdout } = spawnSync("ip", ["netns", "exec", nameOf("w"), ...ping], { encoding: "utf8" });
      assert.match(
        stdout,
        /Packet too big: mtu=1460|message too long, mtu[=:] ?1460/,
        `user ${n}: ${stdout}`,
      );
      assert.equal(answered("w", WORLD, target, "-s", "1412"), 3, "what fits exactly gets through");
    }
  });

  test("a SYN asks for no more than fits, in either direction", () => {
    const at = (node: string, file: string, ...args: readonly string[]): string =>
      ip(["netns", "exec", nameOf(node), file, ...args]);
    for (const n of users) {
      for (const [from, source, to, target] of [
        [`${n}l`, addressOf(n), "w", WORLD],
        ["w", WORLD, `${n}l`, addressOf(n)],
      ] as const) {
        at(
          to,
          "nft",
          "add table inet seen; add counter inet seen fits; add chain inet seen in { type filter hook input priority 0; }",
        );
        at(to, "nft", "add rule inet seen in tcp flags syn tcp option maxseg size 1400 counter name fits");
        const connect = `require("net").connect({ host: "${target}", port: 9, localAddress: "${source}" }).on("error", () => {})`;
        at(from, process.execPath, "-e", connect);
        assert.match(at(to, "nft", "list counter inet seen fits"), /packets 1 /, `${source} to ${target}`);
        at(to, "nft", "delete table inet seen");
      }
    }
  });

  test("a user who is revoked is cut off at once; the others notice nothing", () =>
    withKernel(async (netlink, links) => {
      const only = { ...access, srv6: [] };
      const { failed, planned } = await serveUsers(netlink, links, only, "to-w");
      assert.deepEqual(failed, []);
      assert.equal(planned["tunnel"], 0);
      assert.equal(answered("2l", addressOf(2), WORLD), 0);
      if (hasTunnels) assert.equal(answered("1l", addressOf(1), WORLD), 3);
      await serveUsers(netlink, links, { ...access, tunnels: [] }, "to-w");
      if (hasTunnels) assert.equal(answered("1l", addressOf(1), WORLD), 0);
      assert.equal(answered("2l", addressOf(2), WORLD), 3);
    }));
}
