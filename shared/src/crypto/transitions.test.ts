import assert from "node:assert/strict";
import { test } from "node:test";
import type { Envelope } from "../contract/envelope.ts";
import { KEY_TRANSITION_TYPE } from "../contract/envelope.ts";
import { encodeEnvelope, generateKey, type SigningKey, sign, trustedKeys } from "./ed25519.ts";
import { followTransitions, signTransition, type Trust } from "./transitions.ts";

const [first, second, third, stranger] = [generateKey(), generateKey(), generateKey(), generateKey()];
const AT = "2026-01-01T00:00:00Z";
const chain = [signTransition(first, second, AT), signTransition(second, third, AT)];
const trustIn = (...keys: readonly SigningKey[]): Trust => ({
  trusted: trustedKeys(keys.map(({ publicKey }) => publicKey)),
  retired: new Map(),
});
const carrying = (transitions: readonly Envelope[]): Uint8Array =>
  encodeEnvelope({ ...sign("any", Buffer.from("{}"), third), transitions: [...transitions] });
const idsOf = ({ trusted, retired }: Trust): readonly (readonly string[])[] => [
  [...trusted.keys()],
  [...retired.keys()],
];

test("a node that missed several rotations follows from the key it trusts, wherever in the chain that is", () => {
  assert.deepEqual(idsOf(followTransitions(carrying(chain), trustIn(first))), [
    [third.id],
    [first.id, second.id],
  ]);
  assert.deepEqual(idsOf(followTransitions(carrying(chain), trustIn(second))), [[third.id], [second.id]]);
});

test("statements by unknown keys, by retired keys and with other bytes change nothing", () => {
  const followed = followTransitions(carrying(chain), trustIn(first));
  const unmoved = (trust: Trust, ...transitions: readonly Envelope[]): void =>
    assert.equal(followTransitions(carrying(transitions), trust), trust);
  unmoved(followed, ...chain);
  unmoved(followed, signTransition(first, stranger, AT));
  unmoved(followed, signTransition(third, second, AT));
  unmoved(followed, signTransition(third, third, AT));
  unmoved(trustIn(first), signTransition(stranger, third, AT));
  unmoved(trustIn(stranger), ...chain);
  const [genuine] = chain;
  assert.ok(genuine);
  const forged = Buffer.from(genuine.payload, "base64").toString("utf8").replace(AT, "2027-01-01T00:00:00Z");
  unmoved(trustIn(first), { ...genuine, payload: Buffer.from(forged).toString("base64") });
  unmoved(trustIn(first), sign(KEY_TRANSITION_TYPE, Buffer.from("no JSON"), first));
  // Signed by a key that is trusted, on behalf of another.
  const other = JSON.stringify({ version: 1, from: second.id, to: "x", at: AT });
  unmoved(trustIn(first), sign(KEY_TRANSITION_TYPE, Buffer.from(other), first));
  assert.equal(followTransitions(Buffer.from("[]"), followed), followed);
});
