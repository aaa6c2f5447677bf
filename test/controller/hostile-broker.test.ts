import assert from "node:assert/strict";
import { test } from "node:test";
import { pino } from "pino";
import { ExternalBroker } from "../../controller/src/fleet/broker-external.ts";
import { CONNACK, HostileBroker } from "../fakes/hostile-broker.ts";
import { until } from "./harness.ts";

const MB = 1024 * 1024;

function* endlessPublish(): Iterable<Buffer> {
  yield CONNACK;
  yield Buffer.from([0x30, 0xff, 0xff, 0xff, 0x7f]);
  const filler = Buffer.alloc(MB, 0x61);
  for (let i = 0; i < 255; i++) yield filler;
}

test("an external broker that announces 256 MB is cut off at the header, by name, and connected to again", async () => {
  await using hostile = await HostileBroker.start(() => [CONNACK]);
  const lines: string[] = [];
  await using broker = await ExternalBroker.connect({
    url: hostile.url,
    clientId: "controller",
    connectTimeoutMs: 5000,
    publishTimeoutMs: 5000,
    maxPacketBytes: 4 * MB,
    log: pino({ level: "info" }, { write: (line: string) => void lines.push(line) }),
  });
  assert.equal(broker.url, hostile.url);
  hostile.attack = endlessPublish;
  hostile.drop();
  await until("it has come back", () => hostile.connections.length >= 3);
  await until("it was cut off again", () => hostile.connections.at(2)?.closed === true);
  // Kernel buffers of both sides take some; what is announced and offered is ten times as much.
  for (const { sent } of hostile.connections) assert.ok(sent < 24 * MB, `${sent} octets taken`);
  const said = lines.map((line) => JSON.parse(line) as { code?: string; pauseMs?: number });
  const cuts = said.filter(({ code }) => code === "mqtt-frame-too-large");
  assert.deepEqual(
    cuts.slice(0, 2).map(({ pauseMs }) => pauseMs),
    [2000, 4000],
  );
});

test("a broker that breaks the protocol before it has said CONNACK is no broker", async () => {
  await using hostile = await HostileBroker.start(() => [Buffer.from([0x30, 2, 0, 0])]);
  await assert.rejects(
    ExternalBroker.connect({
      url: hostile.url,
      clientId: "controller",
      connectTimeoutMs: 5000,
      publishTimeoutMs: 5000,
      maxPacketBytes: 4 * MB,
      log: pino({ level: "silent" }),
    }),
    { code: "broker", message: /before CONNACK/ },
  );
});
