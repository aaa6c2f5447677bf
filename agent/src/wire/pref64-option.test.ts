import assert from "node:assert/strict";
import { test } from "node:test";
import { PREF64_LENGTHS } from "@vsix/shared/net/pref64.ts";
import { formatPrefix, parsePrefix, prefixOf } from "@vsix/shared/net/prefix.ts";
import fc from "fast-check";
import { decodePref64Option, encodePref64Option } from "./pref64-option.ts";

test("an option is the octets that RFC 8781 draws", () => {
  const prefix = parsePrefix("64:ff9b::/96");
  assert.ok(prefix !== undefined);
  const bytes = encodePref64Option({ prefix, lifetimeS: 1800 });
  // 1800 s are 225 units of 8: 225 << 3 = 0x0708; code 0 is /96.
  assert.equal(Buffer.from(bytes ?? []).toString("hex"), "260207080064ff9b0000000000000000");
});

test("every prefix comes back as it was, its lifetime rounded up to 8 s and never beyond 13 bits", () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 16, maxLength: 16 }),
      fc.constantFrom(...PREF64_LENGTHS),
      fc.nat(100_000),
      (address, length, lifetimeS) => {
        const prefix = prefixOf(address, length);
        const bytes = encodePref64Option({ prefix, lifetimeS });
        assert.ok(bytes !== undefined);
        const back = decodePref64Option(bytes);
        assert.equal(back === undefined ? "" : formatPrefix(back.prefix), formatPrefix(prefix));
        assert.equal(back?.lifetimeS, Math.min(65_528, Math.ceil(lifetimeS / 8) * 8));
      },
    ),
  );
});

test("anything else is no such option, and nothing throws", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 24 }), (bytes) => {
      const option = decodePref64Option(bytes);
      if (option !== undefined) assert.ok(PREF64_LENGTHS.includes(option.prefix.length));
    }),
  );
  assert.equal(decodePref64Option(Uint8Array.from([38, 2, 0, 7, ...new Uint8Array(12)])), undefined);
  const odd = parsePrefix("2001:db8::/60");
  assert.ok(odd !== undefined);
  assert.equal(encodePref64Option({ prefix: odd, lifetimeS: 1 }), undefined);
});
