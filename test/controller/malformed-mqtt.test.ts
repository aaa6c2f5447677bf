import assert from "node:assert/strict";
import { connect, type Socket } from "node:net";
import { test } from "node:test";
import { MqttClient } from "mqtt";
import { pino } from "pino";
import { EmbeddedBroker } from "../../controller/src/fleet/broker-embedded.ts";
import { Dice, mutate } from "../fuzz/mutate.ts";
import { until } from "./harness.ts";

const CASES = 2000;
/** Another one each day. */
const SEED = Math.floor(Date.now() / 86_400_000);

/** A packet of MQTT 3.1.1 shorter than 128 octets. */
const packet = (first: number, ...body: readonly (number | string)[]): Buffer => {
  const octets = Buffer.concat(body.map((one) => (typeof one === "string" ? text(one) : Buffer.of(one))));
  return Buffer.concat([Buffer.of(first, octets.length), octets]);
};
/** A UTF-8 string with its length before it (section 1.5.3). */
const text = (value: string): Buffer => Buffer.concat([Buffer.of(0, value.length), Buffer.from(value)]);

const CONNECT = packet(0x10, "MQTT", 4, 2, 0, 60, "vsix-agent-edge-1");
const WILL = packet(0x10, "MQTT", 4, 0x0e, 0, 60, "vsix-agent-edge-2", "vsix/v1/edge-2/alive", "gone");
const AFTER: readonly Buffer[] = [
  packet(0x82, 0, 1, "vsix/v1/edge-1/manifest", 1),
  packet(0x32, "vsix/v1/edge-1/alive", 0, 2, 123, 125),
  packet(0x34, "vsix/v1/edge-1/report", 0, 3, 123, 125),
  packet(0x62, 0, 3),
  packet(0x40, 0, 4),
  packet(0x50, 0, 5),
  packet(0xa2, 0, 6, "vsix/v1/edge-1/manifest"),
  packet(0xc0),
  packet(0xe0),
];

/** Says something to the broker and waits until it has closed, or for a moment. */
async function say(url: string, octets: Uint8Array): Promise<void> {
  const { hostname, port } = new URL(url);
  const socket: Socket = connect({ host: hostname, port: Number(port) });
  socket.on("error", () => {}).resume();
  await new Promise<void>((resolve) => {
    socket.once("close", () => resolve());
    socket.end(octets);
  });
}

test("the embedded broker survives spoiled MQTT of any kind, before and after CONNECT, and serves the others", async () => {
  await using broker = await EmbeddedBroker.start({
    host: "127.0.0.1",
    port: 0,
    maxPacketBytes: 64 * 1024,
    maxClients: 200,
    log: pino({ enabled: false }),
  });
  let heard = 0;
  let ofSpoiled = 0;
  await broker.subscribe("vsix/v1/+/alive", ({ topic }) => {
    if (topic === "vsix/v1/good/alive") heard++;
    if (topic === "vsix/v1/edge-1/alive") ofSpoiled++;
  });
  const good = new MqttClient(() => connect({ host: "127.0.0.1", port: Number(new URL(broker.url).port) }), {
    protocolVersion: 4,
    clientId: "good",
    reconnectPeriod: 0,
  });
  let closed = false;
  good.on("close", () => {
    closed = true;
  });
  const dice = new Dice(SEED);
  const whole = [Buffer.concat([CONNECT, ...AFTER]), Buffer.concat([WILL, ...AFTER])];
  try {
    await until("the good client is connected", () => good.connected);
    for (let done = 0; done < CASES; done += 20) {
      const batch = Array.from({ length: 20 }, () =>
        dice.below(3) === 0 ? mutate(whole, dice) : Buffer.concat([CONNECT, mutate(AFTER, dice)]),
      );
      await Promise.all(batch.map((octets) => say(broker.url, octets)));
      await good.publishAsync("vsix/v1/good/alive", "1", { qos: 1 });
    }
    assert.ok(!closed, `seed ${SEED}`);
    assert.equal(heard, CASES / 20, `seed ${SEED}`);
    // It is not that nothing gets past the door: some were spoiled elsewhere, and whole they are taken.
    const before = ofSpoiled;
    assert.ok(before > 0, `seed ${SEED}`);
    await say(broker.url, Buffer.concat([CONNECT, ...AFTER]));
    await until("the whole one is taken", () => ofSpoiled === before + 1);
  } finally {
    good.end(true);
  }
});
