import assert from "node:assert/strict";
import { createPrivateKey, createPublicKey, diffieHellman, generateKeyPairSync } from "node:crypto";
import { test } from "node:test";
import { parsePrefix } from "@vsix/shared/net/prefix.ts";
import fc from "fast-check";
import {
  APPLICATION_ACTIONS,
  APPLICATION_STATES,
  heldBy,
  isLiving,
  mayUse,
  nextApplicationState,
} from "./applications.ts";
import { endpointFault } from "./endpoint.ts";
import { limitOf, quotaRefusal } from "./quota.ts";
import { approvesItself, defaultPolicy, lacks, purposesOf } from "./services.ts";
import { publicKeyFault } from "./wireguard-key.ts";

test("an application that is over stays over, and any other can be revoked", () => {
  for (const state of APPLICATION_STATES)
    for (const action of APPLICATION_ACTIONS) {
      const next = nextApplicationState(state, action, true);
      if (!isLiving(state)) assert.equal(next, undefined, `${state} ${action}`);
      else if (action === "revoke") assert.equal(next, "revoked");
    }
});

test("what is approved is active as soon as it is complete, and resumes as what it can be", () => {
  assert.equal(nextApplicationState("applied", "approve", false), "approved");
  assert.equal(nextApplicationState("applied", "approve", true), "active");
  assert.equal(nextApplicationState("suspended", "resume", false), "approved");
  assert.equal(nextApplicationState("suspended", "resume", true), "active");
  assert.equal(lacks("remote-access-vpn", { endpoint: "2001:db8::1", publicKey: null }), "public key");
  assert.equal(lacks("generic-tunneling", { endpoint: "2001:db8::1", publicKey: null }), undefined);
  assert.equal(lacks("srv6-access", { endpoint: null, publicKey: "x" }), "endpoint");
});

test("nobody is approved by himself until an operator says so, and members only for their project", () => {
  assert.ok(!approvesItself(defaultPolicy("srv6-access").approval, true));
  assert.ok(approvesItself("members", true) && !approvesItself("members", false));
  assert.ok(approvesItself("auto", false) && !approvesItself("closed", true));
  assert.deepEqual(purposesOf({ ...defaultPolicy("remote-access-vpn"), gives: "network" }), [
    "vpn-address",
    "vpn-prefix",
  ]);
  assert.equal(heldBy("active", undefined), undefined);
  assert.match(heldBy("active", "suspended") ?? "", /project/);
});

test("others' applications are for owners and managers of their project only", () => {
  assert.ok(mayUse("alice", { account: "alice" }, undefined));
  assert.ok(mayUse("bob", { account: "alice" }, "manager"));
  assert.ok(!mayUse("bob", { account: "alice" }, "member"));
  assert.ok(!mayUse("bob", { account: "alice" }, undefined));
});

test("a quota refuses the first that is too many, and says whose", () => {
  assert.equal(
    quotaRefusal("x", [
      { of: "user a", used: 3, limit: 4 },
      { of: "all", used: 9, limit: null },
    ]),
    undefined,
  );
  assert.match(
    quotaRefusal("x", [{ of: "user a", used: 4, limit: 4 }]) ?? "",
    /^user a has 4 of at most 4 for x/,
  );
  assert.equal(limitOf(undefined, 4), 4);
  assert.equal(limitOf(null, 4), null);
  assert.equal(limitOf(0, 4), 0);
});

test("every key that X25519 makes is taken, whatever else is not", () => {
  for (let at = 0; at < 50; at++) {
    const { publicKey } = generateKeyPairSync("x25519");
    const raw = publicKey.export({ type: "spki", format: "der" }).subarray(-32);
    assert.equal(publicKeyFault(raw.toString("base64")), undefined);
  }
  for (const text of ["", "A".repeat(44), `${"A".repeat(42)}B=`, `${"A".repeat(43)}=`, `${"-".repeat(43)}=`])
    assert.notEqual(publicKeyFault(text), undefined, text);
  fc.assert(fc.property(fc.string(), (text) => void publicKeyFault(text)));
});

test("the keys refused for their small order are those that OpenSSL agrees on nothing with", () => {
  const header = Buffer.from("302a300506032b656e032100", "hex");
  const { privateKey } = generateKeyPairSync("x25519");
  const mine = createPrivateKey(privateKey.export({ type: "pkcs8", format: "pem" }));
  const small = [
    "00".repeat(32),
    `01${"00".repeat(31)}`,
    `ec${"ff".repeat(30)}7f`,
    `ed${"ff".repeat(30)}ff`,
    "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
    "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
  ];
  for (const hex of small) {
    const raw = Buffer.from(hex, "hex");
    const theirs = createPublicKey({ key: Buffer.concat([header, raw]), format: "der", type: "spki" });
    assert.throws(() => diffieHellman({ privateKey: mine, publicKey: theirs }), hex);
    assert.match(publicKeyFault(raw.toString("base64")) ?? "", /small order/, hex);
  }
});

test("a tunnel ends at an address of somebody's router, and never inside of what goes through it", () => {
  const pool = parsePrefix("2001:db8:100::/40");
  assert.ok(pool !== undefined);
  assert.equal(endpointFault("2001:db8:1::1", [pool]), undefined);
  assert.equal(endpointFault("fd00::1", [pool]), undefined);
  assert.match(endpointFault("2001:db8:100::1", [pool]) ?? "", /through itself/);
  for (const text of [
    "::",
    "::1",
    "fe80::1",
    "ff02::1",
    "::ffff:192.0.2.1",
    "64:ff9b::1",
    "192.0.2.1",
    "x",
    "2001:db8::1%eth0",
  ])
    assert.notEqual(endpointFault(text, []), undefined, text);
});
