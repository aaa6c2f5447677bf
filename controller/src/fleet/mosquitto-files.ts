import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { topics, type UpKind } from "@vsix/shared/contract/topics.ts";
import type { Logger } from "pino";
import { type CertificateAuthority, readOptional } from "../ca/authority.ts";
import type { CertificateRegistry } from "../ca/registry.ts";
import type { ServerIdentity } from "../ca/server-identity.ts";
import { Serial } from "../desired/serial.ts";
import { ControllerError, messageOf } from "../errors.ts";
import { DirectoryClaim } from "../store/directory-claim.ts";
import { writeDurably } from "../store/durable-file.ts";
import { UP_KINDS } from "./access.ts";

/** A list that has run out would lock everybody out, and the controller may be away for long. */
const CRL_DAYS = 3650;

export interface MosquittoFilesOptions {
  readonly directory: string;
  readonly pidFile: string | undefined;
  readonly authority: CertificateAuthority;
  readonly server: ServerIdentity;
  readonly registry: CertificateRegistry;
  /** Subject of the controller's own client certificate. */
  readonly controller: string;
  readonly log: Logger;
}

/** Subject as mosquitto's `use_subject_as_username` writes it (RFC 2253: last first). */
export function subjectOf(commonName: string, serial: string): string {
  return `serialNumber=${serial},CN=${commonName}`;
}

/**
 * mosquitto.conf(5)'s acl_file: by certificate, not by node, so that a superseded one is out as soon as the file is read
 * again. What access.ts says, in mosquitto's words.
 */
export function aclFile(
  controller: string,
  nodes: readonly { readonly node: string; readonly serial: string }[],
): string {
  const lines = [`user ${controller}`, "topic readwrite vsix/v1/#"];
  for (const { node, serial } of nodes) {
    lines.push("", `user ${subjectOf(node, serial)}`);
    for (const kind of UP_KINDS) lines.push(`topic readwrite ${topics.up(node, kind as UpKind)}`);
    for (const topic of [topics.manifest(node), topics.parts(node), topics.dnsAck(node)])
      lines.push(`topic read ${topic}`);
  }
  return `${lines.join("\n")}\n`;
}

/**
 * Keeps a directory in step with who counts: `ca.crt`, `server.crt`, `server.key` (mode 0600), `crl.pem`, `acl`. mosquitto
 * reads them again at SIGHUP.
 */
export class MosquittoFiles implements AsyncDisposable {
  readonly #options: MosquittoFilesOptions;
  readonly #serial = new Serial();
  readonly #forget: readonly (() => void)[];
  readonly #claim: Disposable;

  private constructor(options: MosquittoFilesOptions, claim: Disposable) {
    this.#options = options;
    this.#claim = claim;
    const again = (): Promise<void> => this.#again();
    const { registry, server } = options;
    const renewed = server.listen(() => void again());
    this.#forget = [registry.onWithdrawn(again), registry.onIssued(again), renewed];
  }

  /**
   * Writes everything once, then after each change. Throws ControllerError `config` where the directory is another
   * controller's, for going over its files would lock out every node and the other controller; what the file system throws.
   */
  static async open(options: MosquittoFilesOptions): Promise<MosquittoFiles> {
    const { directory, authority } = options;
    await mkdir(directory, { recursive: true, mode: 0o755 });
    const claim = DirectoryClaim.take(directory);
    if (claim === undefined)
      throw new ControllerError("config", `mqtt.files.directory: ${directory}: another controller uses it`);
    try {
      const ca = await readOptional(join(directory, "ca.crt"));
      if (ca !== undefined && ca !== authority.certificate)
        throw new ControllerError(
          "config",
          `mqtt.files.directory: ${directory}: ca.crt there is another controller's; if that one is given up, remove it`,
        );
      const files = new MosquittoFiles(options, claim);
      await files.#write();
      return files;
    } catch (error) {
      claim[Symbol.dispose]();
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const forget of this.#forget) forget();
    await this.#serial.run(async () => {});
    this.#claim[Symbol.dispose]();
  }

  async #again(): Promise<void> {
    try {
      await this.#serial.run(() => this.#write());
    } catch (error) {
      this.#options.log.error({ reason: messageOf(error) }, "files for the broker not written");
    }
  }

  async #write(): Promise<void> {
    const { directory, authority, server, registry, controller } = this.#options;
    const withdrawn = registry.withdrawn().map(({ serial, since }) => ({ serial, at: new Date(since) }));
    const { key, cert } = server.tls;
    const put = (name: string, text: string, mode: number): Promise<void> =>
      writeDurably(join(directory, name), text, mode);
    await put("ca.crt", authority.certificate, 0o644);
    await put("server.key", key, 0o600);
    await put("server.crt", cert, 0o644);
    await put("crl.pem", await authority.revocationList(withdrawn, CRL_DAYS), 0o644);
    await put("acl", aclFile(controller, registry.active()), 0o600);
    await this.#reload();
  }

  async #reload(): Promise<void> {
    const { pidFile, log } = this.#options;
    if (pidFile === undefined) return;
    const pid = Number((await readFile(pidFile, "utf8").catch(() => "")).trim());
    try {
      // A pid from a file may long belong to somebody else: only mosquitto is told.
      const name = (await readFile(`/proc/${pid}/comm`, "utf8")).trim();
      if (pid > 1 && name === "mosquitto") process.kill(pid, "SIGHUP");
      else log.warn({ pidFile, pid, name }, "this is not mosquitto; nobody was told to reload");
    } catch {
      log.info({ pidFile }, "mosquitto does not run; it will read the files when it starts");
    }
  }
}
