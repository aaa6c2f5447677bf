import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { readYaml } from "./yaml.ts";

const SECRET = "Tr0ub4dor";

test("no slip of syntax makes a fault repeat what stands in the file: it may be a secret, and faults are logged", () => {
  const tokens = [
    "key",
    ":",
    " ",
    "\n",
    "  ",
    "- ",
    "[",
    "]",
    "{",
    "}",
    ",",
    '"',
    "'",
    "\\",
    "&",
    "*",
    "!",
    "!<",
    "|",
    ">",
    "%",
    "%YAML ",
    "%TAG ",
    "---\n",
    "?",
    "@",
    "`",
    "\t",
    "#",
    SECRET,
    SECRET,
  ];
  let refused = 0;
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...tokens), { maxLength: 24 }), (words) => {
      const read = readYaml(words.join(""), "x");
      if (read.ok) return;
      refused++;
      for (const { message } of read.faults) {
        assert.ok(!message.includes(SECRET), message);
        assert.match(message, /^(YAML|this is not YAML|the file)/);
      }
    }),
    { numRuns: 3000 },
  );
  assert.ok(refused > 300, `${refused} refused`);
});

test("a fault still says what is wrong", () => {
  const of = (text: string): string => {
    const read = readYaml(text, "x");
    return read.ok ? "" : (read.faults[0]?.message ?? "");
  };
  assert.equal(of('{"a" "b"}'), "YAML: Missing , or : between flow map items");
  assert.equal(of(`a: | ${SECRET}\n`), "YAML: Not a YAML token");
  assert.equal(
    of(`a: *${SECRET}\n`),
    "YAML aliases cannot be resolved (at most 100 repetitions): Unresolved alias (the anchor must be set before the alias)",
  );
  assert.equal(of("a: 1\na: 2\n"), "YAML: Map keys must be unique");
});
