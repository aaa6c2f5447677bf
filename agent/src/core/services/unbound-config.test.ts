import assert from "node:assert/strict";
import { test } from "node:test";
import type { ResolverPart } from "@vsix/shared/contract/part-services.ts";
import { keepsCache, needsRestart, resolverKind, valuesOf } from "../../resources/resolver/model.ts";
import { rootHints, unboundConfig } from "./unbound-config.ts";

const PLACE = {
  directory: "/run/x/resolver",
  user: "unbound",
  trustAnchor: "/usr/share/dns/root.key",
  asksByNat64: false,
};

function part(change: Partial<ResolverPart> = {}): ResolverPart {
  return {
    listen: ["2001:db8:53::53", "2001:db8:21::1"],
    source: "2001:db8:21::1",
    clients: ["2001:db8::/32"],
    dns64: { prefix: "2001:db8:64::/96", ignoreAaaa: ["broken.example."], excludeAaaa: ["3fff:bad::/32"] },
    roots: [],
    forward: [],
    stub: [],
    ...change,
  };
}

const object = (change: Partial<ResolverPart> = {}) => ({
  name: "unbound",
  config: unboundConfig(part(change), PLACE),
  hints: "",
});

test("nobody but the named may ask, whatever the list is", () => {
  for (const clients of [[], ["2001:db8:1::/48"]]) {
    const rules = valuesOf(unboundConfig(part({ clients }), PLACE), "access-control");
    assert.deepEqual(rules, [
      "::/0 refuse",
      "0.0.0.0/0 refuse",
      ...clients.map((prefix) => `${prefix} allow`),
      "2001:db8:53::53/128 allow",
      "2001:db8:21::1/128 allow",
    ]);
  }
});

test("ipv4only.arpa is answered with the prefix in use, of any length (RFC 8880)", () => {
  const dns64 = { prefix: "2001:db8:122:344::/64", ignoreAaaa: [], excludeAaaa: [] };
  const data = valuesOf(unboundConfig(part({ dns64 }), PLACE), "local-data").join("\n");
  assert.match(data, /ipv4only\.arpa\. 86400 IN AAAA 2001:db8:122:344:c0:0:aa00:0'/);
  assert.match(data, /170\.0\.0\.192\.in-addr\.arpa\. 86400 IN PTR ipv4only\.arpa\./);
});

test("the Internet's keys validate the Internet's root and no other", () => {
  const own = [{ name: "a.root.example.", address: "3fff::53" }];
  assert.deepEqual(valuesOf(object().config, "trust-anchor-file"), ['"/usr/share/dns/root.key"']);
  assert.deepEqual(valuesOf(object({ roots: own }).config, "trust-anchor-file"), []);
  assert.equal(
    rootHints(part({ roots: own })),
    ". 86400 IN NS a.root.example.\na.root.example. 86400 IN AAAA 3fff::53\n",
  );
});

test("other addresses need another start; other clients do not, and keep the cache; another prefix does not keep it", () => {
  const before = object();
  const elsewhere = object({ listen: ["2001:db8:53::54"] });
  const others = object({ clients: ["2001:db8:7::/48"] });
  const dns64 = object({ dns64: { prefix: "64:ff9b::/96", ignoreAaaa: [], excludeAaaa: [] } });
  assert.deepEqual(
    [elsewhere, others, dns64].map((after) => [needsRestart(before, after), keepsCache(before, after)]),
    [
      [true, true],
      [false, true],
      [false, false],
    ],
  );
  assert.ok(!resolverKind.equal(before, others));
  assert.ok(resolverKind.equal(before, object()));
  assert.equal(
    resolverKind.describe(before),
    "unbound at 2001:db8:53::53, 2001:db8:21::1, DNS64 with 2001:db8:64::/96",
  );
});
