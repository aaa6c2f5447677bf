import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  type OutgoingHttpHeaders,
} from "node:http2";
import { connect as connectSocket } from "node:net";

export type GrpcTarget =
  | { /** Path of the server's unix socket. */ readonly socketPath: string }
  | { /** `http://[::1]:50051` */ readonly target: string };

interface Connection {
  readonly session: ClientHttp2Session;
  /** Requests under way. */
  streams: number;
  /** Why it ended; its streams only say that it did. */
  failure?: Error;
}

/** A request under way. */
export interface OpenRequest {
  readonly stream: ClientHttp2Stream;
  /** Why the connection below it ended, if it has. */
  readonly lost: () => Error | undefined;
}

/** Requests over one HTTP/2 connection: opened by the first, and anew by the first after its end. At rest it keeps no process alive. */
export class RequestLine {
  readonly #target: GrpcTarget;
  #connection: Connection | undefined;

  constructor(target: GrpcTarget) {
    this.#target = target;
  }

  /** Begins a request. Whatever goes wrong is the stream's `error`. */
  begin(headers: OutgoingHttpHeaders): OpenRequest {
    const connection = this.#usable();
    const { session } = connection;
    const stream = session.request({ ":method": "POST", ...headers });
    if (++connection.streams === 1) session.ref();
    stream.once("close", () => {
      if (--connection.streams === 0) session.unref();
    });
    return { stream, lost: () => connection.failure };
  }

  #usable(): Connection {
    const before = this.#connection?.session;
    if (this.#connection !== undefined && before?.closed === false && !before.destroyed)
      return this.#connection;
    const target = this.#target;
    const unix = "socketPath" in target ? target.socketPath : undefined;
    const session = connect("target" in target ? target.target : "http://localhost", {
      settings: { enablePush: false },
      ...(unix === undefined ? {} : { createConnection: () => connectSocket(unix) }),
    });
    const connection: Connection = { session, streams: 0 };
    session.on("error", (error) => {
      connection.failure = error;
    });
    // A server that goes away answers what it has; what comes after that finds another connection.
    session.on("goaway", () => this.#forget(connection));
    session.on("close", () => {
      connection.failure ??= new Error("the connection has ended");
      this.#forget(connection);
    });
    this.#connection = connection;
    return connection;
  }

  #forget(connection: Connection): void {
    if (this.#connection === connection) this.#connection = undefined;
  }
}
