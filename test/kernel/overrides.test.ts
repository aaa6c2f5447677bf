import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import type { EpeClass, EpePart } from "@vsix/shared/contract/part-epe.ts";
import type { FabricPart } from "@vsix/shared/contract/part-fabric.ts";
import { compileKernel } from "../../agent/src/core/compile/kernel.ts";
import type { OverrideOrders } from "../../agent/src/core/compile/overrides.ts";
import { compileFilters } from "../../agent/src/core/filters.ts";
import { TABLE_MAIN } from "../../agent/src/core/ownership.ts";
import { nexthopDriver } from "../../agent/src/resources/nexthop/driver.ts";
import { nexthopKind } from "../../agent/src/resources/nexthop/model.ts";
import { nftablesDriver } from "../../agent/src/resources/nftables/driver.ts";
import { nftablesKind } from "../../agent/src/resources/nftables/model.ts";
import { routeDriver } from "../../agent/src/resources/route/driver.ts";
import { routeKind } from "../../agent/src/resources/route/model.ts";
import { ruleDriver } from "../../agent/src/resources/rule/driver.ts";
import { ruleKind } from "../../agent/src/resources/rule/model.ts";
import { Namespaces, ping, route, run, settle } from "../nftables/namespaces.ts";
import { insideNamespace, ip, ipJson } from "./in-namespace.ts";
import { reconcile, withKernel } from "./law.ts";

/**
 * The headend is this namespace: ports e0 and e1 to two Edges, x0 to an External Edge whose three SIDs count what they decapsulate;
 * what is not steered goes to it plainly.
 */
const SIDS = ["2001:db8:ff:7::1", "2001:db8:ff:7::2", "2001:db8:ff:7::3"] as const;
const HOSTS = ["2001:db8:1::1", "2001:db8:1:8::1"] as const;
const TARGET = "3fff:1::1";
const OTHER = "3fff:2::1";
const EF = 46;

const port = (
  name: string,
  faces: FabricPart["interfaces"][number]["faces"],
  net: string,
): FabricPart["interfaces"][number] => ({
  name,
  mtu: 1500,
  addresses: [`${net}/127`],
  faces,
  peer: name,
  peerAddress: `${net}1`,
  sources: ["2001:db8:1::/48", "2001:db8:2::/48"],
});
const FABRIC: FabricPart = {
  version: 1,
  node: { name: "r1", role: "plane", id: 1, site: "here", plane: "blue", loopback: "2001:db8::1" },
  loopbackAddresses: [],
  interfaces: [
    port("e0", "edge", "2001:db8:f0::"),
    port("e1", "edge", "2001:db8:f1::"),
    port("x0", "external-edge", "2001:db8:f2::"),
  ],
  sids: [],
  blackholes: [],
  overrides: [],
  planeMtu: 9000,
  sidBlock: "2001:db8:ff::/48",
};
const override = (prefix: string, sid: string): EpeClass["overrides"][number] => ({
  prefix,
  peer: "xe/wide",
  segments: [sid],
});
const CLASSES: readonly EpeClass[] = [
  {
    name: "voice",
    match: { sources: ["2001:db8:1::/64"], dscp: EF },
    interfaces: ["e0"],
    overrides: [override("3fff:1::/32", SIDS[0])],
  },
  {
    name: "game",
    match: { protocol: 17, ports: { from: 5000, to: 5001 } },
    interfaces: ["e0"],
    overrides: [override("3fff:1::/32", SIDS[1])],
  },
  {
    name: "default",
    match: {},
    interfaces: ["e0"],
    overrides: [override("3fff:1::/32", SIDS[2]), override("3fff:2::/32", SIDS[2])],
  },
];

/** Makes the kernel what these orders say, in the order of the reconciler; how many changes each kind took. */
async function apply(
  orders: Partial<OverrideOrders> & { readonly classes?: readonly EpeClass[] },
  fabric: FabricPart = FABRIC,
): Promise<Readonly<Record<string, number>>> {
  const epe: EpePart = { version: 1, classes: [...(orders.classes ?? CLASSES)], keepS: 0 };
  const all: OverrideOrders = { epe, off: orders.off ?? false, aged: orders.aged ?? false };
  const links = new Map(FABRIC.interfaces.map(({ name }) => [name, { usable: true }]));
  const made = compileKernel(fabric, links, () => true, undefined, all);
  const counts: Record<string, number> = {};
  await withKernel(async (netlink, table) => {
    const filters = nftablesDriver();
    const wanted = nftablesKind.normalise(compileFilters(fabric, epe));
    counts["nftables"] = (await reconcile(nftablesKind, filters, [wanted])).changes.length;
    const results = {
      nexthop: await reconcile(nexthopKind, nexthopDriver(netlink, table), made.nexthops),
      route: await reconcile(
        routeKind,
        routeDriver(netlink, table),
        made.routes.filter((one) => one.table !== TABLE_MAIN),
      ),
      rule: await reconcile(ruleKind, ruleDriver(netlink, table), made.rules),
    };
    for (const [kind, { changes, outcomes }] of Object.entries(results)) {
      assert.deepEqual(
        outcomes.filter(({ ok }) => !ok),
        [],
        kind,
      );
      counts[kind] = changes.length;
    }
  });
  return counts;
}

