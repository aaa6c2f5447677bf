import assert from "node:assert/strict";
import { type AddressInfo, createServer } from "node:net";
import { test } from "node:test";
import { ApiClient, CliError, EXIT } from "./client.ts";

/** Cuts off every connection as soon as something comes by it, and counts them. */
async function cutter(): Promise<{ readonly port: number; seen: number } & AsyncDisposable> {
  const server = createServer((socket) => {
    made.seen++;
    socket.on("error", () => undefined);
    socket.once("data", () => socket.resetAndDestroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "::1", resolve));
  const made = {
    port: (server.address() as AddressInfo).port,
    seen: 0,
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
  return made;
}

function unreachable(error: unknown): boolean {
  return error instanceof CliError && error.exitCode === EXIT.unreachable;
}

test("a command that is cut off before TLS stands asks twice more, and then says so", async () => {
  await using far = await cutter();
  const client = new ApiClient({ url: new URL(`https://[::1]:${far.port}`), token: "t" }, "tester");
  await assert.rejects(client.post("/v1/edges/edge-1/steer", {}), unreachable);
  assert.equal(far.seen, 3);
});

test("a command whose request may have been heard is not sent again", async () => {
  await using far = await cutter();
  const client = new ApiClient({ url: new URL(`http://[::1]:${far.port}`), token: "t" }, "tester");
  await assert.rejects(client.post("/v1/edges/edge-1/steer", {}), unreachable);
  assert.equal(far.seen, 1);
});
