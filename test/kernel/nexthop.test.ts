import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { test } from "node:test";
import { nexthopDriver } from "../../agent/src/resources/nexthop/driver.ts";
import { type NexthopObject, nexthopKind } from "../../agent/src/resources/nexthop/model.ts";
import { insideNamespace, ip, ipJson, veth } from "./in-namespace.ts";
import { apply, assertKernelLaw, observe, reconcile, withKernel } from "./law.ts";

if (await insideNamespace("nexthop", import.meta.url)) {
  veth("v0", "v1");
  ip(["addr", "add", "2001:db8::/127", "dev", "v0", "nodad"]);

  const desired: NexthopObject[] = [
    { id: 1, via: "2001:DB8:0::1", interface: "v0" },
    { id: 2, via: "fe80::1", interface: "v0" },
    { id: 3, blackhole: true },
    { id: 4, interface: "v1" },
    {
      id: 5,
      via: "2001:db8::1",
      interface: "v0",
      encap: { mode: "encap.red", segments: ["2001:db8:FF::1"] },
    },
    { id: 6, interface: "v0", encap: { mode: "encap", segments: ["2001:db8:ff::1", "2001:db8:ff::2"] } },
    {
      id: 7,
      via: "fe80::1",
      interface: "v0",
      encap: { mode: "encap.red", segments: ["2001:db8:ff::1", "2001:db8:ff::2", "2001:db8:ff::3"] },
    },
  ];

  test("nexthops obey the kernel law and ip(8) sees the same; foreign ones survive", async () => {
    ip(["nexthop", "add", "id", "900", "via", "2001:db8::1", "dev", "v0", "proto", "99"]);
    await withKernel((netlink, links) =>
      assertKernelLaw(
        nexthopKind,
        () => nexthopDriver(netlink, links),
        desired,
        () => {
          const seen = ipJson(["-6", "nexthop", "show", "proto", "118"]);
          assert.deepEqual(
            seen.map(({ id }) => id),
            desired.map(({ id }) => id),
          );
          assert.deepEqual([seen[0]?.["gateway"], seen[0]?.["dev"]], ["2001:db8::1", "v0"]);
          assert.ok("blackhole" in (seen[2] ?? {}));
          const text = ip(["-6", "nexthop", "show", "id", "7"]);
          assert.match(
            text,
            /encap seg6 mode encap\.red segs 3 \[ 2001:db8:ff::1 2001:db8:ff::2 2001:db8:ff::3 \]/,
          );
          assert.match(text, /via fe80::1 dev v0/);
        },
      ),
    );
    assert.equal(ipJson(["nexthop", "show", "proto", "99"]).length, 1);
    ip(["nexthop", "del", "id", "900"]);
  });

  test("a changed nexthop is replaced in place and its routes stay", async () => {
    await withKernel(async (netlink, links) => {
      const driver = nexthopDriver(netlink, links);
      await reconcile(nexthopKind, driver, [{ id: 1, via: "2001:db8::1", interface: "v0" }]);
      ip(["-6", "route", "add", "2001:db8:7::/48", "nhid", "1"]);
      const moved: NexthopObject = {
        id: 1,
        via: "fe80::9",
        interface: "v0",
        encap: { mode: "encap.red", segments: ["2001:db8:ff::1"] },
      };
      const { changes, outcomes } = await reconcile(nexthopKind, driver, [moved]);
      assert.equal(changes[0]?.op, "replace");
      assert.deepEqual(outcomes, [{ key: "1", ok: true }]);
      assert.match(ip(["-6", "route", "show", "2001:db8:7::/48"]), /via fe80::9/);
      assert.deepEqual((await reconcile(nexthopKind, driver, [moved])).changes, []);
      await reconcile(nexthopKind, driver, []);
      assert.equal(ip(["-6", "route", "show", "2001:db8:7::/48"]), "");
    });
  });

  test("a create does not take the place of somebody else's nexthop", async () => {
    ip(["nexthop", "add", "id", "901", "via", "2001:db8::1", "dev", "v0", "proto", "99"]);
    await withKernel(async (netlink, links) => {
      const { outcomes } = await reconcile(nexthopKind, nexthopDriver(netlink, links), [
        { id: 901, via: "fe80::1", interface: "v0" },
      ]);
      assert.equal(outcomes[0]?.ok, false);
      assert.equal(outcomes[0]?.ok === false && outcomes[0].errno, 17);
    });
    assert.match(ip(["nexthop", "show", "id", "901"]), /via 2001:db8::1 dev v0 /);
    ip(["nexthop", "del", "id", "901"]);
  });

  test("a refusal carries the errno and the kernel's own words, and the rest is done", async () => {
    await withKernel(async (netlink, links) => {
      const driver = nexthopDriver(netlink, links);
      const { outcomes } = await reconcile(nexthopKind, driver, [
        { id: 10, via: "2001:db8:dead::1", interface: "v0" },
        { id: 11, via: "2001:db8::1", interface: "nowhere" },
        { id: 12, via: "2001:db8::1" },
        { id: 13, encap: { mode: "encap", segments: ["2001:db8::1"] } },
        { id: 14, via: "not an address", interface: "v0" },
        { id: 15, via: "2001:db8::1", interface: "v0" },
      ]);
      const said = outcomes.map((outcome) => (outcome.ok ? "done" : `${outcome.errno} ${outcome.reason}`));
      assert.match(said[0] ?? "", /^113 .*unreachable \(EHOSTUNREACH\)$/);
      assert.equal(said[1], "19 no interface nowhere (ENODEV)");
      assert.match(said[2] ?? "", /^22 Device attribute required .* \(EINVAL\)$/);
      assert.equal(said[3], "22 an encapsulating nexthop needs a gateway or an interface (EINVAL)");
      assert.equal(said[4], '22 not an IPv6 address: "not an address" (EINVAL)');
      assert.equal(said[5], "done");
      await reconcile(nexthopKind, driver, []);
    });
  });

  for (const mode of ["0", "1"]) {
    test(`what the kernel removes with a link in silence is not observed any more (nexthop_compat_mode=${mode})`, async () => {
      writeFileSync("/proc/sys/net/ipv4/nexthop_compat_mode", mode);
      await withKernel(async (netlink, links) => {
        const driver = nexthopDriver(netlink, links);
        const wanted: NexthopObject[] = [
          { id: 1, via: "fe80::1", interface: "v0" },
          { id: 3, blackhole: true },
        ];
        await reconcile(nexthopKind, driver, wanted);
        const down = Promise.withResolvers<void>();
        links.onChange(({ after }) => {
          if (after?.name === "v0" && !after.carrier) down.resolve();
        });
        ip(["link", "set", "v1", "down"]); // carrier of v0
        await down.promise;
        assert.deepEqual(
          (await observe(driver)).map(({ id }) => id),
          [3],
        );
        ip(["link", "set", "v1", "up"]);
        const { outcomes } = await reconcile(nexthopKind, driver, wanted);
        assert.deepEqual(outcomes, [{ key: "1", ok: true }]);
        await apply(driver, [{ op: "delete", key: "3", observed: { id: 3 } }]);
        await reconcile(nexthopKind, driver, []);
      });
    });
  }
}
