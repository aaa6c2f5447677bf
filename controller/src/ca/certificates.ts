import "reflect-metadata";
import { createPublicKey, type KeyObject, randomBytes, webcrypto } from "node:crypto";
import { isIP } from "node:net";
import * as x509 from "@peculiar/x509";

/** ECDSA with P-256 and SHA-256 (FIPS 186-5): what every TLS 1.2 and 1.3 implementation has. */
const SIGNING = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
const DAY_MS = 86_400_000;

/** What signs: a CA certificate and its private key. */
export interface Issuer {
  /** PEM. */
  readonly certificate: string;
  readonly privateKey: KeyObject;
}

export interface Validity {
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/** Self-signed certificate of a CA that issues end-entity certificates only (RFC 5280 section 4.2.1.9), PEM. */
export async function makeCaCertificate(
  privateKey: KeyObject,
  commonName: string,
  { notBefore, notAfter }: Validity,
): Promise<string> {
  const publicKey = await importPublic(createPublicKey(privateKey));
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: newSerial(),
    subject: [{ CN: [commonName] }],
    issuer: [{ CN: [commonName] }],
    notBefore,
    notAfter,
    signingAlgorithm: SIGNING,
    publicKey,
    signingKey: await importPrivate(privateKey),
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(publicKey),
    ],
  });
  return `${certificate.toString("pem")}\n`;
}

export interface LeafRequest extends Validity {
  readonly publicKey: KeyObject;
  readonly commonName: string;
  readonly usage: "server" | "client";
  /** DNS names, addresses and URIs (those with a scheme `vsix:`) for subjectAltName. */
  readonly names: readonly string[];
}

export interface Issued {
  /** PEM. */
  readonly certificate: string;
  /** Lower-case hex without leading zeros of the octets' sign. */
  readonly serial: string;
}

/** Issues an end-entity certificate (RFC 5280): not a CA, one extended key usage, every name in subjectAltName. */
export async function issueLeaf(issuer: Issuer, request: LeafRequest): Promise<Issued> {
  const serial = newSerial();
  const ca = new x509.X509Certificate(issuer.certificate);
  const publicKey = await importPublic(request.publicKey);
  const usage =
    request.usage === "server" ? x509.ExtendedKeyUsage.serverAuth : x509.ExtendedKeyUsage.clientAuth;
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serial,
    // The serial number (X.520 section 6.2.9) makes every certificate a subject of its own: see fleet/mosquitto-files.ts.
    subject: [{ CN: [request.commonName] }, { "2.5.4.5": [serial] }],
    issuer: ca.subjectName.toJSON(),
    notBefore: request.notBefore,
    notAfter: request.notAfter,
    signingAlgorithm: SIGNING,
    publicKey,
    signingKey: await importPrivate(issuer.privateKey),
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([usage]),
      new x509.SubjectAlternativeNameExtension(request.names.map(generalName)),
      await x509.AuthorityKeyIdentifierExtension.create(ca.publicKey),
      await x509.SubjectKeyIdentifierExtension.create(publicKey),
    ],
  });
  return { certificate: `${certificate.toString("pem")}\n`, serial };
}

export interface RevokedEntry {
  readonly serial: string;
  readonly at: Date;
}

/** A certificate revocation list (RFC 5280 section 5), PEM: for brokers that cannot ask us. */
export async function makeRevocationList(
  issuer: Issuer,
  revoked: readonly RevokedEntry[],
  { notBefore, notAfter }: Validity,
): Promise<string> {
  const crl = await x509.X509CrlGenerator.create({
    issuer: new x509.X509Certificate(issuer.certificate).subject,
    thisUpdate: notBefore,
    nextUpdate: notAfter,
    signingAlgorithm: SIGNING,
    signingKey: await importPrivate(issuer.privateKey),
    entries: revoked.map(({ serial, at }) => ({ serialNumber: serial, revocationDate: at })),
  });
  const lines =
    Buffer.from(crl.rawData)
      .toString("base64")
      .match(/.{1,64}/g) ?? [];
  // RFC 7468 section 6; the library's own label is another one, which OpenSSL does not read.
  return ["-----BEGIN X509 CRL-----", ...lines, "-----END X509 CRL-----", ""].join("\n");
}

/** `days` from a time on. */
export function daysAfter(from: Date, days: number): Date {
  return new Date(from.getTime() + days * DAY_MS);
}

/** 127 random bits, the first of the octets never zero nor negative (RFC 5280 section 4.1.2.2). */
function newSerial(): string {
  const octets = randomBytes(16);
  octets[0] = ((octets[0] ?? 0) & 0x3f) | 0x40;
  return octets.toString("hex");
}

function generalName(name: string): x509.JsonGeneralName {
  if (name.startsWith("vsix:")) return { type: "url", value: name };
  return isIP(name) === 0 ? { type: "dns", value: name } : { type: "ip", value: name };
}

async function importPublic(key: KeyObject): Promise<webcrypto.CryptoKey> {
  const spki = key.export({ type: "spki", format: "der" });
  return webcrypto.subtle.importKey("spki", spki, SIGNING, true, ["verify"]);
}

async function importPrivate(key: KeyObject): Promise<webcrypto.CryptoKey> {
  const pkcs8 = key.export({ type: "pkcs8", format: "der" });
  return webcrypto.subtle.importKey("pkcs8", pkcs8, SIGNING, false, ["sign"]);
}
