import { X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import { connect, type TLSSocket } from "node:tls";
import { VsixError } from "@vsix/shared/errors/vsix-error.ts";
import { judgeServer, SERVER_REFUSALS, type ServerFacts, type ServerRefusal } from "../core/server-check.ts";

/** The server is not our controller. */
export class ServerError extends VsixError<ServerRefusal> {}

export interface VerifiedTlsOptions {
  /** mqtts://HOST:PORT or https://HOST:PORT. */
  readonly url: string;
  readonly defaultPort: number;
  /** PEM of the only CA that counts. */
  readonly ca: string;
  /** What we show, PEM. */
  readonly own?: { readonly certificate: string; readonly key: string };
  readonly clock: { readonly nowMs: number; readonly trusted: boolean };
}

const DATE_CODES: ReadonlySet<string> = new Set(["CERT_HAS_EXPIRED", "CERT_NOT_YET_VALID"]);

/**
 * Begins a TLS 1.3 connection to the controller. Failures are the socket's `error`: ServerError when somebody else is
 * there, and then nothing was written. With a clock that can be trusted OpenSSL has to agree as well.
 */
export function openVerifiedTls(options: VerifiedTlsOptions): TLSSocket {
  const { url, defaultPort, ca, own, clock } = options;
  const { hostname, port } = new URL(url);
  const host = hostname.replaceAll(/^\[|\]$/g, "");
  const socket = connect({
    host,
    port: Number(port || defaultPort),
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ca,
    minVersion: "TLSv1.3",
    rejectUnauthorized: clock.trusted,
    ...(own === undefined ? {} : { cert: own.certificate, key: own.key }),
  });
  socket.setNoDelay(true);
  socket.prependOnceListener("error", (error: NodeJS.ErrnoException) => {
    // OpenSSL does not say whose date it held against the certificate: often it is the clock that is wrong.
    if (DATE_CODES.has(error.code ?? ""))
      error.message += ` by this node's clock, which says ${new Date(clock.nowMs).toISOString()}`;
  });
  // Runs before anything written to the socket is encrypted: it is called from within the handshake's end.
  socket.once("secureConnect", () => {
    const refusal = judgeServer(factsOf(socket, host, ca), clock);
    if (refusal !== undefined)
      socket.destroy(
        new ServerError(refusal, `${url}: this is not our controller: ${SERVER_REFUSALS[refusal]}`),
      );
  });
  return socket;
}

function factsOf(socket: TLSSocket, host: string, ca: string): ServerFacts {
  const authority = new X509Certificate(ca);
  const shown = socket.getPeerX509Certificate();
  const issuedByCa =
    shown?.checkIssued(authority) === true && shown.verify(authority.publicKey) && authority.ca;
  const named = isIP(host) === 0 ? shown?.checkHost(host) : shown?.checkIP(host);
  return {
    issuedByCa,
    isCa: shown?.ca ?? true,
    usages: shown?.keyUsage ?? [],
    nameFits: named !== undefined,
    notBeforeMs: Math.max(shown?.validFromDate.getTime() ?? 0, authority.validFromDate.getTime()),
    notAfterMs: Math.min(shown?.validToDate.getTime() ?? 0, authority.validToDate.getTime()),
  };
}
