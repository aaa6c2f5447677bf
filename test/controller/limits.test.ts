import assert from "node:assert/strict";
import { once } from "node:events";
import { request } from "node:http";
import { connect, type Socket } from "node:net";
import { test } from "node:test";
import { Bench, freePort, until } from "./harness.ts";

interface Answer {
  readonly status: number;
  readonly retryAfter: string | undefined;
  readonly code: string;
}

/** A controller whose API on loopback takes as much as `limits` says. */
class Limited implements AsyncDisposable {
  readonly bench: Bench;
  readonly port: number;

  private constructor(bench: Bench, port: number) {
    this.bench = bench;
    this.port = port;
  }

  static async start(limits: object): Promise<Limited> {
    const port = await freePort();
    const bench = await Bench.make(undefined, { http: { host: "127.0.0.1", port }, limits });
    await bench.start();
    return new Limited(bench, port);
  }

  async token(name: string): Promise<string> {
    return (await this.bench.vsixctl("token", "create", name, "--scope", "admin")).stdout.trim();
  }

  async ask(token: string | undefined, localAddress = "127.0.0.1", body?: string): Promise<Answer> {
    const headers = {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    };
    const where = { host: "127.0.0.1", port: this.port, localAddress, headers, agent: false } as const;
    const asked =
      body === undefined
        ? request({ ...where, path: "/v1/revisions" })
        : request({ ...where, path: "/v1/fabric", method: "POST" });
    asked.on("error", () => {});
    asked.end(body);
    const [response] = (await once(asked, "response")) as [import("node:http").IncomingMessage];
    let text = "";
    for await (const chunk of response) text += String(chunk);
    const { error } = JSON.parse(text) as { error?: { code: string; message: string } };
    if (response.statusCode !== 200) assert.ok(error !== undefined && error.message.length > 10, text);
    const retryAfter = response.headers["retry-after"];
    return { status: response.statusCode ?? 0, retryAfter, code: error?.code ?? "" };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.bench[Symbol.asyncDispose]();
  }
}

function assertTooMany(answer: Answer): void {
  assert.deepEqual([answer.status, answer.code], [429, "too-many-requests"]);
  const seconds = Number(answer.retryAfter);
  assert.ok(seconds >= 1 && seconds <= 60, answer.retryAfter);
}

test("whoever guesses tokens is soon told nothing but 429; a good token and another address are not held back", async () => {
  await using limited = await Limited.start({ failuresPerMinute: 3 });
  const good = await limited.token("good");
  const guess = `vsixt_${"A".repeat(43)}`;
  for (let i = 0; i < 3; i++) assert.equal((await limited.ask(guess)).status, 401);
  for (let i = 0; i < 3; i++) assertTooMany(await limited.ask(guess));
  assertTooMany(await limited.ask(undefined));
  assert.equal((await limited.ask(good)).status, 200);
  assert.equal((await limited.ask(guess, "127.0.0.2")).status, 401);
});

test("a token that asks too much waits, from whichever address; another token and the unix socket do not", async () => {
  await using limited = await Limited.start({ tokenPerMinute: 4 });
  const [busy, calm] = [await limited.token("busy"), await limited.token("calm")];
  for (let i = 0; i < 4; i++) assert.equal((await limited.ask(busy, `127.0.0.${i + 1}`)).status, 200);
  assertTooMany(await limited.ask(busy));
  assertTooMany(await limited.ask(busy, "127.0.0.9"));
  assert.equal((await limited.ask(calm)).status, 200);
  for (let i = 0; i < 6; i++) assert.equal((await limited.bench.vsixctl("history")).code, 0);
});

test("an address that asks too much waits, whatever tokens it has", async () => {
  await using limited = await Limited.start({ addressPerMinute: 3 });
  const tokens = [await limited.token("a"), await limited.token("b")];
  for (let i = 0; i < 3; i++) assert.equal((await limited.ask(tokens[i % 2])).status, 200);
  for (const token of tokens) assertTooMany(await limited.ask(token));
  assert.equal((await limited.ask(tokens[0], "127.0.0.2")).status, 200);
});

test("a body beyond the limit is refused in our own words", async () => {
  await using limited = await Limited.start({});
  const answer = await limited.ask(await limited.token("good"), "127.0.0.1", `"${"x".repeat(3 << 20)}"`);
  assert.equal(answer.status, 413);
});

test("hundreds of connections leave the unix socket and other addresses alone, and end by themselves", async () => {
  await using limited = await Limited.start({ connections: 20, connectionsPerAddress: 10, headersMs: 1000 });
  const good = await limited.token("good");
  const sockets: Socket[] = [];
  for (let i = 0; i < 300; i++) {
    const socket = connect({ host: "127.0.0.1", port: limited.port, localAddress: "127.0.0.3" });
    socket.on("error", () => {});
    socket.resume();
    // Some say nothing, some begin a request and never end it.
    if (i % 2 === 0) socket.write("GET /v1/status HTTP/1.1\r\nx: ");
    sockets.push(socket);
  }
  await until("all but ten are cut off", () => sockets.filter((one) => !one.closed).length <= 10);
  assert.equal((await limited.bench.vsixctl("history")).code, 0);
  assert.equal((await limited.ask(good, "127.0.0.4")).status, 200);
  await until("the rest has been cut off too", () => sockets.every((one) => one.closed));
  assert.equal((await limited.ask(good, "127.0.0.3")).status, 200);
});
