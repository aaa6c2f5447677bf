import assert from "node:assert/strict";
import { test } from "node:test";
import type { TranslatorPart } from "@vsix/shared/contract/part-services.ts";
import { taygaConfig, translatorRoutes } from "./tayga.ts";
import { translatorFilters } from "./translator-filters.ts";

const NAT64: TranslatorPart = {
  kind: "nat64",
  prefix: "2001:db8:64::/96",
  own6: "2001:db8:23::64",
  clients: ["2001:db8::/32"],
  internal: "192.168.192.0/18",
  pool: ["192.0.2.0/29"],
  mappings: [],
};
const { internal: _, ...stateless } = NAT64;
const SIIT: TranslatorPart = {
  ...stateless,
  kind: "siit-dc",
  pool: ["203.0.113.0/24"],
  mappings: [{ v4: "203.0.113.10", v6: "2001:db8:1::1" }],
};

test("only NAT64 has state: clients become the pool, each keeping one address of it", () => {
  const { chains } = translatorFilters(NAT64);
  assert.deepEqual(
    chains.map(({ hook }) => `${hook?.type} ${hook?.hook}`),
    ["nat postrouting"],
  );
  assert.deepEqual(chains[0]?.rules[0]?.at(-1), {
    snat: { family: "ip", addr: { prefix: { addr: "192.0.2.0", len: 29 } }, flags: "persistent" },
  });
  assert.deepEqual(translatorFilters(SIIT).chains, []);
});

test("who is no client is dropped before every translator, and nobody reaches what is inside one", () => {
  for (const part of [NAT64, SIIT]) {
    const [strangers, inside] = translatorFilters(part).forward;
    assert.match(JSON.stringify(strangers), /"!=".*"saddr".*2001:db8::.*drop-not-client.*drop/);
    assert.match(JSON.stringify(inside), /127\.0\.0\.0.*drop-inside/);
  }
  assert.match(JSON.stringify(translatorFilters(NAT64).forward[1]), /192\.168\.192\.0/);
  assert.deepEqual(translatorFilters(undefined), { forward: [], chains: [], counters: [] });
});

test("only what is mapped or a client's is led into a translator, and it has an address that is nobody's", () => {
  assert.deepEqual(translatorRoutes(NAT64), ["192.168.192.0/18", "2001:db8:23::64/128", "2001:db8:64::/96"]);
  assert.deepEqual(translatorRoutes(SIIT), ["2001:db8:23::64/128", "2001:db8:64::/96", "203.0.113.10/32"]);
  assert.match(taygaConfig(NAT64, "/x"), /^ipv4-addr 192\.168\.192\.1$/m);
  assert.match(taygaConfig(SIIT, "/x"), /^ipv4-addr 192\.0\.0\.8$/m);
  assert.match(taygaConfig(SIIT, "/x"), /^map 203\.0\.113\.10 2001:db8:1::1$/m);
  assert.doesNotMatch(taygaConfig(SIIT, "/x"), /dynamic-pool/);
});
