import { type KeyObject, X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import { join } from "node:path";
import type { Clock } from "../clock.ts";
import { ControllerError, messageOf } from "../errors.ts";
import { writeDurably } from "../store/durable-file.ts";
import { type CertificateAuthority, loadEcKey, publicHalf, readOptional } from "./authority.ts";

const SERVER_DAYS = 397;
/** Renewed when no more than this is left. */
const RENEW_LEFT_MS = (SERVER_DAYS / 3) * 86_400_000;

/** What a TLS server of ours is opened with (node:tls TlsOptions). All PEM; the key is secret. */
export interface ServerTls {
  readonly key: string;
  readonly cert: string;
  /** Our CA: the only one whose client certificates count. */
  readonly ca: string;
  readonly minVersion: "TLSv1.3";
}

/**
 * The controller's server certificate, one for all its TLS listeners: `server.key` (mode 0600) and `server.crt` in
 * stateDir. Issued anew when its names change or it nears its end; listeners take the new one without closing anything.
 */
export class ServerIdentity {
  readonly names: readonly string[];
  readonly #authority: CertificateAuthority;
  readonly #key: KeyObject;
  readonly #file: string;
  readonly #clock: Clock;
  readonly #listeners = new Set<(tls: ServerTls) => void>();
  #certificate: string;

  private constructor(
    authority: CertificateAuthority,
    key: KeyObject,
    file: string,
    names: readonly string[],
    clock: Clock,
    certificate: string,
  ) {
    this.#authority = authority;
    this.#key = key;
    this.#file = file;
    this.names = names;
    this.#clock = clock;
    this.#certificate = certificate;
  }

  /** Loads or issues the certificate. Throws ControllerError `key-file`. */
  static async open(
    authority: CertificateAuthority,
    stateDir: string,
    names: readonly string[],
    clock: Clock,
  ): Promise<ServerIdentity> {
    const file = join(stateDir, "server.crt");
    try {
      const key = await loadEcKey(join(stateDir, "server.key"));
      const kept = (await readOptional(file)) ?? "";
      const identity = new ServerIdentity(authority, key, file, names, clock, kept);
      await identity.renewIfDue();
      return identity;
    } catch (cause) {
      if (cause instanceof ControllerError) throw cause;
      throw new ControllerError("key-file", `${file}: ${messageOf(cause)}`, { cause });
    }
  }

  /** Options for tls.createServer, https.createServer or fastify's `https`. */
  get tls(): ServerTls {
    return {
      key: this.#key.export({ type: "pkcs8", format: "pem" }).toString(),
      cert: this.#certificate,
      ca: this.#authority.certificate,
      minVersion: "TLSv1.3",
    };
  }

  /** Calls back with each new certificate: `server.setSecureContext(tls)`. */
  listen(listener: (tls: ServerTls) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Issues a new certificate where the one at hand does not fit or nears its end; true when it did. */
  async renewIfDue(): Promise<boolean> {
    if (this.#fits()) return false;
    const { certificate } = await this.#authority.issueServer(publicHalf(this.#key), this.names, SERVER_DAYS);
    await writeDurably(this.#file, certificate, 0o644);
    this.#certificate = certificate;
    for (const listener of this.#listeners) listener(this.tls);
    return true;
  }

  #fits(): boolean {
    if (this.#certificate === "") return false;
    const kept = new X509Certificate(this.#certificate);
    return (
      kept.checkPrivateKey(this.#key) &&
      kept.verify(new X509Certificate(this.#authority.certificate).publicKey) &&
      kept.validToDate.getTime() - this.#clock.wallMs() > RENEW_LEFT_MS &&
      this.names.every((name) => (isIP(name) === 0 ? kept.checkHost(name) : kept.checkIP(name)) !== undefined)
    );
  }
}
