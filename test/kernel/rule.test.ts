import assert from "node:assert/strict";
import { test } from "node:test";
import { ruleDriver } from "../../agent/src/resources/rule/driver.ts";
import { type RuleObject, ruleKind } from "../../agent/src/resources/rule/model.ts";
import { insideNamespace, ip, ipJson, veth } from "./in-namespace.ts";
import { assertKernelLaw, withKernel } from "./law.ts";

if (await insideNamespace("rule", import.meta.url)) {
  veth("v0", "v1");

  const desired: RuleObject[] = [
    { priority: 7600, iif: "v0", table: 7600 },
    { priority: 7600, iif: "v1", table: 7600 },
    { priority: 7600, iif: "not-there-yet", table: 7600 },
    { priority: 7601, from: "2001:DB8::1/48", table: 7700 },
    { priority: 7601, from: "::/0", iif: "v0", table: 100 },
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
            seen.map((r) => [r["priority"], r["iif"], r["src"], r["srclen"], r["table"]]),
            [
              [7600, "v0", "all", undefined, "7600"],
              [7600, "v1", "all", undefined, "7600"],
              [7600, "not-there-yet", "all", undefined, "7600"],
              [7601, undefined, "2001:db8::", 48, "7700"],
              [7601, "v0", "all", undefined, "100"],
            ],
          );
        },
      ),
    );
    assert.equal(ipJson(["-6", "rule", "show"]).length, before);
  });
}
