import assert from "node:assert/strict";
import { createPrivateKey, createPublicKey } from "node:crypto";
import { test } from "node:test";
import { publicKeyFault } from "../../src/core/access/wireguard-key.ts";
import { makeKeyPair } from "../src/crypto/wireguard-keys.ts";

/** What comes before the 32 octets in PKCS #8 and SPKI (RFC 8410). */
const PKCS8 = Buffer.from("302e020100300506032b656e04220420", "hex");
const SPKI = Buffer.from("302a300506032b656e032100", "hex");

test("a pair's public key is that of its private key, as another implementation works it out, and each pair is another", async () => {
  const seen = new Set<string>();
  for (let round = 0; round < 20; round++) {
    const { privateKey, publicKey } = await makeKeyPair();
    const key = Buffer.concat([PKCS8, Buffer.from(privateKey, "base64")]);
    const spki = createPublicKey(createPrivateKey({ key, format: "der", type: "pkcs8" })).export({
      ...{ format: "der", type: "spki" },
    });
    assert.equal(
      spki.toString("hex"),
      Buffer.concat([SPKI, Buffer.from(publicKey, "base64")]).toString("hex"),
    );
    assert.equal(publicKeyFault(publicKey), undefined);
    seen.add(privateKey);
  }
  assert.equal(seen.size, 20);
});
