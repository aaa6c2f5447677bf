import assert from "node:assert/strict";
import { test } from "node:test";
import { formatAddress } from "@vsix/shared/net/address.ts";
import { PREF64_LENGTHS } from "@vsix/shared/net/pref64.ts";
import { formatPrefix, prefixOf } from "@vsix/shared/net/prefix.ts";
import fc from "fast-check";
import { type AdvertisementMessage, encodeRouterAdvertisement } from "./encode-advertisement.ts";
import { decodeRouterAdvertisement } from "./router-advertisement.ts";
import { isRouterSolicitation } from "./router-solicitation.ts";

const octets = fc.uint8Array({ minLength: 16, maxLength: 16 });
const lifetime = fc.integer({ min: 0, max: 0xffff_ffff });
const message: fc.Arbitrary<AdvertisementMessage> = fc.record({
  lifetimeS: fc.integer({ min: 0, max: 9000 }),
  preference: fc.constantFrom("high", "medium", "low"),
  hardware: fc.option(fc.uint8Array({ minLength: 6, maxLength: 6 }), { nil: undefined }),
  mtu: fc.option(fc.integer({ min: 1280, max: 65_535 }), { nil: undefined }),
  prefixes: fc.array(
    fc.record({
      prefix: fc
        .tuple(octets, fc.integer({ min: 0, max: 128 }))
        .map(([bytes, bits]) => prefixOf(bytes, bits)),
      onLink: fc.boolean(),
      autonomous: fc.boolean(),
      preferredS: lifetime,
      validS: lifetime,
    }),
    { maxLength: 8 },
  ),
  resolvers: fc.array(
    fc.record({ addresses: fc.array(octets, { minLength: 1, maxLength: 4 }), lifetimeS: lifetime }),
    { maxLength: 2 },
  ),
  pref64: fc.array(
    fc.record({
      prefix: fc
        .tuple(octets, fc.constantFrom(...PREF64_LENGTHS))
        .map(([bytes, bits]) => prefixOf(bytes, bits)),
      lifetimeS: fc.integer({ min: 0, max: 65_528 }),
    }),
    { maxLength: 4 },
  ),
});

test("what is encoded is decoded again by what health hears with", () => {
  fc.assert(
    fc.property(message, (said) => {
      const { lifetimeS, mtu, prefixes, resolvers, pref64 } = said;
      assert.deepEqual(decodeRouterAdvertisement(encodeRouterAdvertisement(said)), {
        lifetimeS,
        managed: false,
        mtu,
        prefixes: prefixes.map(({ prefix, autonomous, preferredS }) => ({
          prefix: formatPrefix(prefix),
          autonomous,
          preferredS,
        })),
        resolvers: resolvers.flatMap((one) => (one.lifetimeS === 0 ? [] : one.addresses.map(formatAddress))),
        pref64: pref64.flatMap((one) => (one.lifetimeS === 0 ? [] : [formatPrefix(one.prefix)])),
      });
    }),
  );
});

test("octets of a header are as RFC 4861 and RFC 4191 have them", () => {
  const nothing = { hardware: undefined, mtu: undefined, prefixes: [], resolvers: [], pref64: [] };
  const head = (lifetimeS: number, preference: "high" | "medium" | "low"): string =>
    Buffer.from(encodeRouterAdvertisement({ ...nothing, lifetimeS, preference })).toString("hex");
  assert.equal(head(1800, "high"), "86000000400807080000000000000000");
  assert.equal(head(1800, "medium"), "86000000400007080000000000000000");
  assert.equal(head(1800, "low"), "86000000401807080000000000000000");
  assert.equal(head(0, "low"), "86000000400000000000000000000000");
});

test("solicitations with an option of no length, cut off, of another code, or with a link address from nowhere are none", () => {
  const plain = [133, 0, 0, 0, 0, 0, 0, 0];
  const source = [1, 1, 2, 0, 0, 0, 0, 1];
  const is = (bytes: readonly number[], from = "fe80::2"): boolean =>
    isRouterSolicitation(Uint8Array.from(bytes), from);
  assert.ok(
    is(plain) && is(plain, "::") && is([...plain, ...source]) && is([...plain, ...source.with(0, 99)], "::"),
  );
  assert.ok(!is([...plain, ...source], "::"));
  for (const bytes of [
    plain.slice(1),
    plain.with(0, 134),
    plain.with(1, 1),
    [...plain, ...source.with(1, 0)],
    [...plain, ...source.with(1, 2)],
    [...plain, 1],
  ])
    assert.ok(!is(bytes), bytes.join());
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => void isRouterSolicitation(bytes, "::")),
  );
});
