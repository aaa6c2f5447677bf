import { createPublicKey, generateKeyPairSync } from "node:crypto";
import type { TSchema } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import { checkPin, identityFrom } from "@vsix/agent/enrol.ts";
import { understand } from "@vsix/agent/io/enrol-client.ts";
import { issueLeaf, makeCaCertificate } from "@vsix/controller/ca/certificates.ts";
import { bearerToken, tokenHash, tokenText } from "@vsix/controller/tokens/secret.ts";
import {
  CaAnswer,
  CLAIM_PREFIX,
  EnrolRequest,
  IdentityAnswer,
  RenewRequest,
} from "@vsix/shared/contract/enrol.ts";
import { decodeClaim, encodeClaim } from "@vsix/shared/crypto/claim-token.ts";
import { checkPossession, type Possession, provePossession, sha256 } from "@vsix/shared/crypto/possession.ts";
import { VsixError } from "@vsix/shared/errors/vsix-error.ts";
import type { FuzzTarget } from "./targets.ts";

const NODE = "edge-1";
const URL = "https://[2001:db8::1]:8443";
const SECRET = "s".repeat(43);
const ends = { notBefore: new Date("2026-01-01T00:00:00Z"), notAfter: new Date("2046-01-01T00:00:00Z") };

const caKey = generateKeyPairSync("ec", { namedCurve: "prime256v1" }).privateKey;
const nodeKey = generateKeyPairSync("ec", { namedCurve: "prime256v1" }).privateKey;
const ca = await makeCaCertificate(caKey, "vSIX controller CA", ends);
const { certificate } = await issueLeaf(
  { certificate: ca, privateKey: caKey },
  {
    publicKey: createPublicKey(nodeKey),
    commonName: NODE,
    usage: "client",
    names: [`vsix:node:${NODE}`],
    ...ends,
  },
);
const spki = createPublicKey(nodeKey).export({ type: "spki", format: "der" });
const pin = sha256(createPublicKey(caKey).export({ type: "spki", format: "der" })).toString("hex");
const possession: Possession = { purpose: "enrol", node: NODE, secretHash: sha256(SECRET), spki };
const proof = Buffer.from(provePossession(nodeKey, possession));
const own = {
  node: NODE,
  key: nodeKey.export({ type: "pkcs8", format: "pem" }).toString(),
  claim: sha256(SECRET).toString("hex"),
  savedMs: ends.notBefore.getTime(),
};
const claim = { url: URL, node: NODE, secret: SECRET, ca: pin, expires: "2026-01-02T00:00:00Z" };
const answer = { node: NODE, certificate, ca, brokerUrl: "mqtts://[2001:db8::1]:8883", enrolUrl: URL };
const request = {
  node: NODE,
  secret: SECRET,
  spki: spki.toString("base64"),
  proof: proof.toString("base64"),
};

const json = (value: object): Uint8Array => Buffer.from(JSON.stringify(value));
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString("utf8");
const der = (pem: string): Buffer => Buffer.from(pem.replaceAll(/-----.*-----|\n/g, ""), "base64");
const pem = (bytes: Uint8Array): string =>
  `-----BEGIN CERTIFICATE-----\n${Buffer.from(bytes).toString("base64")}\n-----END CERTIFICATE-----\n`;

/** A body as the listener takes it: JSON of this shape, then its binary fields. Refused where it is not: VsixError. */
function body(schema: TSchema, bytes: Uint8Array): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text(bytes));
  } catch (cause) {
    throw new VsixError("bad-request", "no JSON", { cause });
  }
  if (!Value.Check(schema, value)) throw new VsixError("bad-request", "another shape");
  return value;
}

function proven(
  purpose: Possession["purpose"],
  { node, secret, spki: key, proof: by }: typeof request,
): void {
  const asked = { purpose, node, secretHash: sha256(secret), spki: Buffer.from(key, "base64") };
  if (checkPossession(asked, Buffer.from(by, "base64")) === undefined)
    throw new VsixError("bad-proof", "not good");
}

const renewal = provePossession(nodeKey, { ...possession, purpose: "renew", secretHash: sha256("") });

/** What the enrolment listener hears of nodes and a node hears of whoever answers, and the tokens of people. */
export const ENROL_TARGETS: readonly FuzzTarget[] = [
  {
    name: "claim-token",
    throws: [VsixError],
    seeds: [Buffer.from(encodeClaim(claim))],
    run: (bytes) => decodeClaim(text(bytes)),
  },
  {
    name: "claim-inside",
    throws: [VsixError],
    seeds: [json(claim)],
    run: (bytes) => decodeClaim(CLAIM_PREFIX + Buffer.from(bytes).toString("base64url")),
    json: true,
  },
  {
    name: "enrol-request",
    throws: [VsixError],
    seeds: [json(request)],
    run: (bytes) => proven("enrol", body(EnrolRequest, bytes) as typeof request),
    json: true,
  },
  {
    name: "enrol-renewal",
    throws: [VsixError],
    seeds: [json({ spki: request.spki, proof: Buffer.from(renewal).toString("base64") })],
    run: (bytes) =>
      proven("renew", { ...(body(RenewRequest, bytes) as typeof request), node: NODE, secret: "" }),
    json: true,
  },
  {
    name: "enrol-key",
    throws: [],
    seeds: [spki],
    run: (bytes) => checkPossession({ ...possession, spki: bytes }, proof),
  },
  {
    name: "enrol-proof",
    throws: [],
    seeds: [proof],
    run: (bytes) => checkPossession(possession, bytes),
    cost: 2,
  },
  {
    name: "enrol-ca",
    throws: [VsixError],
    seeds: [json({ ca })],
    run: (bytes) => checkPin(understand(URL, 200, text(bytes), CaAnswer).ca, pin),
    json: true,
  },
  {
    name: "enrol-ca-der",
    throws: [VsixError],
    seeds: [der(ca)],
    run: (bytes) => checkPin(pem(bytes), pin),
    cost: 2,
  },
  {
    name: "enrol-answer",
    throws: [VsixError],
    seeds: [json({ ...answer, manifestKeys: ["key"] })],
    run: (bytes) => identityFrom(understand(URL, 200, text(bytes), IdentityAnswer), own),
    json: true,
    cost: 4,
  },
  {
    name: "enrol-certificate",
    throws: [VsixError],
    seeds: [der(certificate)],
    run: (bytes) => identityFrom({ ...answer, certificate: pem(bytes), manifestKeys: ["key"] }, own),
    cost: 4,
  },
  {
    name: "enrol-refusal",
    throws: [VsixError],
    seeds: [json({ error: { code: "claim-used", message: "the claim was used already" } }), json({ ca })],
    run: (bytes) => understand(URL, 200, text(bytes), CaAnswer),
    json: true,
  },
  {
    name: "api-token",
    throws: [],
    seeds: [Buffer.from(`Bearer ${tokenText(new Uint8Array(32).fill(7))}`)],
    run: (bytes) => {
      const found = bearerToken(text(bytes));
      return found === undefined ? undefined : tokenHash(found);
    },
  },
];
