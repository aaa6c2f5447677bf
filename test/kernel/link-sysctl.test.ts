import assert from "node:assert/strict";
import { test } from "node:test";
import { LinkTable } from "../../agent/src/io/links.ts";
import { NetlinkSocket } from "../../agent/src/io/netlink.ts";
import { linkDriver } from "../../agent/src/resources/link/driver.ts";
import { type LinkObject, linkKind } from "../../agent/src/resources/link/model.ts";
import { sysctlDriver } from "../../agent/src/resources/sysctl/driver.ts";
import { type SysctlObject, sysctlKind } from "../../agent/src/resources/sysctl/model.ts";
import { insideNamespace, ip, ipJson, veth } from "./in-namespace.ts";
import { apply, observe, reconcile, withKernel } from "./law.ts";

if (await insideNamespace("link", import.meta.url)) {
  veth("v0", "v1");

  test("links are set as desired, planned no more, and never made or removed", async () => {
    const desired: LinkObject[] = [
      { name: "v0", mtu: 9000, up: true },
      { name: "v1", mtu: 1280, up: false },
      { name: "lo", mtu: 65536, up: true },
    ];
    const wanted = new Set(["v0", "v1", "lo", "v9"]);
    await withKernel(async (netlink, links) => {
      const driver = linkDriver(netlink, links, () => wanted);
      const { changes } = await reconcile(linkKind, driver, desired);
      assert.deepEqual(
        changes.map(({ key }) => key),
        ["v0", "v1"],
      );
      assert.deepEqual((await reconcile(linkKind, driver, desired)).changes, []);
      const seen = ipJson(["link", "show", "v1"])[0] ?? {};
      assert.deepEqual([seen["mtu"], String(seen["flags"]).includes("UP")], [1280, false]);
      const missing = await reconcile(linkKind, driver, [...desired, { name: "v9", mtu: 1500, up: true }]);
      assert.deepEqual(missing.outcomes, [
        { key: "v9", ok: false, errno: 19, reason: "no interface v9 (ENODEV)" },
      ]);
      const tiny = await reconcile(linkKind, driver, [
        ...desired.slice(1),
        { name: "v0", mtu: 10, up: true },
      ]);
      assert.equal(tiny.outcomes[0]?.ok === false && tiny.outcomes[0].errno, 22);
      assert.match(
        (tiny.outcomes[0]?.ok === false && tiny.outcomes[0].reason) || "",
        /^MTU 10: .*\(EINVAL\)$/,
      );
      await apply(driver, [{ op: "delete", key: "v0", observed: { name: "v0", mtu: 9000, up: true } }]);
      assert.equal(ipJson(["link", "show", "v0"])[0]?.["mtu"], 9000);
    });
  });

  test("a link whose MTU the kernel refuses is brought up all the same, and only the MTU is still planned", async () => {
    veth("m0", "m1");
    const desired: LinkObject[] = [
      { name: "m0", mtu: 100_000, up: true },
      { name: "m1", mtu: 1400, up: true },
    ];
    await withKernel(async (netlink, links) => {
      const driver = linkDriver(netlink, links, () => new Set(["m0", "m1"]));
      const { outcomes } = await reconcile(linkKind, driver, desired);
      const [refused, done] = outcomes;
      assert.ok(refused?.ok === false);
      assert.deepEqual([refused.key, refused.errno], ["m0", 22]);
      assert.match(refused.reason, /^MTU 100000: .*\(EINVAL\)$/);
      assert.deepEqual(done, { key: "m1", ok: true });
      const seen = (await observe(driver)).toSorted((one, other) => (one.name < other.name ? -1 : 1));
      assert.deepEqual(seen, [
        { name: "m0", mtu: 1500, up: true },
        { name: "m1", mtu: 1400, up: true },
      ]);
      const { changes } = await reconcile(linkKind, driver, desired);
      assert.deepEqual(
        changes.map(({ op, key }) => [op, key]),
        [["replace", "m0"]],
      );
    });
  });

  test("the table of links follows devices that come, change, are renamed and go", async () => {
    await using netlink = NetlinkSocket.open();
    await using links = await LinkTable.open(netlink);
    const until = async (what: string, holds: () => boolean): Promise<void> => {
      const { promise, resolve } = Promise.withResolvers<void>();
      const stop = links.onChange(() => {
        if (holds()) resolve();
      });
      const timer = setTimeout(() => assert.fail(`never: ${what}`), 60_000);
      if (!holds()) await promise;
      clearTimeout(timer);
      stop();
    };
    ip(["link", "add", "a0", "type", "veth", "peer", "name", "a1"]);
    await until("both are there", () => links.get("a0") !== undefined && links.get("a1") !== undefined);
    assert.deepEqual([links.get("a0")?.up, links.get("a0")?.carrier], [false, false]);
    ip(["link", "set", "a0", "up"]);
    ip(["link", "set", "a1", "up"]);
    await until("carrier", () => links.get("a0")?.carrier === true);
    ip(["link", "set", "a1", "down"]);
    await until("no carrier", () => links.get("a0")?.carrier === false && links.get("a0")?.up === true);
    ip(["link", "set", "a1", "name", "b1"]);
    await until("renamed", () => links.get("b1") !== undefined && links.get("a1") === undefined);
    ip(["link", "add", "br0", "type", "bridge"]);
    ip(["link", "set", "a0", "master", "br0"]);
    ip(["link", "set", "a0", "nomaster"]);
    ip(["link", "del", "br0"]);
    await until("bridge gone", () => links.get("br0") === undefined);
    assert.ok(links.get("a0") !== undefined, "leaving a bridge is not going away");
    ip(["link", "del", "a0"]);
    await until("gone", () => links.get("a0") === undefined && links.get("b1") === undefined);
  });

  test("sysctls are set in this namespace, planned no more, and stay when no longer asked for", async () => {
    const desired: SysctlObject[] = [
      { path: "net/ipv6/conf/all/forwarding", value: "1" },
      { path: "net/ipv6/conf/v0/keep_addr_on_down", value: "1 " },
      { path: "net/ipv4/ip_local_port_range", value: "20000 30000" },
    ];
    const driver = sysctlDriver(() => desired.map(({ path }) => path));
    assert.equal((await reconcile(sysctlKind, driver, desired)).changes.length, 3);
    assert.deepEqual((await reconcile(sysctlKind, driver, desired)).changes, []);
    assert.equal((await observe(driver)).length, 3);
    const missing = await apply(driver, [
      { op: "create", key: "m", desired: { path: "net/ipv6/conf/none/forwarding", value: "1" } },
    ]);
    assert.deepEqual(
      missing.map((o) => (o.ok ? 0 : o.errno)),
      [2],
    );
    // Absent below net/, so that even a driver that let it through would write nothing.
    const outside = await apply(driver, [
      { op: "create", key: "e", desired: { path: "net/../vsix-absent/x", value: "1" } },
    ]);
    assert.deepEqual(
      outside.map((o) => (o.ok ? 0 : o.errno)),
      [22],
    );
    assert.equal((await reconcile(sysctlKind, driver, desired)).changes.length, 0);
    const wrong = await reconcile(sysctlKind, driver, [
      { path: "net/ipv6/conf/all/forwarding", value: "many" },
    ]);
    assert.equal(wrong.outcomes.find(({ ok }) => !ok)?.key, "net/ipv6/conf/all/forwarding");
  });
}
