import {
  create,
  type DescMessage,
  type DescMethod,
  type DescMethodServerStreaming,
  type DescMethodUnary,
  type DescService,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from "@bufbuild/protobuf";
import { type CallOptions, call } from "./call.ts";
import { type GrpcTarget, RequestLine } from "./connection.ts";
import { GrpcError } from "./status.ts";

/** Calls of a service that are answered by one message or by many; throws GrpcError. Requests that are streams are left out. */
export type Client<Service extends DescService> = {
  readonly [Name in keyof Service["method"] as Service["method"][Name] extends
    | DescMethodUnary
    | DescMethodServerStreaming
    ? Name
    : never]: Service["method"][Name] extends DescMethodUnary<infer I, infer O>
    ? (request: MessageInitShape<I>, options?: CallOptions) => Promise<MessageShape<O>>
    : Service["method"][Name] extends DescMethodServerStreaming<infer I, infer O>
      ? (request: MessageInitShape<I>, options?: CallOptions) => AsyncIterable<MessageShape<O>>
      : never;
};

export type ClientOptions = GrpcTarget & {
  /** Octets of the largest message accepted. */
  readonly readMaxBytes: number;
};

/** A client of a gRPC server without TLS, over node:http2 alone. Connects at the first call and again after a loss. */
export function createClient<Service extends DescService>(
  service: Service,
  options: ClientOptions,
): Client<Service> {
  const line = new RequestLine(options);
  const { readMaxBytes } = options;

  async function* stream(
    method: DescMethod,
    request: MessageInitShape<DescMessage>,
    limits: CallOptions = {},
  ): AsyncGenerator<MessageShape<DescMessage>> {
    const bytes = toBinary(method.input, create(method.input, request));
    const path = `/${service.typeName}/${method.name}`;
    for await (const answer of call(line, path, bytes, { ...limits, readMaxBytes })) {
      yield decode(method.output, answer);
    }
  }

  async function unary(
    method: DescMethod,
    request: MessageInitShape<DescMessage>,
    limits?: CallOptions,
  ): Promise<MessageShape<DescMessage>> {
    let only: MessageShape<DescMessage> | undefined;
    for await (const answer of stream(method, request, limits)) {
      if (only !== undefined) throw new GrpcError("unimplemented", "two messages where one was expected");
      only = answer;
    }
    if (only === undefined) throw new GrpcError("unimplemented", "no message in an answer that ended well");
    return only;
  }

  const make = { unary, server_streaming: stream, client_streaming: undefined, bidi_streaming: undefined };
  const calls: Record<string, unknown> = {};
  for (const method of service.methods) {
    const start = make[method.methodKind];
    if (start === undefined) continue;
    calls[method.localName] = (request: MessageInitShape<DescMessage>, limits?: CallOptions) =>
      start(method, request, limits);
  }
  return calls as Client<Service>;
}

function decode(schema: DescMessage, bytes: Uint8Array): MessageShape<DescMessage> {
  try {
    return fromBinary(schema, bytes);
  } catch (cause) {
    throw new GrpcError("internal", `no ${schema.typeName}`, { cause });
  }
}
