import { strict as assert } from "node:assert";
import { test } from "node:test";
import fc from "fast-check";
import { formatName, isBelow, nameLength, parseName } from "./name.ts";

const name = (text: string): Uint8Array => parseName(text) ?? assert.fail(`${text} is no name`);

test("text to wire form and back, whatever octets labels have", () => {
  const label = fc
    .uint8Array({ minLength: 1, maxLength: 63 })
    .map((octets) => octets.map((o) => (o >= 65 && o <= 90 ? o + 32 : o)));
  fc.assert(
    fc.property(fc.array(label, { maxLength: 3 }), (labels) => {
      const wire = Uint8Array.from([...labels.flatMap((octets) => [octets.length, ...octets]), 0]);
      assert.deepEqual(parseName(formatName(wire)), wire);
      assert.equal(nameLength(wire, 0), wire.length);
    }),
  );
});

test("the root is a dot, a dot at the end changes nothing, case is lost", () => {
  assert.equal(formatName(Uint8Array.of(0)), ".");
  assert.deepEqual(name("."), Uint8Array.of(0));
  assert.deepEqual(name("Example.ORG."), name("example.org"));
  assert.equal(formatName(name("a\\.b.c\\032d")), "a\\.b.c\\032d");
});

test("what is no name is none", () => {
  const long = "a".repeat(64);
  for (const text of ["", "..", "a..b", ".a", long, "a b", "\\256", "a\\", `${"a".repeat(63)}.`.repeat(4)]) {
    assert.equal(parseName(text), undefined, text);
  }
  assert.equal(nameLength(Uint8Array.of(1, 97), 0), -1);
  assert.equal(nameLength(Uint8Array.of(0xc0, 0), 0), -1);
});

test("below a name means below one of its labels, not of its letters", () => {
  assert.ok(isBelow(name("www.example.org"), name("example.org")));
  assert.ok(isBelow(name("example.org"), name("example.org")));
  assert.ok(!isBelow(name("myexample.org"), name("example.org")));
  assert.ok(isBelow(name("a.b"), name(".")));
});
