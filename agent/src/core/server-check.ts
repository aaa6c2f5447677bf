/** What a TLS server showed, as facts: how they were found out is the shell's business. */
export interface ServerFacts {
  /** Signed by the key of the pinned CA, and naming it as its issuer. */
  readonly issuedByCa: boolean;
  /** It may itself issue certificates (basicConstraints, RFC 5280 section 4.2.1.9). */
  readonly isCa: boolean;
  /** Object identifiers of extendedKeyUsage (RFC 5280 section 4.2.1.12). */
  readonly usages: readonly string[];
  /** The name or address that was connected to is in subjectAltName (RFC 9525). */
  readonly nameFits: boolean;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
}

export type ServerRefusal =
  | "server-foreign"
  | "server-is-ca"
  | "server-usage"
  | "server-name"
  | "server-not-yet-valid"
  | "server-expired";

const SERVER_AUTH = "1.3.6.1.5.5.7.3.1";

/**
 * Why a server is not our controller; undefined when it is. The dates are looked at last, and only by a clock that can be
 * trusted: a small router without a battery wakes in 1970 and must find its controller to learn better.
 */
export function judgeServer(
  facts: ServerFacts,
  clock: { readonly nowMs: number; readonly trusted: boolean },
): ServerRefusal | undefined {
  if (!facts.issuedByCa) return "server-foreign";
  if (facts.isCa) return "server-is-ca";
  if (!facts.usages.includes(SERVER_AUTH)) return "server-usage";
  if (!facts.nameFits) return "server-name";
  if (!clock.trusted) return undefined;
  if (clock.nowMs < facts.notBeforeMs) return "server-not-yet-valid";
  return clock.nowMs > facts.notAfterMs ? "server-expired" : undefined;
}

export const SERVER_REFUSALS: Readonly<Record<ServerRefusal, string>> = {
  "server-foreign": "its certificate is not of our controller's CA",
  "server-is-ca": "it shows a CA's certificate instead of a server's",
  "server-usage": "its certificate is not for servers",
  "server-name": "its certificate is for another name",
  "server-not-yet-valid": "its certificate is not valid yet",
  "server-expired": "its certificate has expired",
};
