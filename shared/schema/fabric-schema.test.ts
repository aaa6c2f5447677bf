import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fabricSchemaText } from "./fabric-schema-text.ts";

test("the published JSON Schema is the one that files are checked against", () => {
  const published = readFileSync(new URL("fabric.schema.json", import.meta.url), "utf8");
  assert.deepEqual(
    JSON.parse(published),
    JSON.parse(fabricSchemaText()),
    "run: node shared/schema/generate.ts",
  );
});
