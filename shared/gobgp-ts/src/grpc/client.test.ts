import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Http2Session, type ServerHttp2Stream } from "node:http2";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { GetTableRequestSchema, GetTableResponseSchema, GobgpApi } from "../gen/gobgp_pb.js";
import { createClient } from "./client.ts";
import { encodeFrame, FrameReader } from "./frames.ts";
import { GrpcError } from "./status.ts";

const OK = { ":status": 200, "content-type": "application/grpc" };
const ANSWER = encodeFrame(
  toBinary(GetTableResponseSchema, create(GetTableResponseSchema, { numDestination: 7n })),
);
const EMPTY = encodeFrame(new Uint8Array(0));

type Behaviour = (stream: ServerHttp2Stream, request: Uint8Array) => void;

/** A server on a unix socket that does to every call what it is told to, and a client of it. */
async function serve(behaviour: Behaviour) {
  const directory = mkdtempSync(join(tmpdir(), "grpc-"));
  const socketPath = join(directory, "s");
  const sessions = new Set<Http2Session>();
  const paths: string[] = [];
  const server = createServer();
  let connections = 0;
  server.on("session", (session) => {
    connections++;
    sessions.add(session);
    session.on("error", () => undefined);
    session.on("close", () => sessions.delete(session));
  });
  server.on("stream", async (stream, headers) => {
    paths.push(String(headers[":path"]));
    stream.on("error", () => undefined);
    const chunks: Buffer[] = [];
    for await (const chunk of stream as AsyncIterable<Buffer>) chunks.push(chunk);
    behaviour(stream, Buffer.concat(chunks));
  });
  const listen = (): Promise<void> => new Promise((resolve) => server.listen(socketPath, () => resolve()));
  await listen();
  const client = createClient(GobgpApi, { socketPath, readMaxBytes: 1024 });
  return {
    client,
    paths,
    sessions,
    connections: (): number => connections,
    async [Symbol.asyncDispose](): Promise<void> {
      for (const session of sessions) session.destroy();
      await new Promise((resolve) => server.close(resolve));
      rmSync(directory, { recursive: true });
    },
  };
}

/** Answers with messages and these trailers. */
function answer(stream: ServerHttp2Stream, frames: readonly Uint8Array[], trailers: object): void {
  stream.respond(OK, { waitForTrailers: true });
  stream.on("wantTrailers", () => stream.sendTrailers({ ...trailers }));
  stream.end(Buffer.concat(frames));
}

const isRefused = (code: string, text?: RegExp) => (error: unknown) =>
  error instanceof GrpcError && error.code === code && (text?.test(error.message) ?? true);

test("A call sends its message to the method's path and gives what is answered", async () => {
  let asked: Uint8Array | undefined;
  await using server = await serve((stream, request) => {
    asked = request;
    answer(stream, [ANSWER], { "grpc-status": "0" });
  });
  assert.equal((await server.client.getTable({ name: "n" })).numDestination, 7n);
  assert.deepEqual(server.paths, ["/apipb.GobgpApi/GetTable"]);
  const [message] = new FrameReader(1024).push(asked ?? new Uint8Array(0));
  assert.equal(fromBinary(GetTableRequestSchema, message ?? new Uint8Array(0)).name, "n");
});

test("A stream of messages comes in order; who stops listening resets it, and the connection serves on", async () => {
  await using server = await serve((stream) => {
    stream.respond(OK);
    for (let i = 0; i < 3; i++) stream.write(EMPTY);
  });
  for (let i = 0; i < 3; i++) {
    let seen = 0;
    for await (const _ of server.client.listPeer({})) if (++seen === 3) break;
    assert.equal(seen, 3);
  }
  assert.equal(server.connections(), 1);
});

test("What a server refuses is told by its code and its text", async () => {
  const trailers = { "grpc-status": "5", "grpc-message": "no%20such%20peer" };
  await using only = await serve((stream) => stream.respond({ ...OK, ...trailers }, { endStream: true }));
  await assert.rejects(only.client.getTable({}), isRefused("not-found", /^no such peer$/));
  await using late = await serve((stream) => answer(stream, [ANSWER], trailers));
  await assert.rejects(late.client.getTable({}), isRefused("not-found", /^no such peer$/));
});

const ODD: readonly (readonly [string, Behaviour, string])[] = [
  ["no status at the end", (stream) => answer(stream, [ANSWER], {}), "unknown"],
  ["no message", (stream) => answer(stream, [], { "grpc-status": "0" }), "unimplemented"],
  ["two messages", (stream) => answer(stream, [ANSWER, ANSWER], { "grpc-status": "0" }), "unimplemented"],
  ["half a message", (s) => answer(s, [ANSWER.subarray(0, 6)], { "grpc-status": "0" }), "internal"],
  ["a message too long", (s) => answer(s, [encodeFrame(new Uint8Array(1025))], {}), "resource-exhausted"],
  ["a compressed message", (s) => answer(s, [Uint8Array.of(1, 0, 0, 0, 0)], {}), "internal"],
  ["octets that are no such message", (s) => answer(s, [encodeFrame(Uint8Array.of(8))], {}), "internal"],
  ["another type", (s) => s.respond({ ...OK, "content-type": "text/html" }, { endStream: true }), "unknown"],
  ["HTTP 503", (stream) => stream.respond({ ":status": 503 }, { endStream: true }), "unavailable"],
  ["a reset", (stream) => stream.close(2), "internal"],
  ["a refused stream", (stream) => stream.close(7), "unavailable"],
  ["a connection that ends", (stream) => stream.session?.destroy(), "unavailable"],
];

for (const [what, behaviour, code] of ODD) {
  test(`A server that answers with ${what} gives ${code}`, async () => {
    await using server = await serve(behaviour);
    await assert.rejects(server.client.getTable({}), isRefused(code));
  });
}

test("A call that is not answered ends with its time or its signal", async () => {
  await using server = await serve(() => undefined);
  await assert.rejects(server.client.getTable({}, { timeoutMs: 20 }), isRefused("deadline-exceeded"));
  await assert.rejects(
    server.client.getTable({}, { signal: AbortSignal.timeout(20) }),
    isRefused("cancelled"),
  );
  await assert.rejects(server.client.getTable({}, { signal: AbortSignal.abort() }), isRefused("cancelled"));
  // On a machine that is busy the first two may end before they have left; the last must never leave.
  assert.ok(server.paths.length <= 2, `${server.paths.length} calls`);
});

test("A call after the loss of a connection, or after a GOAWAY, has another", async () => {
  let calls = 0;
  await using server = await serve((stream) => {
    if (++calls === 1) return stream.session?.destroy();
    answer(stream, [ANSWER], { "grpc-status": "0" });
    if (calls === 2) stream.session?.close();
  });
  await assert.rejects(server.client.getTable({}), isRefused("unavailable"));
  assert.equal((await server.client.getTable({})).numDestination, 7n);
  await Promise.all(
    [...server.sessions].map((session) => new Promise((done) => session.once("close", done))),
  );
  assert.equal((await server.client.getTable({})).numDestination, 7n);
  assert.equal(server.connections(), 3);
});

test("Where nobody listens a call is unavailable and keeps the errno", async () => {
  const client = createClient(GobgpApi, { socketPath: "/nonexistent/s", readMaxBytes: 1 });
  await assert.rejects(client.getTable({}), (error) => {
    assert.ok(isRefused("unavailable")(error) && error instanceof GrpcError);
    return error.cause instanceof Error && "code" in error.cause && error.cause.code === "ENOENT";
  });
});
