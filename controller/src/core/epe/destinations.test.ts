import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseDestinations, planDestinations } from "./destinations.ts";

const BOUNDS = { maxBytes: 10_000, maxEntries: 3 };
const asked = (prefix: string, address: string) => ({ prefix, address, protocol: "icmp6" }) as const;

test("what may not be probed, is ours, wrong, asked twice or too much is left out, and counted with an example", () => {
  const epe = {
    destinations: { list: [], sources: [], max: 2 },
    never: { prefixes: ["3fff:666::/32"], as: [] },
  };
  const { destinations, refused } = planDestinations(
    epe,
    ["2001:db8::/32"],
    [
      {
        name: "list",
        destinations: [asked("3fff:1::/48", "3fff:1::1"), asked("3fff:666:1::/48", "3fff:666:1::1")],
      },
      {
        name: "learned",
        destinations: [
          asked("3fff:1::/48", "3fff:1::2"),
          asked("2001:db8:1::/48", "2001:db8:1::1"),
          asked("::/0", "3fff:9::1"),
          asked("3fff:2::/48", "3fff:3::1"),
          asked("3fff::/16", "3fff:666::1"),
          asked("3fff:4::/48", "3fff:4::1"),
          asked("3fff:5::/48", "3fff:5::1"),
        ],
      },
    ],
  );
  assert.deepEqual(
    destinations.map(({ prefix }) => prefix),
    ["3fff:1::/48", "3fff:4::/48"],
  );
  assert.deepEqual(
    refused.map(({ source, why, count, example }) => `${source} ${why} ${count} ${example}`),
    [
      "list never 1 3fff:666:1::/48 3fff:666:1::1",
      "learned twice 1 3fff:1::/48 3fff:1::2",
      "learned ours 1 2001:db8:1::/48 2001:db8:1::1",
      "learned wrong 2 ::/0 3fff:9::1",
      "learned never 1 3fff::/16 3fff:666::1",
      "learned too-many 1 3fff:5::/48 3fff:5::1",
    ],
  );
});

test("a list is read whole: comments, protocols, ports", () => {
  const text =
    "# NOC\n3fff:1::/48 3FFF:1::0:1  # the web\n\n3fff:2::/48\t3fff:2::1 tcp 443\r\n3fff:3::/48 3fff:3::1 udp\n";
  assert.deepEqual(parseDestinations(text, BOUNDS), {
    ok: true,
    destinations: [
      { prefix: "3fff:1::/48", address: "3fff:1::1", protocol: "icmp6" },
      { prefix: "3fff:2::/48", address: "3fff:2::1", protocol: "tcp", port: 443 },
      { prefix: "3fff:3::/48", address: "3fff:3::1", protocol: "udp" },
    ],
  });
});

for (const [line, says] of [
  ["3fff:1::1/48 3fff:1::1", /not an IPv6 prefix/],
  ["3fff:1::/48 192.0.2.1", /not an IPv6 address/],
  ["3fff:1::/48", /not an IPv6 address/],
  ["3fff:1::/48 3fff:2::1", /does not lie in/],
  ["3fff:1::/48 3fff:1::1 quic", /none of icmp6, tcp, udp/],
  ["3fff:1::/48 3fff:1::1 icmp6 7", /no port of icmp6/],
  ["3fff:1::/48 3fff:1::1 tcp 65536", /no port of tcp/],
  ["3fff:1::/48 3fff:1::1 tcp 443 now", /more than PREFIX/],
] as const)
  test(`a list with "${line}" is refused whole, at its line`, () => {
    const result = parseDestinations(`3fff:9::/48 3fff:9::1\n${line}\n`, BOUNDS);
    assert.ok(!result.ok);
    assert.equal(result.line, 2);
    assert.match(result.message, says);
  });

test("a list beyond its bounds is refused whole", () => {
  const lines = Array.from({ length: 4 }, (_, at) => `3fff:${at + 1}::/48 3fff:${at + 1}::1`).join("\n");
  assert.deepEqual(parseDestinations(lines, BOUNDS), {
    ok: false,
    line: 4,
    message: "more than 3 entries (maxEntries)",
  });
  assert.equal(parseDestinations("x".repeat(10_001), BOUNDS).ok, false);
});

test("no text at all makes the reader throw, nor does what it says hold control characters", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 200 }), (text) => {
      const result = parseDestinations(text, BOUNDS);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
      if (!result.ok) assert.doesNotMatch(result.message, /[\u0000-\u001f]/);
    }),
  );
});
