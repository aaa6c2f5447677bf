import assert from "node:assert/strict";
import { test } from "node:test";
import { addressDriver } from "../../agent/src/resources/address/driver.ts";
import { type AddressObject, addressKind } from "../../agent/src/resources/address/model.ts";
import { insideNamespace, ip, ipJson, veth } from "./in-namespace.ts";
import { apply, assertKernelLaw, observe, reconcile, withKernel } from "./law.ts";

if (await insideNamespace("address", import.meta.url)) {
  veth("v0", "v1");

  const desired: AddressObject[] = [
    { interface: "lo", address: "2001:DB8::1/128" },
    { interface: "v0", address: "2001:db8:0:1::/127" },
    { interface: "v1", address: "2001:db8:0:1::1/127" },
    { interface: "v0", address: "fd00::1/64" },
  ];
  const keys = new Set(desired.map((object) => addressKind.key(addressKind.normalise(object))));

  test("addresses obey the kernel law and ip(8) sees the same; foreign ones survive", async () => {
    ip(["addr", "add", "2001:db8:f::1/64", "dev", "v0", "nodad"]);
    ip(["addr", "add", "fe80::7/64", "dev", "v0", "nodad"]);
    await withKernel((netlink, links) =>
      assertKernelLaw(
        addressKind,
        () => addressDriver(netlink, links, () => keys),
        desired,
        () => {
          const seen = ipJson(["-6", "addr", "show"]).flatMap(({ ifname, addr_info: info }) =>
            (info as Record<string, unknown>[]).map((a): Record<string, unknown> => ({ ...a, ifname })),
          );
          for (const wanted of desired.map(addressKind.normalise)) {
            const found = seen.find(
              (a) => `${String(a["local"])}/${String(a["prefixlen"])}` === wanted.address,
            );
            assert.equal(found?.["ifname"], wanted.interface);
            assert.equal(found?.["nodad"], true);
            assert.equal(found?.["tentative"], undefined);
          }
        },
      ),
    );
    const left = ip(["-6", "addr", "show", "dev", "v0"]);
    assert.match(left, /2001:db8:f::1\/64/);
    assert.match(left, /fe80::7\/64/);
    ip(["addr", "del", "2001:db8:f::1/64", "dev", "v0"]);
  });

  test("an equal address of somebody else is adopted, never deleted, and one of another length is not touched", async () => {
    ip(["addr", "add", "2001:db8::1/128", "dev", "lo"]);
    ip(["addr", "add", "fd00::1/48", "dev", "v0", "nodad"]);
    await withKernel(async (netlink, links) => {
      const driver = addressDriver(netlink, links);
      assert.deepEqual(await observe(driver), [
        { interface: "lo", address: "2001:db8::1/128", foreign: true },
        { interface: "v0", address: "fd00::1/48", foreign: true },
      ]);
      const { changes, outcomes } = await reconcile(addressKind, driver, desired);
      assert.deepEqual(
        changes.map(({ op }) => op),
        ["create", "create", "replace"],
      );
      assert.deepEqual(
        outcomes.map((o) => (o.ok ? "done" : o.errno)),
        ["done", "done", 17],
      );
      const gone = await apply(driver, [
        {
          op: "delete",
          key: "lo 2001:db8::1",
          observed: { interface: "lo", address: "2001:db8::1/128", foreign: true },
        },
      ]);
      assert.deepEqual(gone, [{ key: "lo 2001:db8::1", ok: true }]);
      assert.match(ip(["-6", "addr", "show", "dev", "lo"]), /2001:db8::1\/128/);
      await reconcile(addressKind, driver, []);
      assert.equal((await observe(driver)).length, 2);
    });
    ip(["addr", "del", "fd00::1/48", "dev", "v0"]);
    ip(["addr", "del", "2001:db8::1/128", "dev", "lo"]);
  });

  test("another prefix length means the address goes and comes back", async () => {
    await withKernel(async (netlink, links) => {
      const driver = addressDriver(netlink, links);
      await reconcile(addressKind, driver, [{ interface: "v0", address: "fd00::1/64" }]);
      const { changes } = await reconcile(addressKind, driver, [{ interface: "v0", address: "fd00::1/48" }]);
      assert.deepEqual(
        changes.map(({ op }) => op),
        ["replace"],
      );
      assert.deepEqual(await observe(driver), [{ interface: "v0", address: "fd00::1/48" }]);
      const { outcomes } = await reconcile(addressKind, driver, [
        { interface: "none", address: "fd00::1/48" },
        { interface: "v0", address: "x/64" },
      ]);
      assert.deepEqual(
        outcomes.map((o) => (o.ok ? "done" : o.errno)),
        ["done", 19, 22],
      );
    });
  });
}
