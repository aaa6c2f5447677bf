import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { formatFault } from "./fault.ts";
import { parseFabric } from "./parse.ts";

const text = readFileSync(new URL("../../../examples/dns64.yaml", import.meta.url), "utf8");

const BAD: readonly (readonly [title: string, from: string, to: string, at: string, says: RegExp])[] = [
  [
    "a translation prefix of no such length",
    "prefix: 2001:db8:64::/96",
    "prefix: 2001:db8:64::/60",
    "2001:db8:64::/60",
    /is a \/32, \/40, \/48, \/56, \/64, \/96/,
  ],
  [
    "a translation prefix of somebody else",
    "prefix: 2001:db8:64::/96",
    "prefix: 3fff:64::/96",
    "3fff:64::/96",
    /outside of `prefixes`/,
  ],
  [
    "the well-known prefix before a private network",
    "prefix: 2001:db8:64::/96",
    "prefix: 64:ff9b::/96",
    "pool: [192.0.2.0/29]",
    /RFC 6052 section 3\.1/,
  ],
  [
    "a translation prefix inside an Edge's",
    "prefix: 2001:db8:46::/96",
    "prefix: 2001:db8:1:46::/96",
    "prefix: 2001:db8:1:46::/96",
    /lies in 2001:db8:1::\/48, which is edge-1's/,
  ],
  [
    "two translators of one pool",
    "pool: [192.0.2.8/29]",
    "pool: [192.0.2.0/28]",
    "pool: [192.0.2.0/28]",
    /overlaps 192\.0\.2\.0\/29 of nat64-sfc/,
  ],
  [
    "a published address that is routed to nobody",
    "v4: 203.0.113.10",
    "v4: 198.51.100.10",
    "198.51.100.10",
    /lies in no pool of a siit-dc node/,
  ],
  [
    "a service published at an address of somebody else",
    "[{ v4: 203.0.113.10 }]",
    "[{ v4: 203.0.113.10, address: 2001:db8:2::1 }]",
    "203.0.113.10",
    /in no prefix of edge-1/,
  ],
  [
    "an address published twice",
    "[{ v4: 203.0.113.10 }]",
    "[{ v4: 203.0.113.10 }, { v4: 203.0.113.10, address: 2001:db8:1::2 }]",
    "203.0.113.10",
    /already published for edge-1/,
  ],
  [
    "a resolver for everybody",
    "anycast: [2001:db8:53::53]",
    'anycast: [2001:db8:53::53]\n    clients: ["::/0"]',
    'clients: ["::/0"]',
    /open resolver/,
  ],
  [
    "DNS64 with a prefix that nobody translates",
    "dns64:\n      #",
    "dns64:\n      prefix: 2001:db8:65::/96\n      #",
    "2001:db8:65::/96",
    /not what nat64 translates/,
  ],
  [
    "an anycast address out of our space",
    "anycast: [2001:db8:53::53]",
    "anycast: [3fff::53]",
    "3fff::53",
    /outside of `prefixes`/,
  ],
  [
    "a preference for no translator",
    "[nat64-sfc, nat64-note]",
    "[nat64-sfc, nat64-nota]",
    "nat64-nota",
    /did you mean nat64-note/,
  ],
  ["a translator without IPv4", ", pool: [192.0.2.8/29]", "", "nat64-note:", /needs `pool`/],
  [
    "clients that have a pool's addresses inside",
    "prefer: [nat64-sfc",
    "internal: 192.0.2.0/24\n    prefer: [nat64-sfc",
    "pool: [192.0.2.0/29]",
    /which clients have inside/,
  ],
  [
    "a resolver that is somebody's BIRD",
    "id: 21, role: resolver,",
    "id: 21, role: resolver, software: bird,",
    "id: 21",
    /always runs vsix/,
  ],
  ["a misspelt service", "  nat64:\n    prefix", "  nat46:\n    prefix", "nat46:", /did you mean nat64/],
];

for (const [title, from, to, at, says] of BAD)
  test(`${title} is refused at its line`, () => {
    assert.ok(text.includes(from), `examples/dns64.yaml has no ${from}`);
    const changed = text.replace(from, () => to);
    const result = parseFabric(changed, "bad.yaml");
    assert.ok(!result.ok, "the file is taken");
    const line = changed.slice(0, changed.indexOf(at, changed.indexOf("version:"))).split("\n").length;
    const found = result.faults.some((fault) => fault.line === line && says.test(fault.message));
    assert.ok(found, `line ${line}:\n${result.faults.map(formatFault).join("\n")}`);
  });

test("roles without their section, and a section without its role, are told", () => {
  const without =
    text.slice(0, text.indexOf("services:\n  resolver")) + text.slice(text.indexOf("policies:"));
  const result = parseFabric(without, "x");
  assert.ok(!result.ok);
  const said = result.faults.map(({ message }) => message).join("\n");
  for (const kind of ["resolver", "nat64", "siit-dc"])
    assert.match(said, new RegExp(`has role ${kind}, and`));
  assert.match(said, /`publish` needs `services\.siit-dc`/);
});

test("health looks at our own resolvers and prefix unless it is told others", () => {
  const looks = (section: string) => {
    const result = parseFabric(`${text}\nhealth: ${section}\n`, "x");
    assert.ok(result.ok, result.ok ? "" : result.faults.map(formatFault).join("\n"));
    return result.fabric.health?.part;
  };
  const own = looks("{}");
  assert.deepEqual(own?.resolvers, ["2001:db8:53::53"]);
  assert.deepEqual(own?.pref64, [{ prefix: "2001:db8:64::/96", at: "nat64-sfc" }]);
  const other = looks('{ resolvers: ["2001:db8:10::53"], pref64: [{ prefix: "64:ff9b::/96" }] }');
  assert.deepEqual(other?.resolvers, ["2001:db8:10::53"]);
  assert.deepEqual(other?.pref64, [{ prefix: "64:ff9b::/96" }]);
});

test("a service is an Edge to everybody else, and its defaults are the fabric's", () => {
  const result = parseFabric(text, "x");
  assert.ok(result.ok);
  const { nodes, services } = result.fabric;
  const resolver = nodes.find(({ name }) => name === "dns-sfc");
  assert.deepEqual([resolver?.role, resolver?.service, resolver?.prefers], ["edge", "resolver", "blue"]);
  assert.deepEqual(services?.resolver?.clients, ["2001:db8::/32"]);
  assert.deepEqual(services?.resolver?.dns64?.excludeAaaa, ["::ffff:0.0.0.0/96", "3fff:bad::/32"]);
  assert.deepEqual(services?.siitDc?.mappings, [{ v4: "203.0.113.10", v6: "2001:db8:1::1", node: "edge-1" }]);
});
