import assert from "node:assert/strict";
import { test } from "node:test";
import { isInvitation, newInvitation, newRecoveryCodes, Vault } from "./secrets.ts";

const vault = new Vault("ab".repeat(32));

test("what is sealed for a user opens for him alone, unchanged, with the same key", () => {
  const plain = Buffer.from("a secret of 20 octet");
  const sealed = vault.seal(plain, "alice");
  assert.deepEqual(Buffer.from(vault.open(sealed, "alice")), plain);
  assert.ok(!Buffer.from(sealed, "base64").includes(plain));
  assert.throws(() => vault.open(sealed, "bob"), { code: "store", message: /portal\.key/ });
  assert.throws(() => new Vault("ac".repeat(32)).open(sealed, "alice"), { code: "store" });
  const octets = Buffer.from(sealed, "base64");
  for (let at = 0; at < octets.length; at++) {
    const changed = Buffer.from(octets);
    changed.writeUInt8(changed.readUInt8(at) ^ 1, at);
    assert.throws(() => vault.open(changed.toString("base64"), "alice"), { code: "store" });
  }
  for (const text of ["", "AAAA", "?"]) assert.throws(() => vault.open(text, "alice"), { code: "store" });
});

test("recovery codes are ten, differ, and are known however a person writes them, to their user only", () => {
  const codes = newRecoveryCodes();
  assert.equal(new Set(codes).size, 10);
  for (const code of codes) assert.match(code, /^([a-z2-7]{4}-){3}[a-z2-7]{4}$/);
  const hashes = codes.map((code) => vault.recoveryHash(code, "alice"));
  const [, second = ""] = codes;
  for (const written of [second, second.toUpperCase(), second.replaceAll("-", " "), ` ${second} `])
    assert.equal(vault.findRecovery(written, "alice", hashes), hashes[1]);
  assert.equal(vault.findRecovery(second, "bob", hashes), undefined);
  assert.equal(vault.findRecovery("", "alice", hashes), undefined);
});

test("an invitation has a shape of its own", () => {
  assert.ok(isInvitation(newInvitation()));
  assert.notEqual(newInvitation(), newInvitation());
  for (const text of ["", "vsixi_", `vsixt_${"A".repeat(43)}`, `${newInvitation()}A`])
    assert.ok(!isInvitation(text));
});
