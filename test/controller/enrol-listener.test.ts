import assert from "node:assert/strict";
import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { request as httpsRequest } from "node:https";
import { connect as connectTcp, type Socket } from "node:net";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { connect as connectTls } from "node:tls";
import { decodeClaim } from "@vsix/shared/crypto/claim-token.ts";
import { parseExposition, sampleOf } from "./exposition.ts";
import { type Bench, until } from "./harness.ts";
import { claimToken, tlsBench } from "./identity-bench.ts";
import { enrolBody, newKey, post } from "./raw-node.ts";

const REQUESTS = "vsix_controller_enrol_requests_total";
const CLOSED = "vsix_controller_enrol_connections_closed_total";

async function get(url: string): Promise<{ readonly status: number; readonly text: string }> {
  const asked = httpsRequest(url, { agent: false, rejectUnauthorized: false }).end();
  const [response] = (await once(asked, "response")) as [IncomingMessage];
  return { status: response.statusCode ?? 0, text: await text(response) };
}

async function figure(bench: Bench, name: string, labels: Record<string, string>): Promise<number> {
  const asked = request({ socketPath: bench.socket, path: "/metrics" }).end();
  const [response] = (await once(asked, "response")) as [IncomingMessage];
  const told = await text(response);
  assert.ok(!told.includes("made-up"), "an invented name is in a label");
  return sampleOf(parseExposition(told), name, labels);
}

interface Operation {
  readonly summary?: string;
  readonly "x-proof"?: string;
  readonly requestBody?: object;
  readonly responses: Record<string, object>;
}

test("the enrolment listener describes each of its routes", async () => {
  await using bench = await tlsBench();
  const { url } = decodeClaim(await claimToken(bench, "edge-1"));
  const { status, text: described } = await get(`${url}/v1/openapi.json`);
  assert.equal(status, 200, described);
  const { openapi, paths } = JSON.parse(described) as {
    openapi: string;
    paths: Record<string, Record<string, Operation>>;
  };
  assert.equal(openapi, "3.1.0");
  const proofs = Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, one]) => `${method} ${path}: ${one["x-proof"]}`),
  );
  assert.deepEqual(proofs.sort(), [
    "get /v1/ca: none",
    "get /v1/openapi.json: none",
    "post /v1/confirm: certificate",
    "post /v1/enrol: claim",
    "post /v1/renew: certificate",
  ]);
  for (const operation of Object.values(paths).flatMap((one) => Object.values(one))) {
    assert.ok((operation.summary ?? "").length > 5);
    assert.match(JSON.stringify(operation.responses["4XX"]), /"error":.*"code":.*"message":/);
  }
  assert.match(JSON.stringify(paths["/v1/enrol"]?.["post"]?.requestBody), /"spki".*"proof"/);
  assert.match(JSON.stringify(paths["/v1/confirm"]?.["post"]?.responses["200"]), /"serial"/);
});

