import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { parseFabric } from "@vsix/shared/fabric/parse.ts";
import { compileNode, managedNodes } from "./compile.ts";
import { NO_INTENT } from "./intent.ts";

const parsed = parseFabric(
  readFileSync(new URL("../../../examples/dns64.yaml", import.meta.url), "utf8"),
  "dns64.yaml",
);
assert.ok(parsed.ok);
const { fabric } = parsed;
const partsOf = (node: string) => compileNode(fabric, NO_INTENT, node);

test("what stands for a service is announced with it, and the second translator behind the first in every plane", () => {
  const announced = (node: string) =>
    partsOf(node).bgp.originate.filter(({ service }) => service !== undefined);
  assert.deepEqual(announced("dns-note"), [
    { prefix: "2001:db8:53::53/128", class: "edge", service: "resolver" },
  ]);
  assert.deepEqual(
    [announced("nat64-sfc"), announced("nat64-note")].map(([one]) => one?.prepend),
    [undefined, 1],
  );
  assert.deepEqual(announced("edge-1"), []);
});

test("a plane router takes from a service what is its own, and lets it send from there", () => {
  const { bgp, fabric: kernel } = partsOf("green-note");
  const accept = bgp.neighbours.find(({ name }) => name === "nat64-note")?.accept;
  assert.deepEqual(accept, ["2001:db8:24::/48", "2001:db8:64::/96"]);
  const sources = kernel.interfaces.find(({ peer }) => peer === "dns-note")?.sources ?? [];
  assert.ok(sources.includes("2001:db8:53::53/128"));
});

test("a resolver has its anycast address whether or not it is announced; nobody else has part services", () => {
  assert.ok(partsOf("dns-sfc").fabric.loopbackAddresses.includes("2001:db8:53::53/128"));
  const having = managedNodes(fabric).filter((node) => partsOf(node).services !== undefined);
  assert.deepEqual(having, ["dns-sfc", "dns-note", "nat64-sfc", "nat64-note", "siit-sfc"]);
});

test("an Edge's one word is a mapping at every SIIT-DC node", () => {
  assert.deepEqual(partsOf("siit-sfc").services?.translator?.mappings, [
    { v4: "203.0.113.10", v6: "2001:db8:1::1" },
  ]);
});
