import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  X509Certificate,
} from "node:crypto";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Clock } from "../clock.ts";
import { ControllerError, messageOf } from "../errors.ts";
import { readSecret, writeDurably } from "../store/durable-file.ts";
import {
  daysAfter,
  type Issued,
  issueLeaf,
  makeCaCertificate,
  makeRevocationList,
  type RevokedEntry,
  type Validity,
} from "./certificates.ts";

const CA_DAYS = 20 * 365;
const NODE_DAYS = 90;
/** Clocks differ: what is issued is valid from a little before now. */
export const BACKDATE_DAYS = 1;

/** URI in a node's certificate: who it is. */
export function nodeUri(node: string): string {
  return `vsix:node:${node}`;
}

/** Common name of the controller's own client certificate; no node can be called that. */
export const CONTROLLER_NAME = "vsix:controller";

/** Lower-case hex of the SHA-256 over a SubjectPublicKeyInfo (DER). */
export function spkiHash(spki: Uint8Array): string {
  return createHash("sha256").update(spki).digest("hex");
}

/**
 * The controller as a small certificate authority. Its key is `ca.key` (PKCS #8, mode 0600) and its certificate `ca.crt` in
 * stateDir, made at the first start; whoever holds the key can be any node.
 */
export class CertificateAuthority {
  /** PEM. */
  readonly certificate: string;
  /** SHA-256 of the CA's SubjectPublicKeyInfo: what claim tokens pin. */
  readonly pin: string;
  readonly notBefore: Date;
  readonly #privateKey: KeyObject;
  readonly #clock: Clock;

  private constructor(privateKey: KeyObject, certificate: string, clock: Clock) {
    const parsed = new X509Certificate(certificate);
    this.certificate = certificate;
    this.pin = spkiHash(parsed.publicKey.export({ type: "spki", format: "der" }));
    this.notBefore = parsed.validFromDate;
    this.#privateKey = privateKey;
    this.#clock = clock;
  }

  /** Loads or makes key and certificate. Throws ControllerError `key-file`. */
  static async open(stateDir: string, clock: Clock): Promise<CertificateAuthority> {
    const file = join(stateDir, "ca.crt");
    const privateKey = await loadEcKey(join(stateDir, "ca.key"));
    try {
      const kept = await readOptional(file);
      if (kept !== undefined) {
        if (!new X509Certificate(kept).checkPrivateKey(privateKey))
          throw new Error("is not the certificate of the key beside it");
        return new CertificateAuthority(privateKey, kept, clock);
      }
      const notBefore = daysAfter(new Date(clock.wallMs()), -BACKDATE_DAYS);
      const validity = { notBefore, notAfter: daysAfter(notBefore, CA_DAYS) };
      const made = await makeCaCertificate(privateKey, "vSIX controller CA", validity);
      await writeDurably(file, made, 0o644);
      return new CertificateAuthority(privateKey, made, clock);
    } catch (cause) {
      throw new ControllerError("key-file", `${file}: ${messageOf(cause)}`, { cause });
    }
  }

  /** A server certificate for names and addresses. Valid since the CA is: nodes' clocks may lag far behind ours. */
  async issueServer(publicKey: KeyObject, names: readonly string[], days: number): Promise<Issued> {
    return issueLeaf(this.#issuer, {
      publicKey,
      commonName: "vSIX controller",
      usage: "server",
      names,
      notBefore: this.notBefore,
      notAfter: daysAfter(new Date(this.#clock.wallMs()), days),
    });
  }

  /** A node's certificate, for ninety days. */
  async issueNode(node: string, publicKey: KeyObject): Promise<Issued & Validity> {
    return this.#issueClient(node, nodeUri(node), publicKey, NODE_DAYS);
  }

  /** The controller's own certificate towards a broker that is not its own. */
  async issueController(publicKey: KeyObject, days: number): Promise<Issued> {
    return this.#issueClient(CONTROLLER_NAME, CONTROLLER_NAME, publicKey, days);
  }

  /** What a broker that cannot ask us needs to know of who was revoked. */
  async revocationList(revoked: readonly RevokedEntry[], days: number): Promise<string> {
    const now = new Date(this.#clock.wallMs());
    const validity = { notBefore: daysAfter(now, -BACKDATE_DAYS), notAfter: daysAfter(now, days) };
    return makeRevocationList(this.#issuer, revoked, validity);
  }

  get #issuer() {
    return { certificate: this.certificate, privateKey: this.#privateKey };
  }

  async #issueClient(commonName: string, uri: string, publicKey: KeyObject, days: number) {
    const now = new Date(this.#clock.wallMs());
    const validity = { notBefore: daysAfter(now, -BACKDATE_DAYS), notAfter: daysAfter(now, days) };
    const request = { publicKey, commonName, usage: "client", names: [uri], ...validity } as const;
    const issued = await issueLeaf(this.#issuer, request);
    return { ...issued, ...validity };
  }
}

/** An ECDSA P-256 key in a PKCS #8 PEM file of mode 0600; made when missing. Throws ControllerError `key-file`. */
export async function loadEcKey(file: string): Promise<KeyObject> {
  try {
    const pem = await readSecret(file);
    if (pem !== undefined) {
      const key = createPrivateKey(pem);
      if (!isP256(key)) throw new Error("holds no ECDSA key of the curve P-256");
      return key;
    }
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
    await mkdir(join(file, ".."), { recursive: true, mode: 0o700 });
    await writeDurably(file, privateKey.export({ type: "pkcs8", format: "pem" }).toString(), 0o600);
    return privateKey;
  } catch (cause) {
    throw new ControllerError("key-file", `${file}: ${messageOf(cause)}`, { cause });
  }
}

export function isP256(key: KeyObject): boolean {
  return key.asymmetricKeyType === "ec" && key.asymmetricKeyDetails?.namedCurve === "prime256v1";
}

/** Undefined when there is no such file. */
export async function readOptional(file: string): Promise<string | undefined> {
  return readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
}

/** The public half, for certificates. */
export function publicHalf(privateKey: KeyObject): KeyObject {
  return createPublicKey(privateKey);
}
