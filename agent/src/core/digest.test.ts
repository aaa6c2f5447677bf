import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { digestOf, digestText, EMPTY, minus, plus } from "./digest.ts";
import { Secret } from "./secret.ts";

const text = (value: unknown): string => digestText(digestOf(value));

test("two values have one digest exactly when JSON says the same of both", () => {
  const json = fc.jsonValue({ maxDepth: 3 });
  fc.assert(
    fc.property(json, json, (a, b) => {
      const copy = JSON.parse(JSON.stringify(a));
      assert.equal(text(copy), text(a));
      assert.equal(text(a) === text(b), canonical(a) === canonical(b));
    }),
    { numRuns: 2000 },
  );
});

test("neither the order of fields counts nor a field that is undefined, but that of a list does", () => {
  assert.equal(text({ a: 1, b: [2, 3], c: undefined }), text({ b: [2, 3], a: 1 }));
  const different = [
    [],
    {},
    "",
    0,
    "0",
    null,
    false,
    [[]],
    [0],
    ["0"],
    ["", ""],
    ["a", "b"],
    ["b", "a"],
    ["ab"],
  ];
  assert.equal(new Set(different.map(text)).size, different.length);
});

test("of a secret it counts that it is one, and nothing of it", () => {
  const [a, b] = [new Secret(Buffer.from("one")), new Secret(Buffer.from("two"))];
  assert.equal(text({ key: a }), text({ key: b }));
});

test("sums do not depend on order, and what is taken away was never there", () => {
  fc.assert(
    fc.property(fc.array(fc.string()), fc.string(), (words, more) => {
      const sum = (all: readonly string[]) => all.map((word) => digestOf(word)).reduce(plus, EMPTY);
      assert.deepEqual(sum(words), sum(words.toReversed()));
      assert.deepEqual(minus(plus(sum(words), digestOf(more)), digestOf(more)), sum(words));
    }),
  );
  assert.equal(digestText(EMPTY), "0".repeat(16));
});

test("50,000 routes like each other have 50,000 digests", () => {
  const seen = new Set<string>();
  for (let i = 0; i < 50_000; i++)
    seen.add(text([`2001:db8:${i.toString(16)}::/48`, ["unicast", 0x76000001 + (i % 3)]]));
  assert.equal(seen.size, 50_000);
});

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (typeof value !== "object" || value === null) return Object.is(value, -0) ? "0" : JSON.stringify(value);
  const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${fields.map(([name, inner]) => `${JSON.stringify(name)}:${canonical(inner)}`).join()}}`;
}
