import assert from "node:assert/strict";
import { test } from "node:test";
import type { HomePart } from "@vsix/shared/contract/part-home.ts";
import { faultOfHome } from "../check-home.ts";
import { compileHomeFilters } from "../home-filters.ts";
import { compileHome, compileHomeLans, endedOf, homeSources } from "./home.ts";

const PART: HomePart = {
  version: 1,
  tunnels: [
    { id: "1", remote: "2001:db8:a::1", mtu: 1460, hopLimit: 64, prefixes: ["2001:db8:f1::/60"] },
    {
      ...{ id: "2", local: "3fff:b::9", remote: "2001:db8:a::1", mtu: 1460, hopLimit: 64 },
      prefixes: ["2001:db8:f2:10::/60"],
    },
  ],
  lan: { mtu: 1460, resolvers: ["2001:db8::53"], pref64: "2001:db8:64::/96", preferredS: 2700, validS: 5400 },
};
const facts = {
  localFor: () => ({ address: "3fff:b::2" }),
  lans: ["lan0", "guests"],
  present: ["wan0", "lan0"],
};

test("each tunnel begins at the address that leads to its far end, and what has its source leaves by it alone", () => {
  const { tunnels, rules, routes, sysctls, waiting } = compileHome(PART, facts);
  assert.deepEqual(
    tunnels.map(({ name, local }) => [name, local]),
    [
      ["vxt-1", "3fff:b::2"],
      ["vxt-2", "3fff:b::9"],
    ],
  );
  assert.deepEqual(
    rules.map(({ from, table }) => [from, table]),
    [
      ["2001:db8:f1::/60", 7580],
      ["2001:db8:f2:10::/60", 7581],
    ],
  );
  const of = (table: number) => routes.filter((route) => route.table === table);
  // Hosts of the LAN are reached from either source without a detour, and only what is on a LAN is reached at all.
  assert.deepEqual(
    of(7581).map(({ type, prefix, interface: dev }) => [type, prefix, dev]),
    [
      ["unreachable", "2001:db8:f2:10::/60", undefined],
      ["unicast", "2001:db8:f1::/64", "lan0"],
      ["unicast", "2001:db8:f2:10::/64", "lan0"],
      ["unicast", "::/0", "vxt-2"],
    ],
  );
  assert.deepEqual(
    of(254).map(({ type }) => type),
    ["unreachable", "unreachable"],
  );
  assert.deepEqual(sysctls, [{ path: "net/ipv6/conf/wan0/accept_ra", value: "2" }]);
  assert.deepEqual([...waiting], [["home lan guests", "no such interface on this machine"]]);
});

test("a tunnel waits while nothing leads to its far end, or only a tunnel does; its sources go nowhere meanwhile", () => {
  for (const [localFor, reason] of [
    [() => ({ reason: "no way to 2001:db8:a::1: ENETUNREACH" }), /no way/],
    [() => ({ address: "2001:db8:f2:10::1" }), /an address out of a tunnel/],
  ] as const) {
    const { tunnels, routes, waiting } = compileHome(PART, { ...facts, localFor });
    assert.deepEqual(
      tunnels.map(({ name }) => name),
      ["vxt-2"],
    );
    assert.match(waiting.get("tunnel vxt-1") ?? "", reason);
    assert.ok(routes.some(({ table, type }) => table === 7580 && type === "unreachable"));
    assert.ok(!routes.some(({ table, prefix }) => table === 7580 && prefix === "::/0"));
  }
});

test("hosts are told a /64 of every tunnel, another one on each LAN, and nothing where there is no LAN", () => {
  const lans = compileHomeLans(PART, ["lan0", "guests"]);
  assert.deepEqual(
    lans?.interfaces.map(({ name, addresses, prefixes }) => [
      name,
      addresses,
      prefixes.map(({ prefix }) => prefix),
    ]),
    [
      ["lan0", ["2001:db8:f1::1/64", "2001:db8:f2:10::1/64"], ["2001:db8:f1::/64", "2001:db8:f2:10::/64"]],
      [
        "guests",
        ["2001:db8:f1:1::1/64", "2001:db8:f2:11::1/64"],
        ["2001:db8:f1:1::/64", "2001:db8:f2:11::/64"],
      ],
    ],
  );
  assert.equal(compileHomeLans(PART, []), undefined);
});

