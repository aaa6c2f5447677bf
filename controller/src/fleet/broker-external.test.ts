import assert from "node:assert/strict";
import { test } from "node:test";
import { filterPattern } from "./broker-external.ts";

test("topic filters match as MQTT 3.1.1 section 4.7.1 says", () => {
  assert.ok(filterPattern("vsix/v1/+/alive").test("vsix/v1/a/alive"));
  assert.ok(!filterPattern("vsix/v1/+/alive").test("vsix/v1/a/b/alive"));
  assert.ok(filterPattern("a/#").test("a"));
  assert.ok(filterPattern("a/#").test("a/b/c"));
  assert.ok(!filterPattern("a.b").test("axb"));
});
