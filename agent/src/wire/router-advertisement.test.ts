import assert from "node:assert/strict";
import { test } from "node:test";
import { encodeNeighbourSolicitation, neighbourOf, solicitedNodeOf } from "./neighbour-discovery.ts";
import { AdvertisementDecodeError, decodeRouterAdvertisement } from "./router-advertisement.ts";

const HEADER = [134, 0, 0, 0, 64, 0x80, 7, 8, 0, 0, 0, 0, 0, 0, 0, 0];
const PREFIX = [0x20, 1, 0xd, 0xb8, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

test("an advertisement tells lifetime, MTU, prefixes, resolvers and the prefix of a translator", () => {
  const bytes = Uint8Array.from([
    ...HEADER,
    ...[5, 1, 0, 0, 0, 0, 5, 0xb4],
    ...[3, 4, 64, 0xc0, 0, 0, 14, 16, 0, 0, 7, 8, 0, 0, 0, 0, ...PREFIX.with(15, 9)],
    ...[25, 3, 0, 0, 0, 0, 14, 16, ...PREFIX.with(15, 0x53)],
    ...[38, 2, 0x07, 0x08, 0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0],
    ...[200, 1, 0, 0, 0, 0, 0, 0],
  ]);
  assert.deepEqual(decodeRouterAdvertisement(bytes), {
    lifetimeS: 1800,
    managed: true,
    mtu: 1460,
    prefixes: [{ prefix: "2001:db8:1::/64", autonomous: true, preferredS: 1800 }],
    resolvers: ["2001:db8:1::53"],
    pref64: ["64:ff9b::/96"],
  });
});

test("lengths of a translator's prefix are told by a code, and lifetime 0 takes it back", () => {
  const option = (scaled: number) =>
    Uint8Array.from([...HEADER, 38, 2, scaled >> 8, scaled & 255, ...PREFIX.slice(0, 12)]);
  const lengths = [0, 1, 2, 3, 4, 5].map(
    (code) => decodeRouterAdvertisement(option(0x0700 | code)).pref64[0],
  );
  assert.deepEqual(
    lengths.map((text) => text?.split("/")[1]),
    ["96", "64", "56", "48", "40", "32"],
  );
  assert.deepEqual(decodeRouterAdvertisement(option(6 | 0x0700)).pref64, []);
  assert.deepEqual(decodeRouterAdvertisement(option(0)).pref64, []);
});

test("an option of length 0, one cut off, and what is no advertisement are refused", () => {
  for (const bytes of [
    [...HEADER, 5, 0, 0, 0],
    [...HEADER, 5, 2, 0, 0, 0, 0, 0, 0],
    HEADER.with(0, 133),
    HEADER.slice(1),
  ])
    assert.throws(() => decodeRouterAdvertisement(Uint8Array.from(bytes)), AdvertisementDecodeError);
});

test("a neighbour is solicited by its group, and known by the target of its advertisement", () => {
  assert.equal(solicitedNodeOf("fe80::1234:5678:9abc"), "ff02::1:ff78:9abc");
  const message = encodeNeighbourSolicitation("fe80::1", Uint8Array.of(2, 0, 0, 0, 0, 1));
  assert.equal(message?.length, 32);
  assert.equal(encodeNeighbourSolicitation("nobody", undefined), undefined);
  const answer = Uint8Array.from(message ?? []).with(0, 136);
  assert.equal(neighbourOf(answer), "fe80::1");
  assert.equal(neighbourOf(message ?? new Uint8Array()), undefined);
});
