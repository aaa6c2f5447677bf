import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import { test } from "node:test";
import { brokerCredentials, openBrokerSocket } from "./broker-socket.ts";

test("credentials come out of the URL decoded, or not at all", () => {
  assert.deepEqual(brokerCredentials("mqtt://[2001:db8::1]:1883"), {});
  assert.deepEqual(brokerCredentials("mqtt://a%40b:p%3Aw@host"), { username: "a@b", password: "p:w" });
});

test("a socket to an address in brackets connects, and one to nobody says so with its error", async () => {
  const server = createServer((client) => client.end());
  server.listen(0, "::1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const socket = openBrokerSocket(`mqtt://[::1]:${port}`);
  await once(socket, "connect");
  socket.destroy();
  server.close();
  await once(server, "close");
  const [error] = (await once(openBrokerSocket(`mqtt://[::1]:${port}`), "error")) as [{ code?: string }];
  assert.equal(error.code, "ECONNREFUSED");
});
