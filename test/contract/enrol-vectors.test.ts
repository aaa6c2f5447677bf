import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { Value } from "@sinclair/typebox/value";
import { type Claim, EnrolRequest, IdentityAnswer, RenewRequest } from "@vsix/shared/contract/enrol.ts";
import { decodeClaim } from "@vsix/shared/crypto/claim-token.ts";
import { checkPossession, sha256 } from "@vsix/shared/crypto/possession.ts";
import fc from "fast-check";

/** What was once on the wire when nodes enrolled is still understood, and its proofs still hold. */

function load<T>(name: string): T {
  const file = new URL(`../../shared/vectors/enrol-v1/${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(file, "utf8")) as T;
}

test("the recorded claim token means what it meant", () => {
  const { token, claim } = load<{ token: string; claim: Claim }>("claim");
  assert.deepEqual(decodeClaim(token), claim);
  assert.deepEqual(decodeClaim(`${token}\n`), claim);
});

test("the recorded enrolment's proof holds, and only as it is", () => {
  const { text } = load<{ text: string }>("enrol-request");
  const request: unknown = JSON.parse(text);
  assert.ok(Value.Check(EnrolRequest, request));
  const [spki, proof] = [Buffer.from(request.spki, "base64"), Buffer.from(request.proof, "base64")];
  const possession = {
    purpose: "enrol",
    node: request.node,
    secretHash: sha256(request.secret),
    spki,
  } as const;
  assert.ok(checkPossession(possession, proof) !== undefined);
  assert.equal(checkPossession({ ...possession, purpose: "renew" }, proof), undefined);
  assert.equal(checkPossession({ ...possession, node: "edge-2" }, proof), undefined);
  assert.equal(checkPossession({ ...possession, secretHash: sha256("other") }, proof), undefined);
});

test("the recorded renewal's proof holds", () => {
  const { text, node } = load<{ text: string; node: string }>("renew-request");
  const request: unknown = JSON.parse(text);
  assert.ok(Value.Check(RenewRequest, request));
  const spki = Buffer.from(request.spki, "base64");
  const possession = { purpose: "renew", node, secretHash: sha256(""), spki } as const;
  assert.ok(checkPossession(possession, Buffer.from(request.proof, "base64")) !== undefined);
});

test("the recorded answer is understood", () => {
  const { text } = load<{ text: string }>("identity-answer");
  assert.ok(Value.Check(IdentityAnswer, JSON.parse(text)));
});

test("whatever a token or a proof is made of, it is refused and nothing else happens", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      for (const token of [text, `vsix1.${text}`, `vsix1.${Buffer.from(text).toString("base64url")}`])
        assert.throws(() => decodeClaim(token), { code: "bad-token" });
    }),
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.uint8Array({ maxLength: 100 }), (spki, proof) => {
      const possession = { purpose: "enrol", node: "a", secretHash: sha256(""), spki } as const;
      assert.equal(checkPossession(possession, proof), undefined);
    }),
  );
});
