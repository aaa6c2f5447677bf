import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { MAX_MANIFEST_OCTETS, MessageError, parseManifest, parsePart, parseUp } from "./parse.ts";

test("hostile bytes give a MessageError and nothing else", () => {
  const anything = fc.oneof(
    fc.uint8Array(),
    fc.json().map((text) => Buffer.from(text)),
    fc
      .record({ version: fc.constant(1), edges: fc.jsonValue() })
      .map((value) => Buffer.from(JSON.stringify(value))),
  );
  fc.assert(
    fc.property(anything, (bytes) => {
      for (const parse of [
        () => parseManifest(bytes),
        () => parsePart("bgp", bytes),
        () => parsePart("fabric", bytes),
        () => parseUp("report", bytes),
      ]) {
        assert.throws(parse, MessageError);
      }
    }),
    { numRuns: 300 },
  );
});

test("each reason has its code and place", () => {
  const codeOf = (text: string): string => {
    try {
      parsePart("steering", Buffer.from(text));
      return "ok";
    } catch (error) {
      return error instanceof MessageError ? `${error.code} ${error.path}` : String(error);
    }
  };
  assert.equal(codeOf('{"version":1,"edges":[]}'), "ok");
  assert.equal(codeOf('{"version":1,"edges":[],"more":true}'), "ok");
  assert.equal(codeOf('{"version":2,"edges":[]}'), "wrong-version /version");
  assert.equal(codeOf('{"version":1,"edges":[{"name":"a"}]}'), "wrong-shape /edges/0/med");
  assert.equal(codeOf('{"version":1'), "not-json ");
  assert.equal(codeOf("\ufeff{}"), "not-json ");
});

test("a manifest beyond its bound is not even read", () => {
  assert.throws(() => parseManifest(new Uint8Array(MAX_MANIFEST_OCTETS + 1)), { code: "too-large" });
});
