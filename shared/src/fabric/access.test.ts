import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { formatFault } from "./fault.ts";
import { parseFabric } from "./parse.ts";
import { announcedBy } from "./services-model.ts";

const text = readFileSync(new URL("../../../examples/access.yaml", import.meta.url), "utf8");

/** Title, what is replaced by what, the words at whose line the fault stands, what it says. */
const BAD: readonly (readonly [string, string, string, string, RegExp])[] = [
  [
    "a router that is none",
    "routers: [pe-1, pe-2]",
    "routers: [pe-1, edge-1]",
    "routers: [pe-1, edge-1]",
    /edge-1 is no node of role access.*there are pe-1, pe-2, pe-3/,
  ],
  [
    "a router named twice",
    "routers: [pe-1, pe-2]",
    "routers: [pe-1, pe-2, pe-1]",
    "routers: [pe-1, pe-2, pe-1]",
    /pe-1 is named twice/,
  ],
  [
    "an access router of no point",
    "routers: [pe-3]",
    "routers: [pe-2]",
    "pe-3: {",
    /no point of services\.access names it/,
  ],
  [
    "two points with SRv6 on one router",
    "routers: [pe-3]",
    "routers: [pe-3, pe-1]",
    "srv6: { sid: 2001:db8:53:f::2 }",
    /pe-1 serves east too, and a router has one SID/,
  ],
  [
    "a pool outside our own space",
    "pools: [2001:db8:c000::/36]",
    "pools: [2001:db9:c000::/36]",
    "pools: [2001:db9",
    /outside of `prefixes`/,
  ],
  [
    "a pool of two points",
    "pools: [2001:db8:c000::/36]",
    "pools: [2001:db8:e000::/40]",
    "pools: [2001:db8:e000::/40]",
    /lies in 2001:db8:e000::\/36, which is access point east's/,
  ],
  [
    "a pool that is an Edge's",
    "pools: [2001:db8:c000::/36]",
    "pools: [2001:db8:1:8000::/52]",
    "pools: [2001:db8:1:8000",
    /which is edge-1's/,
  ],
  [
    "a SID that is the tunnels' address",
    "sid: 2001:db8:53:f::2",
    "sid: 2001:db8:53:f::1",
    "sid: 2001:db8:53:f::1",
    /already access point west's/,
  ],
  [
    "a SID in the infrastructure",
    "sid: 2001:db8:53:f::2",
    "sid: 2001:db8:ff01::2",
    "sid: 2001:db8:ff01",
    /which is infrastructure/,
  ],
  [
    "a tunnel address inside the pool",
    "address: 2001:db8:53:f::1",
    "address: 2001:db8:c000::1",
    "address: 2001:db8:c000::1",
    /lies in 2001:db8:c000::\/36/,
  ],
  [
    "an address with a length",
    "address: 2001:db8:53:f::1",
    "address: 2001:db8:53:f::1/64",
    "address: 2001:db8:53:f::1/64",
    /not an IPv6 address/,
  ],
  [
    "a point that does nothing",
    "      tunnel: { address: 2001:db8:53:f::1 }\n      srv6: { sid: 2001:db8:53:f::2 }\n",
    "",
    "west:",
    /does nothing/,
  ],
  ["tunnels without pools", "      pools: [2001:db8:c000::/36]\n", "", "west:", /needs `pools`/],
  [
    "an unknown site",
    "routers: [pe-3]",
    "routers: [pe-3]\n      site: nota",
    "site: nota",
    /no site nota.*note/,
  ],
  [
    "a device's address in no pool",
    "pools: [2001:db8:d000::/40] }",
    "pools: [2001:db8:d000::/40], addresses: [2001:db8:1::9] }",
    "addresses: [2001",
    /lies in no pool of vpn/,
  ],
  [
    "somebody else's software",
    "id: 21, role: access,",
    "id: 21, role: access, software: bird,",
    "id: 21",
    /always runs vsix/,
  ],
];

for (const [title, from, to, at, says] of BAD)
  test(`${title} is refused at its line`, () => {
    assert.ok(text.includes(from), `examples/access.yaml has no ${from}`);
    const changed = text.replace(from, () => to);
    const result = parseFabric(changed, "bad.yaml");
    assert.ok(!result.ok, "the file is taken");
    const line = changed.slice(0, changed.indexOf(at, changed.indexOf("version:"))).split("\n").length;
    const found = result.faults.some((fault) => fault.line === line && says.test(fault.message));
    assert.ok(found, `line ${line}:\n${result.faults.map(formatFault).join("\n")}`);
  });

test("role without section, and section without role", () => {
  const without = text.slice(0, text.indexOf("services:\n  access:")) + text.slice(text.indexOf("policies:"));
  const result = parseFabric(without, "x");
  assert.ok(!result.ok);
  assert.match(
    result.faults.map(({ message }) => message).join("\n"),
    /has role access, and `services`|has role access, and/,
  );
});

test("routers of a point announce the same, the second after the first; only aggregates and the point's own addresses", () => {
  const result = parseFabric(text, "x");
  assert.ok(result.ok);
  const { nodes, services } = result.fabric;
  const announced = (name: string) =>
    announcedBy(services, nodes.find((node) => node.name === name) ?? assert.fail());
  assert.deepEqual(
    announced("pe-1").map(({ prefix, service }) => `${prefix} ${service}`),
    [
      "2001:db8:e000::/36 access",
      "2001:db8:53:e::1/128 access",
      "2001:db8:53:e::2/128 access",
      "2001:db8:d000::/40 vpn",
      "2001:db8:53:e::3/128 vpn",
    ],
  );
  assert.deepEqual(
    announced("pe-2"),
    announced("pe-1").map((one) => ({ ...one, behind: 1 })),
  );
});

test("a VPN endpoint is published to the IPv4 Internet at one of its routers", () => {
  const siit =
    "  siit-sfc: { id: 25, role: siit-dc, site: sfc, as: 65025, prefixes: [2001:db8:25::/48], pool: [203.0.113.0/24] }\n";
  const withSiit = text
    .replace("  wide: {", `${siit}  wide: {`)
    .replace("services:\n", "services:\n  siit-dc: { prefix: 2001:db8:46::/96 }\n")
    .replace("links:\n", "links:\n  - { ends: [siit-sfc, blue-sfc] }\n  - { ends: [siit-sfc, green-sfc] }\n");
  const published = (address: string) =>
    parseFabric(
      withSiit.replace(
        "id: 21, role: access,",
        `id: 21, role: access, publish: [{ v4: 203.0.113.9, address: "${address}" }],`,
      ),
      "x",
    );
  const good = published("2001:db8:53:e::3");
  assert.ok(good.ok, good.ok ? "" : good.faults.map(formatFault).join("\n"));
  assert.deepEqual(good.fabric.services?.siitDc?.mappings, [
    { v4: "203.0.113.9", v6: "2001:db8:53:e::3", node: "pe-1" },
  ]);
  const bad = published("2001:db8:53:f::1");
  assert.ok(!bad.ok);
  assert.match(bad.faults.map(formatFault).join("\n"), /is in no prefix of pe-1/);
});
