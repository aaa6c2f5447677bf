import { GrpcError, type GrpcStatus } from "./grpc/status.ts";

export type GobgpErrorCode =
  /** No gobgpd answers at the target. */
  | "unavailable"
  /** gobgpd runs, but StartBgp has not been called. */
  | "not-started"
  | "already-exists"
  | "not-found"
  | "invalid"
  | "aborted"
  | "timeout"
  /** The answer is larger than `readMaxBytes`. */
  | "too-large"
  | "internal";

/** Every failure of a call. `cause` is what the transport threw. */
export class GobgpError extends Error {
  readonly code: GobgpErrorCode;

  constructor(code: GobgpErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.name = "GobgpError";
    this.code = code;
  }
}

/**
 * GoBGP 3 answers nearly every refusal with gRPC code UNKNOWN and a text, so this one place has to read the text
 * (pkg/server/server.go, internal/pkg/table/policy.go).
 */
const TEXTS: readonly (readonly [RegExp, GobgpErrorCode])[] = [
  [/hasn't started yet|not started/i, "not-started"],
  [/can't overwrite|already exists|already started|duplicated/i, "already-exists"],
  [/doesn't exist|not found|can't find|no such|can't delete a peer/i, "not-found"],
  [/invalid|empty|unknown|nil request|unsupported|not supported|can't set/i, "invalid"],
];

const CODES: Partial<Record<GrpcStatus, GobgpErrorCode>> = {
  unavailable: "unavailable",
  cancelled: "aborted",
  "deadline-exceeded": "timeout",
  "already-exists": "already-exists",
  "not-found": "not-found",
  "invalid-argument": "invalid",
  "resource-exhausted": "too-large",
};

/** errno names of a socket that leads to no gobgpd, or to one that has just gone. */
const GONE = new Set(["ENOENT", "ECONNREFUSED", "ECONNRESET", "EPIPE", "EACCES", "ENOTSOCK"]);

function hasErrno(error: unknown, depth = 0): boolean {
  if (!(error instanceof Error) || depth > 4) return false;
  return ("code" in error && GONE.has(String(error.code))) || hasErrno(error.cause, depth + 1);
}

/** Any thrown value as a GobgpError. */
export function toGobgpError(cause: unknown, call: string): GobgpError {
  if (cause instanceof GobgpError) return cause;
  const direct = cause instanceof GrpcError ? CODES[cause.code] : undefined;
  const text = cause instanceof Error ? cause.message : String(cause);
  if (hasErrno(cause)) return new GobgpError("unavailable", `${call}: ${text}`, { cause });
  if (direct !== undefined) return new GobgpError(direct, `${call}: ${text}`, { cause });
  const byText = TEXTS.find(([pattern]) => pattern.test(text))?.[1];
  return new GobgpError(byText ?? "internal", `${call}: ${text}`, { cause });
}