test("where others are better a prefix stays valid and is not preferred; with no tunnel at all this is no default router", () => {
  const told = (...args: Parameters<typeof compileHomeLans>) =>
    compileHomeLans(...args)?.interfaces.map(({ lifetimeS, prefixes }) => [
      lifetimeS,
      ...prefixes.map(({ preferredS, validS }) => [preferredS, validS]),
    ]);
  const well = [2700, 5400];
  assert.deepEqual(told(PART, ["lan0"]), [[1800, well, well]]);
  const oneDead = { deprecated: new Set(["1"]), isDefaultRouter: true };
  assert.deepEqual(told(PART, ["lan0", "guests"], oneDead), [
    [1800, [0, 5400], well],
    [1800, [0, 5400], well],
  ]);
  const allDead = { deprecated: new Set<string>(), isDefaultRouter: false };
  assert.deepEqual(told(PART, ["lan0"], allDead), [[0, well, well]]);
});

test("a tunnel is asked from this router's address on the first LAN that is there", () => {
  assert.deepEqual(
    [...homeSources(PART, facts)],
    [
      ["1", "2001:db8:f1::1"],
      ["2", "2001:db8:f2:10::1"],
    ],
  );
  assert.deepEqual([...homeSources(PART, { ...facts, present: ["guests"] }).values()][0], "2001:db8:f1:1::1");
  assert.equal(homeSources(PART, { ...facts, present: ["wan0"] }).size, 0);
});

test("hosts with a prefix that is over are reached and told so, other sources are dropped without a word", () => {
  const over = { interface: "lan0", prefix: "2001:db8:f3::/64" };
  const ended = endedOf(PART, [
    over,
    over,
    { interface: "lan0", prefix: "2001:db8:f1:3::/64" }, // a tunnel's, on no LAN now
  ]);
  assert.deepEqual(ended, [over]);
  const { routes } = compileHome(PART, { ...facts, ended });
  const found = routes.filter(({ prefix }) => prefix === over.prefix);
  assert.deepEqual(
    found.map(({ table, type, interface: dev }) => [table, type, dev]),
    [
      [254, "unicast", "lan0"],
      [7580, "unicast", "lan0"],
      [7581, "unicast", "lan0"],
    ],
  );
  assert.ok(
    !compileHome(PART, { ...facts, present: ["wan0"], ended }).routes.some(
      (one) => one.prefix === over.prefix,
    ),
  );
  const rules =
    compileHomeFilters(PART, ["lan0"], ended).chains.find(({ name }) => name === "home-lan")?.rules ?? [];
  const texts = rules.slice(-2).map((rule) => JSON.stringify(rule));
  assert.match(texts[0] ?? "", /lan0.*2001:db8:f3::.*drop-home-source.*"icmpv6","expr":"policy-fail"/);
  assert.match(texts[1] ?? "", /^\[{"counter":"drop-home-source"},{"drop":null}\]$/);
  assert.ok(!JSON.stringify(compileHomeFilters(PART, ["lan0"])).includes("policy-fail"));
});

test("what makes no sense is refused, the field named", () => {
  const [first] = PART.tunnels;
  assert.ok(first);
  const tunnels = (change: Partial<typeof first>): HomePart => ({
    ...PART,
    tunnels: [{ ...first, ...change }],
  });
  assert.equal(faultOfHome(PART), undefined);
  const refusals: readonly (readonly [HomePart, RegExp])[] = [
    [{ ...PART, tunnels: [first, first] }, /tunnels\/1\/id: 1 is there twice/],
    [tunnels({ remote: "fe80::1" }), /tunnels\/0\/remote: "fe80::1" is no address of a router/],
    [tunnels({ remote: "here" }), /tunnels\/0\/remote/],
    [tunnels({ prefixes: ["2001:db8::/65"] }), /has no room for a \/64/],
    [tunnels({ prefixes: ["2001:db8::/60", "2001:db8::/64"] }), /prefixes\/1: .* overlaps/],
    [{ ...PART, lan: { ...PART.lan, resolvers: ["192.0.2.1"] } }, /lan\/resolvers\/0/],
    [{ ...PART, lan: { ...PART.lan, pref64: "2001:db8::/65" } }, /lan\/pref64/],
    [{ ...PART, watch: { targets: ["fe80::1"], intervalMs: 3000 } }, /watch\/targets\/0/],
    [{ ...PART, lan: { ...PART.lan, preferredS: 9999 } }, /lan\/preferredS/],
  ];
  for (const [part, fault] of refusals) assert.match(faultOfHome(part) ?? "", fault);
});
