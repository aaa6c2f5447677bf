import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import type { PartName } from "@vsix/shared/contract/manifest.ts";
import {
  MessageError,
  parseAccessShard,
  parseGateShard,
  parseManifest,
  parsePart,
  parseUp,
  type UpByKind,
} from "@vsix/shared/contract/parse.ts";
import { isAccessShard } from "@vsix/shared/contract/part-access.ts";
import { isGateShard } from "@vsix/shared/contract/part-gate.ts";
import { importPublicKey, openEnvelope, trustedKeys } from "@vsix/shared/crypto/ed25519.ts";
import { followTransitions } from "@vsix/shared/crypto/transitions.ts";

/** Everything that was ever on the wire is still understood, or still refused for the same reason. */

interface Vector {
  readonly kind: "envelope" | "manifest" | "part" | keyof UpByKind;
  readonly part?: string;
  /** The exact bytes, ASCII. */
  readonly text: string;
  readonly type?: string;
  readonly publicKeys?: readonly string[];
  readonly payload?: string;
  /** PEM of an earlier key that leads to the one that signed. */
  readonly follows?: string;
  /** Code of the refusal, where there is one. */
  readonly refused?: string;
  readonly path?: string;
}

const folder = new URL("../../shared/vectors/v1/", import.meta.url);
const files = readdirSync(folder).filter((name) => name.endsWith(".json"));

function parse(vector: Vector, bytes: Uint8Array): unknown {
  switch (vector.kind) {
    case "envelope": {
      const keys = (vector.publicKeys ?? []).map((pem) => importPublicKey(pem));
      const opened = openEnvelope(bytes, vector.type ?? "", trustedKeys(keys));
      assert.equal(opened.ok ? undefined : opened.code, vector.refused);
      if (vector.follows !== undefined) {
        const before = { trusted: trustedKeys([importPublicKey(vector.follows)]), retired: new Map() };
        assert.deepEqual([...followTransitions(bytes, before).trusted.keys()], [...trustedKeys(keys).keys()]);
      }
      if (opened.ok) assert.equal(Buffer.from(opened.payload).toString("ascii"), vector.payload);
      return undefined;
    }
    case "manifest":
      return parseManifest(bytes);
    case "part":
      if (vector.part !== undefined && isAccessShard(vector.part))
        return parseAccessShard(vector.part, bytes);
      if (vector.part !== undefined && isGateShard(vector.part)) return parseGateShard(vector.part, bytes);
      return parsePart((vector.part ?? "fabric") as PartName, bytes);
    default:
      return parseUp(vector.kind, bytes);
  }
}

test("there are vectors of contract version 1", () => assert.ok(files.length >= 20));

for (const file of files) {
  test(`the recorded message ${file} means what it meant`, () => {
    const vector = JSON.parse(readFileSync(new URL(file, folder), "utf8")) as Vector;
    const bytes = Buffer.from(vector.text, "ascii");
    if (vector.refused === undefined || vector.kind === "envelope") {
      const value = parse(vector, bytes);
      if (vector.kind !== "envelope") assert.deepEqual(value, JSON.parse(vector.text));
      return;
    }
    assert.throws(
      () => parse(vector, bytes),
      (error) => {
        assert.ok(error instanceof MessageError);
        assert.equal(error.code, vector.refused);
        if (vector.path !== undefined) assert.equal(error.path, vector.path);
        return true;
      },
    );
  });
}
