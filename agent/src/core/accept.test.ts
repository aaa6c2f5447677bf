import assert from "node:assert/strict";
import { test } from "node:test";
import type { Manifest } from "@vsix/shared/contract/manifest.ts";
import { judgeManifest } from "./accept.ts";

const manifest = (change: Partial<Manifest>): Manifest => ({
  version: 1,
  node: "blue-sfc",
  epoch: 3,
  generation: 7,
  revision: 1,
  issuedAt: "2026-01-01T00:00:00Z",
  acceptUntil: "2026-01-02T00:00:00Z",
  parts: [],
  ...change,
});
const part = (sha256: string) => ({
  name: "bgp" as const,
  sha256: sha256.repeat(32),
  generation: 2,
  size: 9,
});
const held = { epoch: 3, generation: 7, parts: [part("aa")] };
const now = Date.parse("2026-01-01T12:00:00Z");
const verdict = (change: Partial<Manifest>, digest = "bb", nowMs = now) => {
  const result = judgeManifest(
    manifest({ parts: [part(digest)], ...change }),
    "00".repeat(32),
    { held, nonce: "ff" },
    "blue-sfc",
    nowMs,
  );
  return result.kind === "refuse" ? result.code : result.kind;
};

test("a newer generation or epoch is accepted, an older one refused", () => {
  assert.equal(verdict({ generation: 8 }), "accept");
  assert.equal(verdict({ epoch: 4, generation: 1 }), "accept");
  assert.equal(verdict({ generation: 6 }), "old-generation");
  assert.equal(verdict({ epoch: 2, generation: 99 }), "old-epoch");
});

test("a generation signed anew is recognised by its parts, a rival of the same generation refused", () => {
  assert.equal(verdict({ issuedAt: "2026-01-01T06:00:00Z" }, "aa"), "same");
  assert.equal(verdict({ epoch: 4 }, "aa"), "accept");
  assert.equal(verdict({}, "bb"), "conflicting-generation");
});

test("expiry limits accepting a new manifest, never keeping the held one", () => {
  const later = Date.parse("2026-02-01T00:00:00Z");
  assert.equal(verdict({ generation: 8 }, "bb", later), "expired");
  assert.equal(verdict({}, "aa", later), "same");
  assert.equal(verdict({ generation: 8, acceptUntil: "soon" }), "bad-expiry");
});

test("another node's manifest is refused", () => {
  assert.equal(verdict({ node: "green-sfc", generation: 8 }), "wrong-node");
});
