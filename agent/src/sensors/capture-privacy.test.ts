import { strict as assert } from "node:assert";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { formatName, parseName } from "@vsix/shared/dns/name.ts";
import { formatIp } from "@vsix/shared/dns/rdata-text.ts";
import fc from "fast-check";
import { parseIp } from "../core/capture/ip-text.ts";
import { PrivacyError, privacyMaps, pseudonyms } from "./capture-privacy.ts";

const ip = (text: string): Uint8Array => parseIp(text) ?? assert.fail(text);
const name = (text: string): Uint8Array => parseName(text) ?? assert.fail(text);
const KEY = "0123456789abcdef".repeat(4);

/** Key, addresses and results of the original program's sample trace. */
const SAMPLE_KEY = Uint8Array.of(
  21,
  34,
  23,
  141,
  51,
  164,
  207,
  128,
  19,
  10,
  91,
  22,
  73,
  144,
  125,
  16,
  216,
  152,
  143,
  131,
  121,
  121,
  101,
  39,
  98,
  87,
  76,
  45,
  42,
  132,
  34,
  2,
);

test("pseudonyms of IPv4 are those of the published Crypto-PAn sample", () => {
  const map = pseudonyms(SAMPLE_KEY);
  for (const [address, shown] of [
    ["128.11.68.132", "135.242.180.132"],
    ["129.118.74.4", "134.136.186.123"],
    ["130.132.252.244", "133.68.164.234"],
    ["141.223.7.43", "141.167.8.160"],
    ["192.0.2.1", undefined],
  ] as const) {
    const mapped = formatIp(map(ip(address)));
    if (shown !== undefined) assert.equal(mapped, shown);
    assert.notEqual(mapped, address);
  }
});

test("two pseudonyms have as many leading bits in common as the addresses", () => {
  const map = pseudonyms(SAMPLE_KEY);
  const common = (a: Uint8Array, b: Uint8Array): number => {
    for (let bit = 0; bit < a.length * 8; bit++) {
      const differ = ((a[bit >> 3] ?? 0) ^ (b[bit >> 3] ?? 0)) & (0x80 >> (bit & 7));
      if (differ !== 0) return bit;
    }
    return a.length * 8;
  };
  const octets = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
  for (const length of [4, 16])
    fc.assert(
      fc.property(octets(length), octets(length), fc.nat(length), (a, b, same) => {
        b.set(a.subarray(0, same));
        assert.equal(common(map(a), map(b)), common(a, b));
      }),
      { numRuns: 200 },
    );
});

test("truncated clients keep 64 or 48 bits, and so do names of reverse lookups", () => {
  const { mapClient, mapName } = privacyMaps({ clients: "truncated-48", names: "whole" });
  assert.equal(formatIp(mapClient?.(ip("2001:db8:1:2::3")) ?? assert.fail()), "2001:db8:1::");
  assert.equal(formatIp(mapClient?.(ip("192.0.2.3")) ?? assert.fail()), "192.0.0.0");
  const shown = (text: string): string => formatName(mapName?.(name(text)) ?? assert.fail());
  const reverse = `${"3.".padEnd(32, "0.")}2.0.0.0.1.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa`;
  assert.equal(shown(reverse), "1.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa");
  assert.equal(shown("3.2.0.192.in-addr.arpa"), "0.192.in-addr.arpa");
  assert.equal(shown("www.example.org"), "www.example.org");
});

test("hashed names say only whether two are the same; the key decides what they become", () => {
  const map = privacyMaps({ clients: "whole", names: "hashed", key: KEY }).mapName ?? assert.fail();
  const other = privacyMaps({ clients: "whole", names: "hashed", key: KEY.replace("0", "1") }).mapName;
  assert.match(formatName(map(name("www.example.org"))), /^h[0-9a-f]{32}$/);
  assert.deepEqual(map(name("www.example.org")), map(name("www.example.org")));
  assert.notDeepEqual(map(name("www.example.org")), map(name("www.example.net")));
  assert.notDeepEqual(other?.(name("www.example.org")), map(name("www.example.org")));
});

test("without the list of public suffixes, or without a key, nothing is captured rather than too much", () => {
  assert.throws(() => privacyMaps({ clients: "whole", names: "registrable" }, "/nonexistent"), PrivacyError);
  assert.throws(() => privacyMaps({ clients: "pseudonym", names: "whole" }), PrivacyError);
  const folder = mkdtempSync(join(tmpdir(), "suffix-"));
  writeFileSync(join(folder, "list"), "org\n");
  const { mapName } = privacyMaps({ clients: "whole", names: "registrable" }, join(folder, "list"));
  assert.equal(formatName(mapName?.(name("a.b.example.org")) ?? assert.fail()), "example.org");
  rmSync(folder, { recursive: true });
});
