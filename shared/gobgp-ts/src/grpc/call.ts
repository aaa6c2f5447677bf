import { constants, type IncomingHttpHeaders } from "node:http2";
import type { OpenRequest, RequestLine } from "./connection.ts";
import { encodeFrame, FrameReader } from "./frames.ts";
import { GrpcError, ofHttp2Code, ofHttpStatus, statusOf } from "./status.ts";

export interface CallOptions {
  /** Limit of the whole call, ms; none unless told. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/**
 * One call over HTTP/2 (grpc/grpc doc/PROTOCOL-HTTP2.md): a request of one message, the answer's messages as they come.
 * Throws GrpcError and nothing else; who stops listening cancels the call.
 */
export async function* call(
  line: RequestLine,
  path: string,
  message: Uint8Array,
  { timeoutMs, signal, readMaxBytes }: CallOptions & { readonly readMaxBytes: number },
): AsyncGenerator<Uint8Array> {
  if (signal?.aborted === true) throw cancelled(signal);
  const request = line.begin({
    ":path": path,
    "content-type": "application/grpc+proto",
    te: "trailers",
    // At most eight digits are allowed.
    ...(timeoutMs === undefined ? {} : { "grpc-timeout": `${Math.min(Math.ceil(timeoutMs), 99_999_999)}m` }),
  });
  const { stream } = request;
  let why: GrpcError | undefined;
  const stop = (error: GrpcError): void => {
    why ??= error;
    stream.close(constants.NGHTTP2_CANCEL);
    stream.destroy();
  };
  const onAbort = (): void => stop(cancelled(signal));
  const late = (): void => stop(new GrpcError("deadline-exceeded", `no answer within ${timeoutMs} ms`));
  signal?.addEventListener("abort", onAbort, { once: true });
  const timer = timeoutMs === undefined ? undefined : setTimeout(late, timeoutMs);
  const answer = new Answer();
  stream.once("response", (headers) => answer.begin(headers));
  stream.once("trailers", (trailers) => answer.finish(trailers));
  try {
    stream.end(encodeFrame(message));
    const frames = new FrameReader(readMaxBytes);
    for await (const chunk of stream) {
      answer.mustBeGrpc();
      for (const frame of frames.push(chunk as Uint8Array)) {
        yield frame;
        if (why !== undefined) throw why;
      }
    }
    if (why !== undefined) throw why;
    answer.mustBeWell(request);
    frames.end();
  } catch (cause) {
    throw why ?? failure(cause, request, answer);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", onAbort);
    // Whoever leaves early, by return or by an error, wants no more of it.
    if (!stream.destroyed) stop(new GrpcError("cancelled", "no longer listened to"));
  }
}

/** What the server's header blocks said. */
class Answer {
  #http: number | undefined;
  #type = "";
  #last: IncomingHttpHeaders | undefined;

  begin(headers: IncomingHttpHeaders & { readonly ":status"?: number | undefined }): void {
    this.#http = headers[":status"];
    this.#type = headers["content-type"] ?? "";
    // An answer without messages may be one header block ("Trailers-Only").
    if (headers["grpc-status"] !== undefined) this.#last = headers as IncomingHttpHeaders;
  }

  finish(trailers: IncomingHttpHeaders): void {
    this.#last = trailers;
  }

  mustBeGrpc(): void {
    if (this.#http !== undefined && this.#http !== 200)
      throw new GrpcError(ofHttpStatus(this.#http), `HTTP status ${this.#http}`);
    if (!/^application\/grpc(?:\+proto)?(?:;|$)/.test(this.#type))
      throw new GrpcError("unknown", "the answer is not gRPC's");
  }

  /** What the server has said of the end, if it has. */
  get refusal(): GrpcError | undefined {
    return this.#last === undefined ? undefined : statusOf(this.#last);
  }

  mustBeWell({ lost, stream }: OpenRequest): void {
    if (this.#last === undefined) {
      const cause = lost();
      if (cause !== undefined) throw new GrpcError("unavailable", cause.message, { cause });
      if (stream.rstCode !== constants.NGHTTP2_NO_ERROR)
        throw new GrpcError(ofHttp2Code(stream.rstCode), `reset by the server, code ${stream.rstCode}`);
    }
    if (this.#http !== undefined) this.mustBeGrpc();
    const refusal = statusOf(this.#last ?? {});
    if (refusal !== undefined) throw refusal;
  }
}

function failure(cause: unknown, { lost, stream }: OpenRequest, answer: Answer): GrpcError {
  if (cause instanceof GrpcError) return cause;
  // A server may refuse and reset: what it said is better than that it hung up.
  const { refusal } = answer;
  if (refusal !== undefined) return refusal;
  const reason = lost();
  if (reason !== undefined) return new GrpcError("unavailable", reason.message, { cause: reason });
  const text = cause instanceof Error ? cause.message : String(cause);
  const code = stream.rstCode ?? 0;
  return new GrpcError(code === 0 ? "unavailable" : ofHttp2Code(code), text, { cause });
}

function cancelled(signal: AbortSignal | undefined): GrpcError {
  const reason: unknown = signal?.reason;
  const text = reason instanceof Error ? reason.message : "the call was given up";
  return new GrpcError("cancelled", text, { cause: reason });
}
