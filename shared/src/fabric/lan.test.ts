import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { parseFabric } from "./parse.ts";

const yaml = (name: string): string =>
  readFileSync(new URL(`../../../examples/${name}.yaml`, import.meta.url), "utf8");
/** The example, its first Edge with these LANs. */
const parse = (name: string, lan: string) =>
  parseFabric(
    yaml(name).replace(/id: 11(,|\n)/, (_, end) => `id: 11${end === "," ? ", " : "\n    "}lan: ${lan}${end}`),
    "lan.yaml",
  );

test("a LAN has the fabric's resolvers and Pref64 where nothing else is said, and the node its ::1", () => {
  const result = parse("dns64", "[{ interface: lan0, prefix: '2001:db8:1:100::/64', mtu: 1400 }]");
  assert.ok(result.ok, JSON.stringify(result));
  const { services, nodes } = result.fabric;
  assert.deepEqual(nodes.find(({ name }) => name === "edge-1")?.lans, [
    {
      interface: "lan0",
      prefix: "2001:db8:1:100::/64",
      address: "2001:db8:1:100::1",
      mtu: 1400,
      resolvers: services?.resolver?.anycast,
      pref64: services?.nat64?.prefix,
      preference: "medium",
    },
  ]);
});

test("without services there is nothing to tell, and none says so where there are some", () => {
  const lans = (name: string, more: string) => {
    const result = parse(name, `[{ interface: lan0, prefix: '2001:db8:1:100::/64'${more} }]`);
    assert.ok(result.ok, JSON.stringify(result));
    return result.fabric.nodes.find((node) => node.name === "edge-1")?.lans?.[0];
  };
  for (const lan of [lans("quick", ""), lans("dns64", ", dns: none, pref64: none")]) {
    assert.deepEqual(lan?.resolvers, []);
    assert.equal(lan?.pref64, undefined);
  }
  assert.equal(lans("quick", ", pref64: '64:ff9b::/96'")?.pref64, "64:ff9b::/96");
});

test("LANs that cannot work are refused where they stand, with what would be right", () => {
  const table: readonly (readonly [lan: string, says: RegExp])[] = [
    ["{ interface: lan0, prefix: '2001:db8:1:100::/56' }", /hosts make their addresses in a \/64/],
    ["{ interface: lan0, prefix: '2001:db8:7:1::/64' }", /in no prefix of edge-1 \(2001:db8:1::\/48\)/],
    ["{ interface: lan0, prefix: '2001:db8:1::/64' }", /has the loopback of edge-1; take another/],
    ["{ interface: to-blue-sfc, prefix: '2001:db8:1:1::/64' }", /to-blue-sfc is a link of the fabric/],
    ["{ interface: lan0, prefix: '2001:db8:1:1::/64', dns: auto }", /`auto` needs `services.resolver`/],
    ["{ interface: lan0, prefix: '2001:db8:1:1::/64', dns: [here] }", /here.* is not an IPv6 address/],
    ["{ interface: lan0, prefix: '2001:db8:1:1::/64', pref64: auto }", /`auto` needs `services.nat64`/],
    ["{ interface: lan0, prefix: '2001:db8:1:1::/64', pref64: '2001:db8::/33' }", /RFC 6052/],
    [
      "{ interface: lan0, prefix: '2001:db8:1:1::/64' }, { interface: lan0, prefix: '2001:db8:1:2::/64' }",
      /lan0 is there twice/,
    ],
    [
      "{ interface: lan0, prefix: '2001:db8:1:1::/64' }, { interface: lan1, prefix: '2001:db8:1:1::/64' }",
      /2001:db8:1:1::\/64 is there twice/,
    ],
  ];
  for (const [lan, says] of table) {
    const result = parse("quick", `[${lan}]`);
    assert.ok(!result.ok, lan);
    assert.match(JSON.stringify(result), says);
    assert.match(JSON.stringify(result), /lan/);
  }
  const plane = parseFabric(
    yaml("quick").replace(
      "role: plane, ",
      "role: plane, lan: [{ interface: l, prefix: '2001:db8:1:1::/64' }], ",
    ),
    "lan.yaml",
  );
  assert.match(JSON.stringify(plane), /an Edge has LANs; blue-\w+ has role plane/);
});
