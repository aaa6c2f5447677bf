import assert from "node:assert/strict";
import { test } from "node:test";
import { LinkTable } from "../../agent/src/io/links.ts";
import { NetlinkSocket } from "../../agent/src/io/netlink.ts";
import { tunnelDriver } from "../../agent/src/resources/tunnel/driver.ts";
import { type TunnelObject, tunnelKind } from "../../agent/src/resources/tunnel/model.ts";
import { declareDriverConformance } from "../fakes/driver-conformance.ts";
import { declareInGuest, kernelMakes } from "./in-guest.ts";
import { insideNamespace, ip, veth } from "./in-namespace.ts";
import { assertKernelLaw, reconcile, withKernel } from "./law.ts";

const LOCAL = "2001:db8:a::1";
const tunnel = (n: number): TunnelObject => ({
  name: `vxt-u${n}`,
  local: LOCAL,
  remote: `2001:DB8:b::${n.toString(16)}`,
  mtu: 1460,
  hopLimit: 64,
  up: true,
});

if (await insideNamespace("tunnel", import.meta.url)) {
  if (kernelMakes("ip6tnl", "remote", "::1")) declareAll();
  else await declareInGuest("tunnels of RFC 2473 pass in a guest kernel", "ip6_tunnel", import.meta.url, 120);
}

function declareAll(): void {
  veth("net0", "net1");
  ip(["addr", "add", `${LOCAL}/128`, "dev", "net0", "nodad"]);

  test("tunnels that exchange their far ends, two or in a ring, are changed in place in one go", async () => {
    await withKernel(async (netlink, links) => {
      const driver = tunnelDriver(netlink, links);
      const wanted = (order: readonly number[]): TunnelObject[] =>
        order.map((remote, i) => ({ ...tunnel(i + 1), remote: tunnel(remote).remote }));
      await reconcile(tunnelKind, driver, wanted([1, 2, 3, 4, 5]));
      const indexes = (): readonly string[] =>
        ip(["-o", "link", "show"])
          .split("\n")
          .filter((line) => /vxt-u/.test(line))
          .map((line) => line.split("@")[0] ?? "");
      const before = indexes();
      // Two exchange, three go round; then a chain behind one that leaves.
      for (const order of [
        [2, 1, 4, 5, 3],
        [1, 4, 5, 3, 9],
      ]) {
        const { outcomes } = await reconcile(tunnelKind, driver, wanted(order));
        assert.deepEqual(
          outcomes.filter(({ ok }) => !ok),
          [],
        );
        const { changes } = await reconcile(tunnelKind, driver, wanted(order));
        assert.deepEqual(changes, []);
      }
      assert.deepEqual(indexes(), before, "the same devices, so their routes stayed");
      await reconcile(tunnelKind, driver, []);
    });
  });

  test("tunnels obey the kernel law and ip(8) sees the same; foreign ones survive", async () => {
    ip([
      "link",
      "add",
      "vxt-other",
      "type",
      "ip6tnl",
      "mode",
      "ip6ip6",
      "local",
      LOCAL,
      "remote",
      "2001:db8:c::1",
    ]);
    ip(["link", "add", "vxt-veth", "group", "118", "type", "veth", "peer", "name", "far"]);
    await withKernel((netlink, links) =>
      assertKernelLaw(
        tunnelKind,
        () => tunnelDriver(netlink, links),
        [1, 2, 3, 4].map(tunnel),
        () => {
          const text = ip(["-d", "link", "show", "vxt-u2"]);
          assert.match(text, /UP.*mtu 1460/);
          assert.match(
            text,
            /ip6tnl ip6ip6 remote 2001:db8:b::2 local 2001:db8:a::1 hoplimit 64 encaplimit none/,
          );
        },
      ),
    );
    for (const name of ["vxt-other", "vxt-veth"]) ip(["link", "del", name]);
  });

  test("a tunnel is changed in place: its routes stay", async () => {
    await withKernel(async (netlink, links) => {
      const driver = tunnelDriver(netlink, links);
      await reconcile(tunnelKind, driver, [tunnel(1)]);
      ip(["route", "add", "2001:db8:1::/60", "dev", "vxt-u1"]);
      const moved = { ...tunnel(1), remote: "2001:db8:b::99", mtu: 1400, hopLimit: 7 };
      const { changes, outcomes } = await reconcile(tunnelKind, driver, [moved]);
      assert.deepEqual(
        changes.map(({ op }) => op),
        ["replace"],
      );
      assert.deepEqual(outcomes, [{ key: "vxt-u1", ok: true }]);
      assert.deepEqual((await reconcile(tunnelKind, driver, [moved])).changes, []);
      assert.match(ip(["-6", "route", "show", "2001:db8:1::/60"]), /dev vxt-u1/);
      ip(["link", "set", "vxt-u1", "type", "ip6tnl", "remote", "2001:db8:b::99", "encaplimit", "4"]);
      ip(["link", "set", "vxt-u1", "down"]);
      assert.equal((await reconcile(tunnelKind, driver, [moved])).changes.length, 1);
      assert.deepEqual((await reconcile(tunnelKind, driver, [moved])).changes, []);
      assert.match(ip(["-d", "link", "show", "vxt-u1"]), /UP[\s\S]*encaplimit none/);
      await reconcile(tunnelKind, driver, []);
    });
  });

  test("somebody else's tunnel between the same addresses is a refusal in words", async () => {
    ip([
      "link",
      "add",
      "theirs",
      "type",
      "ip6tnl",
      "mode",
      "ip6ip6",
      "local",
      LOCAL,
      "remote",
      "2001:db8:b::1",
    ]);
    await withKernel(async (netlink, links) => {
      const driver = tunnelDriver(netlink, links);
      const { outcomes } = await reconcile(tunnelKind, driver, [tunnel(1), tunnel(2)]);
      const [refused] = outcomes;
      assert.ok(refused?.ok === false);
      assert.match(refused.reason, /a tunnel from 2001:db8:a::1 to 2001:db8:b::1, that is not ours is there/);
      assert.equal(outcomes[1]?.ok, true);
      ip(["link", "del", "theirs"]);
      assert.deepEqual((await reconcile(tunnelKind, driver, [tunnel(1), tunnel(2)])).outcomes, [
        { key: "vxt-u1", ok: true },
      ]);
      await reconcile(tunnelKind, driver, []);
    });
  });

  const netlink = NetlinkSocket.open();
  const opened = LinkTable.open(netlink);
  test.after(async () => {
    await (await opened)[Symbol.asyncDispose]();
    await netlink[Symbol.asyncDispose]();
  });
  declareDriverConformance<TunnelObject>("the tunnel driver", async () => {
    const driver = tunnelDriver(netlink, await opened);
    await reconcile(tunnelKind, driver, []);
    return {
      kind: tunnelKind,
      makeDriver: () => driver,
      desired: [1, 2, 3, 4].map(tunnel),
      changed: { ...tunnel(2), mtu: 1300 },
      occupy: ({ name }) => void ip(["link", "add", name, "type", "veth", "peer", "name", "other"]),
      vacate: ({ name }) => void ip(["link", "del", name]),
    };
  });
}
