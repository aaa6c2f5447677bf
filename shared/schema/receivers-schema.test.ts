import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { receiversSchemaText } from "./receivers-schema-text.ts";

test("the published JSON Schema of receivers is the one that files are checked against", () => {
  const published = readFileSync(new URL("receivers.schema.json", import.meta.url), "utf8");
  assert.deepEqual(
    JSON.parse(published),
    JSON.parse(receiversSchemaText()),
    "run: node shared/schema/generate.ts",
  );
});
