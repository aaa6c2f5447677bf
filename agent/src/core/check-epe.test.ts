import assert from "node:assert/strict";
import { test } from "node:test";
import type { EpeClass, EpePart } from "@vsix/shared/contract/part-epe.ts";
import type { FabricPart } from "@vsix/shared/contract/part-fabric.ts";
import fc from "fast-check";
import { faultOfEpe } from "./check-epe.ts";

const port = (name: string, faces: FabricPart["interfaces"][number]["faces"]) => ({
  name,
  mtu: 1500,
  addresses: [],
  faces,
  peer: name,
  peerAddress: "fe80::1",
});
const fabric: FabricPart = {
  version: 1,
  node: { name: "r1", role: "plane", id: 1, site: "sfc", plane: "blue", loopback: "2001:db8::1" },
  loopbackAddresses: [],
  interfaces: [port("e0", "edge"), port("x0", "external-edge"), port("p0", "plane-internal")],
  sids: [],
  blackholes: [],
  overrides: [],
  sidBlock: "2001:db8:ff::/48",
};
const setting = { fabric, ownPrefixes: ["2001:db8::/32"] };
const override = { prefix: "3fff:1::/32", peer: "xe/wide", segments: ["2001:db8:ff:1::5"] };
const sound: EpeClass = { name: "a", match: {}, interfaces: ["e0"], overrides: [override] };
const faultOf = (...classes: readonly Partial<EpeClass>[]): string | undefined => {
  const epe: EpePart = { version: 1, keepS: 0, classes: classes.map((change) => ({ ...sound, ...change })) };
  return faultOfEpe(epe, setting);
};

test("a sound part passes; each senseless field is named", () => {
  assert.equal(faultOf({}, { name: "b", match: { protocol: 17, ports: { from: 53, to: 53 } } }), undefined);
  const cases: readonly (readonly [Partial<EpeClass>, RegExp])[] = [
    [{ interfaces: ["e0", "x0"] }, /\/classes\/0\/interfaces\/1: "x0" faces external-edge, not an Edge/],
    [{ interfaces: ["p0"] }, /"p0" faces plane-internal/],
    [{ interfaces: ["lo"] }, /"lo" is no port of this node/],
    [{ interfaces: ["e0", "e0"] }, /a port is there twice/],
    [{ match: { sources: ["2001:db8::1/48"] } }, /\/match\/sources\/0/],
    [{ match: { ports: { from: 1, to: 2 } } }, /\/match\/ports: only with protocol 6 or 17/],
    [{ match: { protocol: 6, ports: { from: 3, to: 2 } } }, /from 3 to 2 is nothing/],
    [{ overrides: [override, override] }, /\/overrides\/1\/prefix: 3fff:1::\/32 is there twice/],
    [{ overrides: [{ ...override, prefix: "::/0" }] }, /::\/0 overlaps our own/],
    [{ overrides: [{ ...override, prefix: "2001:db8:ff:1::/64" }] }, /overlaps our own/],
    [{ overrides: [{ ...override, prefix: "3fff:1::1" }] }, /is no IPv6 prefix/],
    [
      { overrides: [{ ...override, segments: ["3fff::1"] }] },
      /\/segments\/0: 3fff::1 lies outside the SID block/,
    ],
    [{ overrides: [{ ...override, segments: ["x"] }] }, /"x" is no IPv6 address/],
  ];
  for (const [change, pattern] of cases) assert.match(faultOf(change) ?? "", pattern);
  assert.match(faultOf({}, {}) ?? "", /\/classes\/1\/name: "a" is there twice/);
});

test("more rules than a packet should be compared with are refused, with the figure", () => {
  const sources = Array.from({ length: 64 }, (_, i) => `2001:db8:${i.toString(16)}::/48`);
  const classes = Array.from({ length: 17 }, (_, i) => ({ name: `c${i}`, match: { sources } }));
  assert.equal(faultOf(...classes.slice(1)), undefined);
  assert.match(
    faultOf(...classes) ?? "",
    /classes\/16: with this class there are 1088 rules .* 1024 are possible/,
  );
});

test("whatever text stands in a field, a reason is given and nothing is thrown", () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      for (const change of [
        { interfaces: [text] },
        { match: { sources: [text] } },
        { overrides: [{ ...override, prefix: text }] },
        { overrides: [{ ...override, segments: [text] }] },
      ])
        assert.equal(typeof faultOf(change), "string", JSON.stringify(change));
    }),
  );
});
