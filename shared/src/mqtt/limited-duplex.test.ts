import assert from "node:assert/strict";
import { once } from "node:events";
import { duplexPair } from "node:stream";
import { test } from "node:test";
import { FrameError, rulesForClients } from "./frame-scanner.ts";
import { LimitedDuplex } from "./limited-duplex.ts";

test("octets pass both ways, and an over-long packet destroys the connection before any of it is passed on", async () => {
  const [near, far] = duplexPair();
  const limited = new LimitedDuplex(near, rulesForClients(100));
  let passed = 0;
  limited.on("data", (chunk: Buffer) => {
    passed += chunk.length;
  });
  const heard = once(far, "data");
  limited.write("hello");
  assert.equal(String((await heard)[0]), "hello");
  const small = once(limited, "data");
  far.write(Buffer.from([0x30, 2, 1, 2]));
  await small;
  assert.equal(passed, 4);
  const ended = once(limited, "error");
  far.write(Buffer.concat([Buffer.from([0x30, 0xff, 0xff, 0x7f]), Buffer.alloc(10_000)]));
  const [error] = await ended;
  assert.ok(error instanceof FrameError);
  assert.equal(error.code, "mqtt-frame-too-large");
  assert.equal(passed, 4);
  assert.ok(near.destroyed);
});