if (await insideNamespace("overrides", import.meta.url)) {
  const namespaces = new Namespaces("o");
  const [edge0, edge1, core] = [namespaces.add("edge0"), namespaces.add("edge1"), namespaces.add("core")];
  test.after(() => namespaces[Symbol.dispose]());
  for (const key of ["all.forwarding=1", "all.seg6_enabled=1", "default.seg6_enabled=1"])
    run("sysctl", "-qw", `net.ipv6.conf.${key}`);
  for (const [ns, name, net] of [
    [edge0, "e0", "2001:db8:f0::"],
    [edge1, "e1", "2001:db8:f1::"],
    [core, "x0", "2001:db8:f2::"],
  ] as const) {
    ip(["link", "add", name, "type", "veth", "peer", "name", "wan", "netns", ns]);
    ip(["addr", "add", `${net}/127`, "dev", name, "nodad"]);
    ip(["link", "set", name, "up"]);
    ip(["-n", ns, "addr", "add", `${net}1/127`, "dev", "wan", "nodad"]);
    ip(["-n", ns, "link", "set", "wan", "up"]);
    route(ns, "default", "via", net);
  }
  for (const host of HOSTS) ip(["-n", edge0, "addr", "add", `${host}/128`, "dev", "lo", "nodad"]);
  ip(["-n", edge1, "addr", "add", "2001:db8:2::1/128", "dev", "lo", "nodad"]);
  for (const host of [TARGET, OTHER]) ip(["-n", core, "addr", "add", `${host}/128`, "dev", "lo", "nodad"]);
  ip(["-6", "route", "add", "2001:db8:1::/48", "via", "2001:db8:f0::1"]);
  ip(["-6", "route", "add", "2001:db8:2::/48", "via", "2001:db8:f1::1"]);
  ip(["-6", "route", "add", "default", "via", "2001:db8:f2::1"]);
  for (const sid of SIDS)
    route(core, sid, "encap", "seg6local", "action", "End.DT6", "table", "255", "count", "dev", "wan");
  settle(edge0, HOSTS[0], TARGET);
  settle(edge1, "2001:db8:2::1", TARGET);

  /** Packets that each SID has taken. */
  const taken = (): readonly number[] =>
    SIDS.map((sid) => {
      const text = run("ip", "-n", core, "-s", "-6", "route", "show", `${sid}/128`);
      return Number(/packets (\d+)/.exec(text)?.[1]);
    });
  /** By which SID packets went, or none of them. */
  const way = (send: () => number): readonly number[] => {
    const before = taken();
    assert.equal(send(), 3, "answered");
    return taken().map((count, i) => count - (before[i] ?? 0));
  };
  const echo =
    (ns: string, from: string, to: string, dscp = 0) =>
    (): number => {
      const args = ["netns", "exec", ns, "ping", "-6", "-n", "-c", "3", "-i", "0.05", "-W", "0.5"];
      const { stdout } = spawnSync("ip", [...args, "-Q", String(dscp << 2), "-I", from, to], {
        encoding: "utf8",
      });
      return Number(/(\d+) received/.exec(stdout)?.[1]);
    };
  /** Three datagrams from edge0, each refused by a port unreachable, which is the answer. */
  const datagrams = (destinationPort: number) => (): number => {
    const program = `
      const socket = require("node:dgram").createSocket("udp6");
      socket.bind(0, "${HOSTS[0]}", async () => {
        for (let i = 0; i < 3; i++) {
          await new Promise((done) => socket.send("x", ${destinationPort}, "${TARGET}", done));
          await new Promise((done) => setTimeout(done, 20));
        }
        console.log(3);
        process.exit(0);
      });`;
    return Number(run("ip", "netns", "exec", edge0, process.execPath, "-e", program));
  };

  test("classes go by their own ways: by source and DSCP, by port, and the rest; in order, and falling through", async () => {
    ip(["-6", "rule", "add", "priority", "7604", "iif", "e1", "lookup", "main"]);
    ip(["-6", "route", "add", "blackhole", "3fff:9::/32", "table", "7733249", "proto", "99"]);
    await apply({});
    assert.deepEqual(way(echo(edge0, HOSTS[0], TARGET, EF)), [3, 0, 0]);
    assert.deepEqual(way(echo(edge0, HOSTS[1], TARGET, EF)), [0, 0, 3], "another source");
    assert.deepEqual(way(echo(edge0, HOSTS[0], TARGET)), [0, 0, 3], "without DSCP");
    assert.deepEqual(way(echo(edge0, HOSTS[0], OTHER, EF)), [0, 0, 3], "voice has no override for it");
    assert.deepEqual(way(datagrams(5001)), [0, 3, 0]);
    assert.deepEqual(way(datagrams(5002)), [0, 0, 3], "another port");
    assert.deepEqual(way(echo(edge1, "2001:db8:2::1", TARGET, EF)), [0, 0, 0], "a port that no class is for");
    assert.deepEqual(way(echo(core, "2001:db8:f2::1", HOSTS[0])), [0, 0, 0], "from inside");
  });

  test("what was applied is planned no more, by whoever starts; off takes all away and on brings it back", async () => {
    const nothing = { nftables: 0, nexthop: 0, route: 0, rule: 0 };
    assert.deepEqual(await apply({}), nothing);
    await apply({ off: true });
    assert.deepEqual(
      ipJson(["-6", "rule", "show"]).filter(({ protocol }) => protocol === "118"),
      [],
    );
    assert.deepEqual(way(echo(edge0, HOSTS[0], TARGET, EF)), [0, 0, 0]);
    await apply({ aged: true });
    assert.deepEqual(way(echo(edge0, HOSTS[0], TARGET, EF)), [0, 0, 0]);
    await apply({});
    assert.deepEqual(way(echo(edge0, HOSTS[0], TARGET, EF)), [3, 0, 0]);
    assert.deepEqual(await apply({}), nothing);
    assert.equal(ipJson(["-6", "rule", "show", "priority", "7604"]).length, 1, "a foreign rule survives");
    assert.match(ip(["-6", "route", "show", "table", "7733249"]), /3fff:9::\/32/);
  });

  test("an encapsulation taken out behind its nexthop's id, a route and a rule deleted by hand are noticed and put back", async () => {
    const [, id = ""] = /^id (\d+)\s+encap/m.exec(ip(["-6", "nexthop", "show", "proto", "118"])) ?? [];
    ip(["-6", "nexthop", "replace", "id", id, "dev", "x0", "proto", "118"]);
    const [rule] = ipJson(["-6", "-N", "rule", "show", "priority", "7603"]);
    const table = String(rule?.["table"]);
    ip(["-6", "route", "del", "3fff:1::/32", "table", table]);
    ip(["-6", "rule", "del", "priority", "7603"]);
    assert.deepEqual(await apply({}), { nftables: 0, nexthop: 1, route: 1, rule: 1 });
    assert.deepEqual(way(echo(edge0, HOSTS[0], TARGET, EF)), [3, 0, 0]);
    assert.deepEqual(await apply({}), { nftables: 0, nexthop: 0, route: 0, rule: 0 });
  });

  test("over a plane of 1500 octets a packet too large for the encapsulation is answered with its MTU, and one that fits passes", async () => {
    const narrow = { ...FABRIC, planeMtu: 1500 };
    await apply({}, narrow);
    assert.deepEqual(await apply({}, narrow), { nftables: 0, nexthop: 0, route: 0, rule: 0 });
    // As BGP's routes are: by the same neighbour's object, and looked up before.
    const links = new Map(FABRIC.interfaces.map(({ name }) => [name, { usable: true }]));
    const neighbour = compileKernel(FABRIC, links, () => true).nexthopByNeighbour.get("2001:db8:f2::1");
    ip(["-6", "route", "replace", "default", "nhid", String(neighbour)]);
    assert.equal(ping(edge1, "2001:db8:2::1", OTHER).answered, 2);
    const full = (size: number): string => {
      const args = ["netns", "exec", edge0, "ping", "-6", "-n", "-c", "1", "-W", "1", "-M", "do"];
      const { stdout } = spawnSync("ip", [...args, "-s", String(size - 48), "-I", HOSTS[0], TARGET], {
        encoding: "utf8",
      });
      return stdout;
    };
    assert.match(full(1500), /Packet too big: mtu=1460/);
    assert.match(full(1460), /1 received/);
    // Who is not steered has the whole MTU.
    assert.equal(ping(edge1, "2001:db8:2::1", TARGET).answered, 2);
    ip(["-6", "route", "replace", "default", "via", "2001:db8:f2::1"]);
    await apply({});
    assert.deepEqual(await apply({}), { nftables: 0, nexthop: 0, route: 0, rule: 0 });
    await apply({ off: true });
  });
}