test("the enrolment listener counts requests by what came of them, and what it closed unanswered", async () => {
  await using bench = await tlsBench();
  const token = await claimToken(bench, "edge-1");
  const { url } = decodeClaim(token);
  const key = newKey();
  assert.equal((await post(`${url}/v1/enrol`, enrolBody(token, key, { secret: "wrong" }))).status, 403);
  assert.equal((await post(`${url}/v1/enrol`, { node: "made-up" })).status, 400);
  assert.equal(
    (await post(`${url}/v1/enrol`, { ...enrolBody(token, key), more: "x".repeat(20_000) })).status,
    413,
  );
  assert.equal((await post(`${url}/v1/enrol`, enrolBody(token, key))).status, 200);
  assert.equal((await post(`${url}/v1/enrol`, enrolBody(token, newKey()))).status, 409);
  assert.equal((await post(`${url}/v1/confirm`, {})).status, 403);
  assert.equal((await get(`${url}/v1/made-up-by-me`)).status, 404);
  // Each is counted after its answer is sent, which a client may have read before.
  const wanted = [
    ["/v1/enrol", "claim-refused", 1],
    ["/v1/enrol", "bad-request", 2],
    ["/v1/enrol", "done", 1],
    ["/v1/enrol", "claim-used", 1],
    ["/v1/enrol", "claim-locked", 0],
    ["/v1/confirm", "certificate-refused", 1],
    ["none", "no-such-route", 1],
  ] as const;
  for (const [route, outcome, count] of wanted)
    await until(
      `${route} ${outcome} is counted`,
      async () => (await figure(bench, REQUESTS, { route, outcome })) >= count,
    );
  for (const [route, outcome, count] of wanted)
    assert.equal(await figure(bench, REQUESTS, { route, outcome }), count, `${route} ${outcome}`);

  const { hostname: host, port } = new URL(url);
  const sockets: Socket[] = [];
  try {
    const noTls = connectTcp({ host, port: Number(port) });
    sockets.push(noTls);
    noTls.on("error", () => {}).end("this is no handshake\r\n\r\n");
    await until(
      "a failed handshake is counted",
      async () => (await figure(bench, CLOSED, { reason: "tls" })) > 0,
    );
    const noHttp = connectTls({ host, port: Number(port), rejectUnauthorized: false });
    sockets.push(noHttp);
    noHttp.on("error", () => {}).end("this is no HTTP\r\n\r\n");
    await until(
      "malformed HTTP is counted",
      async () => (await figure(bench, CLOSED, { reason: "malformed" })) > 0,
    );

    const before = await figure(bench, CLOSED, { reason: "too-many" });
    for (let i = 0; i < 70; i++) {
      const idle = connectTcp({ host, port: Number(port) });
      idle.on("error", () => {});
      sockets.push(idle);
    }
    await until(
      "those too many from one address are counted",
      async () => (await figure(bench, CLOSED, { reason: "too-many" })) >= before + 6,
    );
  } finally {
    for (const socket of sockets) socket.destroy();
  }
});

test("an address that asks the enrolment listener too often is refused by name, and that is counted", async () => {
  await using bench = await tlsBench();
  const { url } = decodeClaim(await claimToken(bench, "edge-1"));
  const statuses = (answers: readonly Answer[]): readonly number[] => answers.map(({ status }) => status);
  assert.deepEqual(statuses(await pipeline(`${url}/v1/ca`, 300)), new Array<number>(300).fill(200));
  const refused = await pipeline(`${url}/v1/ca`, 10);
  assert.deepEqual(statuses(refused), new Array<number>(10).fill(429));
  for (const answer of refused) {
    assert.match(answer.text, /"code":"too-many-requests"/);
    assert.match(answer.text, /^retry-after: \d+\r$/im);
  }
  assert.equal(await figure(bench, REQUESTS, { route: "/v1/ca", outcome: "too-many-requests" }), 10);
  assert.equal(await figure(bench, REQUESTS, { route: "/v1/ca", outcome: "done" }), 300);
});

interface Answer {
  readonly status: number;
  /** From its status line to the end of its body. */
  readonly text: string;
}

/**
 * Asks the same so many times on one connection, in one write, which HTTP/1.1 allows (RFC 9112, section 9.3.2): what comes of
 * it does not depend on how long a machine takes from answer to question.
 */
async function pipeline(url: string, requests: number): Promise<readonly Answer[]> {
  const { hostname: host, host: name, port, pathname } = new URL(url);
  const socket = connectTls({ host, port: Number(port), rejectUnauthorized: false });
  const question = (more = ""): string => `GET ${pathname} HTTP/1.1\r\nhost: ${name}\r\n${more}\r\n`;
  socket.write(question().repeat(requests - 1) + question("connection: close\r\n"));
  const answers = (await text(socket)).split("HTTP/1.1 ").slice(1);
  return answers.map((answer) => ({ status: Number.parseInt(answer, 10), text: answer }));
}
