import assert from "node:assert/strict";
import { test } from "node:test";
import { sidDriver } from "../../agent/src/resources/sid/driver.ts";
import { type SidObject, sidKind } from "../../agent/src/resources/sid/model.ts";
import { insideNamespace, ip, veth } from "./in-namespace.ts";
import { assertKernelLaw, observe, reconcile, withKernel } from "./law.ts";

if (await insideNamespace("sid", import.meta.url)) {
  veth("v0", "v1");
  ip(["addr", "add", "2001:db8::/127", "dev", "v0", "nodad"]);

  const dev = "v1";
  const desired: SidObject[] = [
    { sid: "2001:db8:FF::1/128", behavior: "End", dev },
    { sid: "2001:db8:ff::2/128", behavior: "End.X", nextHop: "2001:db8::1", interface: "v0", dev },
    { sid: "2001:db8:ff::3", behavior: "End.DX6", nextHop: "2001:db8::1", interface: "v0", dev },
    { sid: "2001:db8:ff::4/128", behavior: "End.DX6", nextHop: "::", dev },
    { sid: "2001:db8:ff::5/128", behavior: "End.DT6", table: 254, dev },
    { sid: "2001:db8:ff::6/128", behavior: "End.DT6", table: 7700, dev },
    { sid: "2001:db8:ff:7::/64", behavior: "End", dev },
  ];

  test("SIDs obey the kernel law and ip(8) sees the same; foreign ones and plain routes survive", async () => {
    ip([
      "-6",
      "route",
      "add",
      "2001:db8:fe::1/128",
      "encap",
      "seg6local",
      "action",
      "End",
      "dev",
      dev,
      "proto",
      "99",
    ]);
    ip(["-6", "route", "add", "2001:db8:fe::2/128", "dev", dev, "proto", "118"]);
    await withKernel((netlink, links) =>
      assertKernelLaw(
        sidKind,
        () => sidDriver(netlink, links),
        desired,
        () => {
          const line = (sid: string): string => ip(["-6", "route", "show", sid, "proto", "118"]);
          assert.match(line("2001:db8:ff::1"), /encap seg6local action End .*dev v1/);
          assert.match(line("2001:db8:ff::2"), /action End\.X nh6 2001:db8::1 .*dev v1/);
          assert.match(line("2001:db8:ff::3"), /action End\.DX6 nh6 2001:db8::1 .*dev v1/);
          assert.match(line("2001:db8:ff::5"), /action End\.DT6 table main .*dev v1/);
          assert.match(line("2001:db8:ff::6"), /action End\.DT6 table 7700 .*dev v1/);
          assert.match(ip(["-6", "-s", "route", "show", "2001:db8:ff::1"]), /packets 0 bytes 0 errors 0/);
        },
      ),
    );
    assert.notEqual(ip(["-6", "route", "show", "2001:db8:fe::1"]), "");
    assert.notEqual(ip(["-6", "route", "show", "2001:db8:fe::2"]), "");
  });

  test("a SID turns from a cross-connect into a lookup in place", async () => {
    await withKernel(async (netlink, links) => {
      const driver = sidDriver(netlink, links);
      await reconcile(sidKind, driver, [
        { sid: "2001:db8:ff::9/128", behavior: "End.DX6", nextHop: "2001:db8::1", dev },
      ]);
      const lookup: SidObject = { sid: "2001:db8:ff::9/128", behavior: "End.DT6", table: 254, dev };
      const { changes } = await reconcile(sidKind, driver, [lookup]);
      assert.deepEqual(
        changes.map(({ op }) => op),
        ["replace"],
      );
      assert.deepEqual(await observe(driver), [lookup]);
      await reconcile(sidKind, driver, []);
    });
  });

  test("what Linux would drop in silence or refuse is refused with a reason", async () => {
    await withKernel(async (netlink, links) => {
      const { outcomes } = await reconcile(sidKind, sidDriver(netlink, links), [
        { sid: "2001:db8:ff::1/128", behavior: "End.DX6", nextHop: "fe80::1", interface: "v0", dev },
        { sid: "2001:db8:ff::2/128", behavior: "End.DT6", dev },
        { sid: "2001:db8:ff::3/128", behavior: "End", dev: "nowhere" },
      ]);
      const reasons = outcomes.map((outcome) => (outcome.ok ? "done" : `${outcome.errno} ${outcome.reason}`));
      assert.match(reasons[0] ?? "", /^22 .*End\.DT6/);
      assert.match(reasons[1] ?? "", /^22 /);
      assert.equal(reasons[2], "19 no interface nowhere (ENODEV)");
    });
  });
}
