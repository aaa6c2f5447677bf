import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { expectedSchemaText } from "./expected-schema-text.ts";

test("the published JSON Schema of expected paths is the one that files are checked against", () => {
  const published = readFileSync(new URL("expected.schema.json", import.meta.url), "utf8");
  assert.deepEqual(
    JSON.parse(published),
    JSON.parse(expectedSchemaText()),
    "run: node shared/schema/generate.ts",
  );
});
