/** Status codes of gRPC (grpc/grpc doc/statuscodes.md), by number. */
const NAMES = [
  "ok",
  "cancelled",
  "unknown",
  "invalid-argument",
  "deadline-exceeded",
  "not-found",
  "already-exists",
  "permission-denied",
  "resource-exhausted",
  "failed-precondition",
  "aborted",
  "out-of-range",
  "unimplemented",
  "internal",
  "unavailable",
  "data-loss",
  "unauthenticated",
] as const;

export type GrpcStatus = Exclude<(typeof NAMES)[number], "ok">;

/** A call that did not end well: refused by the server, cut off, or not understood. */
export class GrpcError extends Error {
  readonly code: GrpcStatus;

  constructor(code: GrpcStatus, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.name = "GrpcError";
    this.code = code;
  }
}

/** Octets of a status text that are kept. */
const MAX_TEXT = 4096;

/** Text of `grpc-message`; what is no percent-encoding stays as it is (PROTOCOL-HTTP2.md: never an error). */
export function decodeMessage(encoded: string): string {
  const octets = Buffer.from(encoded.slice(0, MAX_TEXT), "utf8");
  const out = Buffer.alloc(octets.length);
  let length = 0;
  for (let i = 0; i < octets.length; i++) {
    const octet = octets[i] ?? 0;
    const hex = octet === 0x25 ? octets.toString("latin1", i + 1, i + 3) : "";
    if (/^[0-9a-f]{2}$/i.test(hex)) {
      out[length++] = Number.parseInt(hex, 16);
      i += 2;
    } else out[length++] = octet;
  }
  return out.toString("utf8", 0, length);
}

export type HeaderFields = Readonly<Record<string, string | readonly string[] | number | undefined>>;

/** How a call ended, by the header block that carries `grpc-status`: undefined is well; none there is an error. */
export function statusOf(fields: HeaderFields): GrpcError | undefined {
  const status = fields["grpc-status"];
  const text = fields["grpc-message"];
  if (status === undefined) return new GrpcError("unknown", "the answer ends without a status");
  if (status === "0") return undefined;
  const name = typeof status === "string" && /^[1-9]\d?$/.test(status) ? NAMES[Number(status)] : undefined;
  const message = typeof text === "string" ? decodeMessage(text) : "";
  return new GrpcError(name === undefined || name === "ok" ? "unknown" : name, message);
}

/** What an HTTP status stands for where no gRPC server answers (grpc/grpc doc/http-grpc-status-mapping.md). */
export function ofHttpStatus(status: number): GrpcStatus {
  if (status === 400) return "internal";
  if (status === 401) return "unauthenticated";
  if (status === 403) return "permission-denied";
  if (status === 404) return "unimplemented";
  return [429, 502, 503, 504].includes(status) ? "unavailable" : "unknown";
}

/** What the error code of an RST_STREAM or GOAWAY stands for (PROTOCOL-HTTP2.md, "Errors"). */
export function ofHttp2Code(code: number): GrpcStatus {
  if (code === 0x07) return "unavailable"; // REFUSED_STREAM
  if (code === 0x08) return "cancelled"; // CANCEL
  if (code === 0x0b) return "resource-exhausted"; // ENHANCE_YOUR_CALM
  return code === 0x0c ? "permission-denied" : "internal"; // INADEQUATE_SECURITY
}
