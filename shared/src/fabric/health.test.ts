import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { parseFabric } from "./parse.ts";

const quick = readFileSync(new URL("../../../examples/quick.yaml", import.meta.url), "utf8");

function faultsOf(health: string): readonly string[] {
  const parsed = parseFabric(`${quick}\nhealth: ${health}\n`, "test.yaml");
  return parsed.ok ? [] : parsed.faults.map(({ path, message }) => `${path}: ${message}`);
}

test("a fabric without the section has nobody look, an empty one has every Edge of ours look as usual", () => {
  const without = parseFabric(quick, "test.yaml");
  assert.ok(without.ok);
  assert.equal(without.fabric.health, undefined);
  const parsed = parseFabric(`${quick}\nhealth: {}\n`, "test.yaml");
  assert.ok(parsed.ok);
  const edges = parsed.fabric.nodes.filter(({ role, software }) => role === "edge" && software === "vsix");
  assert.deepEqual(
    parsed.fabric.health?.nodes,
    edges.map(({ name }) => name),
  );
  assert.deepEqual(parsed.fabric.health?.part.sizes, [1280, 1460, 1500]);
  assert.equal(parsed.fabric.health?.part.intervalS, 300);
});

test("what is written is read in one way of writing", () => {
  const section =
    '{ targets: { dns: "2001:DB8:0::53", web: WWW.Example. }, pref64: [{ prefix: "64:FF9B::/96", at: note }], limits: { dnsMs: 50 } }';
  const parsed = parseFabric(`${quick}\nhealth: ${section}\n`, "test.yaml");
  assert.ok(parsed.ok, JSON.stringify(parsed));
  const { targets, pref64, limits } = parsed.fabric.health?.part ?? {};
  assert.deepEqual(targets, [
    { name: "dns", host: "2001:db8::53" },
    { name: "web", host: "www.example" },
  ]);
  assert.deepEqual(pref64, [{ prefix: "64:ff9b::/96", at: "note" }]);
  assert.deepEqual([limits?.dnsMs, limits?.rttMs], [50, 300]);
});

test("every mistake is told, and what would be right", () => {
  const cases: readonly (readonly [string, RegExp])[] = [
    [
      "{ targets: { a: 192.0.2.1 } }",
      /health.targets.a: "192.0.2.1" is neither an IPv6 address nor a host name/,
    ],
    ["{ web: { a: 'ftp://x/' } }", /health.web.a: "ftp:\/\/x\/" is no http or https URL/],
    ["{ web: { a: 'http://u@x.example/' } }", /no http or https URL/],
    ["{ web: { a: 'http://192.0.2.1/' } }", /pages of IPv4 stand under translated/],
    ["{ translated: { a: 'http://[2001:db8::1]/' } }", /IPv4 only has no IPv6 address/],
    ["{ pref64: [{ prefix: 64:ff9b::/97 }] }", /64:ff9b::\/97: a translation prefix is a/],
    ["{ pref64: [{ prefix: nonsense }] }", /the well-known one is 64:ff9b::\/96/],
    ["{ resolvers: [9.9.9.9] }", /"9.9.9.9" is not an IPv6 address/],
    ["{ names: ['a b'] }", /health.names\[0\]: "a b" is no host name/],
    ["{ nodes: [nobody] }", /there is no node "nobody"/],
    ["{ nodes: [wide] }", /wide does not run our agent/],
    ["{ intervalS: 1 }", /intervalS/],
    ["{ colour: blue }", /`colour` is not known here/],
  ];
  for (const [section, says] of cases) assert.match(faultsOf(section).join("\n"), says, section);
});
