import assert from "node:assert/strict";
import { test } from "node:test";
import { nexthopDriver } from "../../agent/src/resources/nexthop/driver.ts";
import { nexthopKind } from "../../agent/src/resources/nexthop/model.ts";
import { routeDriver } from "../../agent/src/resources/route/driver.ts";
import { type RouteObject, routeKind } from "../../agent/src/resources/route/model.ts";
import { insideNamespace, ip, ipJson, veth } from "./in-namespace.ts";
import { assertKernelLaw, observe, reconcile, withKernel } from "./law.ts";

if (await insideNamespace("route", import.meta.url)) {
  veth("v0", "v1");
  ip(["addr", "add", "2001:db8::/127", "dev", "v0", "nodad"]);
  ip(["nexthop", "add", "id", "1", "via", "fe80::1", "dev", "v0", "proto", "118"]);
  ip(["nexthop", "add", "id", "2", "via", "fe80::2", "dev", "v0", "proto", "118"]);
  ip(["-6", "nexthop", "add", "id", "3", "blackhole", "proto", "118"]);

  const main = { table: 254, metric: 20 } as const;
  const desired: RouteObject[] = [
    { ...main, prefix: "2001:db8:1::/48", type: "unicast", nexthopId: 1 },
    { ...main, prefix: "2001:DB8:2:0::/48", type: "unicast", via: "FE80::1", interface: "v0" },
    { ...main, prefix: "2001:db8:3::/48", type: "unicast", via: "2001:db8::1" },
    { ...main, prefix: "2001:db8:4::5/48", type: "unicast", interface: "v1" },
    { ...main, prefix: "2001:db8:5::/48", metric: 0, type: "unicast", nexthopId: 2 },
    { ...main, prefix: "2001:db8::/32", metric: 4_000_000, type: "blackhole" },
    { ...main, prefix: "2001:db8:6::/48", type: "unreachable" },
    { ...main, prefix: "::/0", type: "unicast", nexthopId: 1 },
    { table: 7600, metric: 20, prefix: "2001:db8:1::/48", type: "unicast", nexthopId: 2 },
    { table: 7700, metric: 1024, prefix: "::/0", type: "unicast", via: "fe80::7", interface: "v1" },
    { ...main, prefix: "2001:db8:8::/48", type: "unicast", nexthopId: 3 },
    { ...main, prefix: "2001:db8:1::/48", metric: 30, type: "unreachable" },
    { ...main, prefix: "2001:db8:9::/48", type: "unicast", nexthopId: 1, source: "2001:DB8:0::" },
    { ...main, table: 0x860001, prefix: "3fff::/32", type: "unicast", nexthopId: 1, mtu: 1460 },
  ];

  test("routes obey the kernel law and ip(8) sees the same; foreign ones survive", async () => {
    const foreign = [
      ["2001:db8:1::/48", "dev", "v1", "proto", "bird", "metric", "19"],
      ["::/0", "via", "2001:db8::1", "dev", "v0", "proto", "static"],
      ["2001:db8:99::/48", "dev", "v1", "table", "7600", "proto", "static"],
      ["2001:db8:ff::1/128", "encap", "seg6local", "action", "End", "dev", "v0", "proto", "118"],
    ];
    for (const route of foreign) ip(["-6", "route", "add", ...route]);
    await withKernel((netlink, links) =>
      assertKernelLaw(
        routeKind,
        () => routeDriver(netlink, links),
        desired,
        () => {
          const seen = new Map(
            ipJson(["-6", "route", "show", "table", "all", "proto", "118"]).map((r) => [
              routeKind.key({
                table: Number(r["table"] ?? 254),
                prefix: r["dst"] === "default" ? "::/0" : String(r["dst"]),
                metric: Number(r["metric"]),
                type: "unicast",
              }),
              r,
            ]),
          );
          for (const wanted of desired.map(routeKind.normalise)) {
            const key = routeKind.key(wanted);
            const found = seen.get(key);
            assert.ok(found !== undefined, key);
            assert.equal(found["nhid"], wanted.nexthopId, key);
            if (wanted.via !== undefined) assert.equal(found["gateway"], wanted.via);
            if (wanted.interface !== undefined) assert.equal(found["dev"], wanted.interface);
            if (wanted.source !== undefined) assert.equal(found["prefsrc"], wanted.source);
            if (wanted.type !== "unicast") assert.equal(found["type"], wanted.type);
          }
          assert.equal(seen.size, desired.length + 1);
        },
      ),
    );
    for (const route of foreign) ip(["-6", "route", "del", ...route]);
  });

  test("a changed route is replaced, whatever it becomes", async () => {
    await withKernel(async (netlink, links) => {
      const driver = routeDriver(netlink, links);
      const at = { ...main, prefix: "2001:db8:1::/48" };
      const forms: RouteObject[] = [
        { ...at, type: "unicast", nexthopId: 1 },
        { ...at, type: "blackhole" },
        { ...at, type: "unicast", via: "fe80::1", interface: "v0" },
        { ...at, type: "unicast", nexthopId: 2 },
        { ...at, type: "unicast", via: "fe80::2", interface: "v0" },
        { ...at, type: "unicast", interface: "v1" },
        { ...at, type: "unreachable" },
        { ...at, type: "unicast", nexthopId: 3 },
        { ...at, type: "unicast", nexthopId: 1 },
      ];
      for (const form of forms) {
        const { outcomes } = await reconcile(routeKind, driver, [form]);
        assert.deepEqual(
          outcomes.map(({ ok }) => ok),
          [true],
          routeKind.describe(form),
        );
        assert.deepEqual((await reconcile(routeKind, driver, [form])).changes, [], routeKind.describe(form));
        assert.equal((await observe(driver)).length, 1);
      }
      await reconcile(routeKind, driver, []);
    });
  });

  test("a create does not take the place of somebody else's route", async () => {
    ip(["-6", "route", "add", "2001:db8:1::/48", "dev", "v1", "proto", "bird", "metric", "20"]);
    await withKernel(async (netlink, links) => {
      const { outcomes } = await reconcile(routeKind, routeDriver(netlink, links), desired.slice(0, 2));
      assert.equal(outcomes[0]?.ok === false && outcomes[0].errno, 17);
      assert.equal(outcomes[1]?.ok, true);
      assert.equal(ipJson(["-6", "route", "show", "2001:db8:1::/48"]).length, 1);
      await reconcile(routeKind, routeDriver(netlink, links), []);
    });
    ip(["-6", "route", "del", "2001:db8:1::/48", "metric", "20"]);
  });

  test("among thousands of routes each refusal is told by its own errno, and all others are made", async () => {
    await withKernel(async (netlink, links) => {
      const driver = routeDriver(netlink, links);
      const many = Array.from(
        { length: 3000 },
        (_, i): RouteObject => ({
          ...main,
          prefix: i % 1000 === 7 ? `2001:db8:${i.toString(16)}::/129` : `2001:db8:${i.toString(16)}::/48`,
          type: "unicast",
          nexthopId: i % 500 === 499 ? 777 : 1,
        }),
      );
      const { outcomes } = await reconcile(routeKind, driver, many);
      const failed = outcomes.flatMap((o, i) => (o.ok ? [] : [`${i} ${o.errno}`]));
      assert.deepEqual(failed, [
        "7 22",
        "499 22",
        "999 22",
        "1007 22",
        "1499 22",
        "1999 22",
        "2007 22",
        "2499 22",
        "2999 22",
      ]);
      const refused = outcomes[499];
      assert.match(refused?.ok === false ? refused.reason : "", /Nexthop id does not exist \(EINVAL\)/);
      assert.equal((await observe(driver)).length, 3000 - failed.length);
      const again = await reconcile(routeKind, driver, many);
      assert.equal(again.changes.length, failed.length);
      await reconcile(routeKind, driver, []);
    });
  });

  test("routes that the kernel removed with a link in silence are not observed, and come back", async () => {
    ip(["nexthop", "flush"]);
    await withKernel(async (netlink, links) => {
      const nexthops = [{ id: 5, via: "fe80::1", interface: "v0" }];
      const routes: RouteObject[] = [
        { ...main, prefix: "2001:db8:1::/48", type: "unicast", nexthopId: 5 },
        { ...main, prefix: "2001:db8:2::/48", type: "blackhole" },
      ];
      const both = async () => [
        (await reconcile(nexthopKind, nexthopDriver(netlink, links), nexthops)).changes.length,
        (await reconcile(routeKind, routeDriver(netlink, links), routes)).changes.length,
      ];
      assert.deepEqual(await both(), [1, 2]);
      ip(["link", "set", "v0", "down"]);
      assert.deepEqual(
        (await observe(routeDriver(netlink, links))).map(({ type }) => type),
        ["blackhole"],
      );
      ip(["link", "set", "v0", "up"]);
      assert.deepEqual(await both(), [1, 1]);
      assert.deepEqual(await both(), [0, 0]);
    });
  });
}
