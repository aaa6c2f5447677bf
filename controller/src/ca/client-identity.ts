import { type KeyObject, X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import { join } from "node:path";
import { connect, type TLSSocket } from "node:tls";
import { writeDurably } from "../store/durable-file.ts";
import {
  type CertificateAuthority,
  CONTROLLER_NAME,
  loadEcKey,
  publicHalf,
  readOptional,
} from "./authority.ts";

const CLIENT_DAYS = 397;

/**
 * The controller's own certificate towards a broker that is not its own: `client.key` and `client.crt` in stateDir, issued
 * anew at a start with less than a third of its life left.
 */
export interface ClientIdentity {
  /** As in the certificate's subject. */
  readonly name: string;
  readonly serial: string;
  /** Begins a TLS connection to mqtts://HOST:PORT that believes our CA only. */
  readonly open: (url: string) => TLSSocket;
}

/** Throws ControllerError `key-file`. */
export async function openClientIdentity(
  authority: CertificateAuthority,
  stateDir: string,
  nowMs: number,
): Promise<ClientIdentity> {
  const privateKey = await loadEcKey(join(stateDir, "client.key"));
  const file = join(stateDir, "client.crt");
  const kept = await readOptional(file);
  const cert =
    kept !== undefined && fits(kept, privateKey, authority, nowMs)
      ? kept
      : (await authority.issueController(publicHalf(privateKey), CLIENT_DAYS)).certificate;
  if (cert !== kept) await writeDurably(file, cert, 0o644);
  const key = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  return {
    name: CONTROLLER_NAME,
    serial: new X509Certificate(cert).serialNumber.toLowerCase(),
    open: (url) => {
      const { hostname, port } = new URL(url);
      const host = hostname.replaceAll(/^\[|\]$/g, "");
      const socket = connect({
        host,
        port: Number(port || 8883),
        ...(isIP(host) === 0 ? { servername: host } : {}),
        ca: authority.certificate,
        cert,
        key,
        minVersion: "TLSv1.3",
      });
      socket.setNoDelay(true);
      return socket;
    },
  };
}

function fits(pem: string, key: KeyObject, authority: CertificateAuthority, nowMs: number): boolean {
  const kept = new X509Certificate(pem);
  return (
    kept.checkPrivateKey(key) &&
    kept.verify(new X509Certificate(authority.certificate).publicKey) &&
    kept.validToDate.getTime() - nowMs > (CLIENT_DAYS / 3) * 86_400_000
  );
}
