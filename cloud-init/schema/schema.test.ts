import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { Value } from "@sinclair/typebox/value";
import { parse } from "yaml";
import { EXAMPLES, exampleText } from "../../test/cloud-init/examples.ts";
import { AnyFile } from "../core/schema.ts";
import { schemaText } from "./text.ts";

test("the published JSON Schema is the one that files are checked against, and takes the examples", () => {
  const published = readFileSync(new URL("../vsix-pi.schema.json", import.meta.url), "utf8");
  assert.deepEqual(
    JSON.parse(published),
    JSON.parse(schemaText()),
    "run: node cloud-init/schema/generate.ts",
  );
  for (const name of EXAMPLES) assert.ok(Value.Check(AnyFile, parse(exampleText(name))), name);
});
