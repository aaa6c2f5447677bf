import assert from "node:assert/strict";
import { test } from "node:test";
import { ruleDriver } from "../../agent/src/resources/rule/driver.ts";
import { type RuleObject, ruleKind } from "../../agent/src/resources/rule/model.ts";
import { insideNamespace, ip, ipJson, veth } from "./in-namespace.ts";
import { assertKernelLaw, observe, reconcile, withKernel } from "./law.ts";

if (await insideNamespace("rule", import.meta.url)) {
  veth("v0", "v1");

  const desired: RuleObject[] = [
    { priority: 7600, iif: "v0", table: 7600 },
    { priority: 7600, iif: "v1", table: 7600 },
    { priority: 7600, iif: "not-there-yet", table: 7600 },
    { priority: 7601, from: "2001:DB8::1/48", table: 7700 },
    { priority: 7601, from: "::/0", iif: "v0", table: 100 },
    { priority: 7602, iif: "v0", mark: 0x4000_0000, table: 0x860001 },
    { priority: 7603, iif: "v0", dscp: 46, table: 0x760001 },
    {
      priority: 7603,
      iif: "v0",
      from: "2001:db8::/48",
      nextHeader: 17,
      ports: { from: 1, to: 65_534 },
      table: 0x760001,
    },
    { priority: 7603, iif: "v0", nextHeader: 6, ports: { from: 443, to: 443 }, table: 0x760001 },
    { priority: 7603, iif: "v0", nextHeader: 58, table: 0x760001 },
  ];

  test("rules obey the kernel law and ip(8) sees the same; foreign ones survive", async () => {
    ip(["-6", "rule", "add", "priority", "7600", "iif", "v0", "lookup", "7600", "protocol", "99"]);
    ip(["-6", "rule", "add", "priority", "7600", "iif", "v0", "lookup", "7601"]);
    const before = ipJson(["-6", "rule", "show"]).length;
    await withKernel((netlink, links) =>
      assertKernelLaw(
        ruleKind,
        () => ruleDriver(netlink, links),
        desired,
        () => {
          const seen = ipJson(["-6", "-N", "rule", "show"]).filter(({ protocol }) => protocol === "118");
          assert.deepEqual(
            seen.map((r) => [r["priority"], r["iif"], r["src"], r["srclen"], r["table"]]).sort(),
            [
              [7600, "v0", "all", undefined, "7600"],
              [7600, "v1", "all", undefined, "7600"],
              [7600, "not-there-yet", "all", undefined, "7600"],
              [7601, undefined, "2001:db8::", 48, "7700"],
              [7601, "v0", "all", undefined, "100"],
              [7602, "v0", "all", undefined, "8781825"],
              [7603, "v0", "2001:db8::", 48, "7733249"],
              ...Array.from({ length: 3 }, () => [7603, "v0", "all", undefined, "7733249"]),
            ].sort(),
          );
          const text = ip(["-6", "-N", "rule", "show", "priority", "7603"]);
          assert.match(text, /from 2001:db8::\/48 iif v0 ipproto \S*(17|udp) dport 1-65534/);
          assert.match(text, /iif v0 ipproto \S*(6|tcp) dport 443 lookup/);
          assert.match(text, /tos (0xb8|EF) iif v0 lookup/);
          assert.match(ip(["-6", "rule", "show", "priority", "7602"]), /fwmark 0x40000000\/0x40000000/);
        },
      ),
    );
    assert.equal(ipJson(["-6", "rule", "show"]).length, before);
  });

  test("a rule for DSCP 0 is made as such, or refused as a whole where the kernel would take it for any", async () => {
    const wanted: RuleObject = { priority: 7603, iif: "v0", dscp: 0, table: 7600 };
    await withKernel(async (netlink, links) => {
      const driver = ruleDriver(netlink, links);
      const { outcomes } = await reconcile(ruleKind, driver, [wanted]);
      const [outcome] = outcomes;
      if (outcome?.ok === true) assert.deepEqual(await observe(driver), [wanted]);
      else {
        assert.match(outcome?.reason ?? "", /Linux 6\.12 can \(EOPNOTSUPP\)/);
        assert.deepEqual(await observe(driver), []);
      }
      await reconcile(ruleKind, driver, []);
    });
  });
}
