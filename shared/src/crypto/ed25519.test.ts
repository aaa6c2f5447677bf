import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { manifestType } from "../contract/envelope.ts";
import {
  encodeEnvelope,
  exportPrivateKey,
  exportPublicKey,
  generateKey,
  importPrivateKey,
  importPublicKey,
  keyId,
  openEnvelope,
  sign,
  trustedKeys,
} from "./ed25519.ts";

const key = generateKey();
const other = generateKey();
const trusted = trustedKeys([key.publicKey]);
const type = manifestType("edge-1");

function codeOf(bytes: Uint8Array, expected = type): string {
  const opened = openEnvelope(bytes, expected, trusted);
  return opened.ok ? "ok" : opened.code;
}

test("what was signed comes out, to the octet", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 500 }), (payload) => {
      const opened = openEnvelope(encodeEnvelope(sign(type, payload, key)), type, trusted);
      assert.ok(opened.ok);
      assert.deepEqual(new Uint8Array(opened.payload), payload);
      assert.equal(opened.keyId, key.id);
    }),
    { numRuns: 50 },
  );
});

test("no changed octet of an envelope is ever accepted with another payload", () => {
  const payload = Buffer.from('{"version":1}');
  const bytes = encodeEnvelope(sign(type, payload, key));
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
      const changed = Uint8Array.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ flip;
      const opened = openEnvelope(changed, type, trusted);
      if (opened.ok) assert.deepEqual(Buffer.from(opened.payload), payload);
    }),
    { numRuns: 500 },
  );
});

test("hostile bytes give a refusal and nothing else", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array(),
        fc.json().map((text) => Buffer.from(text)),
      ),
      (bytes) => {
        assert.equal(codeOf(bytes), "malformed");
      },
    ),
  );
});

test("each refusal has its own code", () => {
  const payload = Buffer.from("{}");
  const good = sign(type, payload, key);
  const signature = good.signatures[0];
  assert.ok(signature);
  assert.equal(codeOf(encodeEnvelope(good)), "ok");
  assert.equal(codeOf(encodeEnvelope(good), manifestType("edge-2")), "wrong-type");
  assert.equal(codeOf(encodeEnvelope(sign(type, payload, other))), "unknown-key");
  const foreign = sign(type, Buffer.from("[]"), key);
  assert.equal(codeOf(encodeEnvelope({ ...foreign, payload: good.payload })), "bad-signature");
  const stolen = { ...sign(type, payload, other), signatures: [{ ...signature, sig: "AAAA" }] };
  assert.equal(codeOf(encodeEnvelope(stolen)), "bad-signature");
  assert.equal(codeOf(encodeEnvelope({ ...good, payload: `${good.payload} ` })), "malformed");
  assert.equal(codeOf(Buffer.alloc(300 * 1024)), "too-large");
});

test("one trusted signature among strangers' is enough", () => {
  const payload = Buffer.from("{}");
  const envelope = sign(type, payload, key);
  const both = {
    ...envelope,
    signatures: [...sign(type, payload, other).signatures, ...envelope.signatures],
  };
  assert.equal(codeOf(encodeEnvelope(both)), "ok");
});

test("keys survive being written down, and anything else is refused", () => {
  const again = importPrivateKey(exportPrivateKey(key));
  assert.equal(again.id, key.id);
  assert.equal(keyId(importPublicKey(exportPublicKey(key.publicKey))), key.id);
  assert.match(key.id, /^[0-9a-f]{32}$/);
  assert.throws(() => importPublicKey("no key"), { code: "bad-key" });
});
