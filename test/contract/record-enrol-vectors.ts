import { createPublicKey, generateKeyPairSync, randomBytes } from "node:crypto";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { encodeClaim } from "@vsix/shared/crypto/claim-token.ts";
import { provePossession, sha256 } from "@vsix/shared/crypto/possession.ts";

/**
 * Records what goes over the wire when a node enrols, as this program writes it: `node test/contract/record-enrol-vectors.ts`.
 * Like the other vectors, a file that is there is never touched.
 */

const folder = new URL("../../shared/vectors/enrol-v1/", import.meta.url);

function record(name: string, vector: object): void {
  mkdirSync(folder, { recursive: true });
  const file = new URL(`${name}.json`, folder);
  if (!existsSync(file)) writeFileSync(file, `${JSON.stringify(vector, undefined, 1)}\n`);
}

const { privateKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
const spki = createPublicKey(privateKey).export({ type: "spki", format: "der" });
const node = "edge-1";
const secret = randomBytes(32).toString("base64url");
const prove = (purpose: "enrol" | "renew", secretHash: Uint8Array): string =>
  Buffer.from(provePossession(privateKey, { purpose, node, secretHash, spki })).toString("base64");

const claim = {
  url: "https://[2001:db8::1]:8443",
  node,
  secret,
  ca: "ab".repeat(32),
  expires: "2026-01-01T01:00:00.000Z",
};
record("claim", { kind: "claim", claim, token: encodeClaim(claim) });
const common = { spki: spki.toString("base64") };
record("enrol-request", {
  kind: "enrol",
  text: JSON.stringify({ node, secret, ...common, proof: prove("enrol", sha256(secret)) }),
});
record("renew-request", {
  kind: "renew",
  node,
  text: JSON.stringify({ ...common, proof: prove("renew", sha256("")) }),
});
record("identity-answer", {
  kind: "answer",
  text: JSON.stringify({
    node,
    certificate: "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    ca: "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    brokerUrl: "mqtts://[2001:db8::1]:8883",
    enrolUrl: "https://[2001:db8::1]:8443",
    manifestKeys: ["-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"],
  }),
});
