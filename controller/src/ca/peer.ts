import type { X509Certificate } from "node:crypto";
import type { TLSSocket } from "node:tls";
import type { CertificateRegistry } from "./registry.ts";

/** Who is at the other end of a connection, by a certificate that counts. */
export interface PeerIdentity {
  readonly node: string;
  /** Lower-case hex. */
  readonly serial: string;
  /** When the certificate ends, milliseconds since 1970. */
  readonly endsMs: number;
}

export type PeerJudgement =
  | { readonly ok: true; readonly peer: PeerIdentity }
  | { readonly ok: false; readonly reason: string };

/**
 * The node at the other end of a TLS connection whose server asked for a certificate of our CA. The chain, its dates and
 * its purpose were OpenSSL's work (`authorized`); here it is who it names and whether it still counts.
 */
export function judgePeer(socket: TLSSocket, registry: CertificateRegistry): PeerJudgement {
  if (!socket.authorized) {
    const reason = String(socket.authorizationError ?? "shows no certificate");
    return { ok: false, reason };
  }
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined) return { ok: false, reason: "shows no certificate" };
  const node = nodeOf(certificate);
  if (node === undefined) return { ok: false, reason: "the certificate names no node" };
  const serial = certificate.serialNumber.toLowerCase();
  const reason = registry.judge(serial, node);
  const endsMs = certificate.validToDate.getTime();
  return reason === undefined ? { ok: true, peer: { node, serial, endsMs } } : { ok: false, reason };
}

/** The one node that a certificate names; undefined for none, several or something else beside it. */
function nodeOf({ subjectAltName }: X509Certificate): string | undefined {
  return /^URI:vsix:node:([a-z0-9-]{1,63})$/.exec(subjectAltName ?? "")?.[1];
}
