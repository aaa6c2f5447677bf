import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect as connectTcp } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { connectAsync } from "mqtt";
import { pino } from "pino";
import type { Broker, BrokerMessage } from "../../controller/src/fleet/broker.ts";
import { EmbeddedBroker } from "../../controller/src/fleet/broker-embedded.ts";
import { ExternalBroker } from "../../controller/src/fleet/broker-external.ts";
import { freePort, until } from "./harness.ts";

const log = pino({ level: "silent" });

/** What the controller relies on, of whatever broker it is given. */
async function conform(broker: Broker): Promise<void> {
  const client = await connectAsync(broker.url, { protocolVersion: 4, clientId: "node", reconnectPeriod: 0 });
  try {
    await client.publishAsync("vsix/v1/a/alive", "kept", { qos: 1, retain: true });
    const heard: BrokerMessage[] = [];
    await broker.subscribe("vsix/v1/+/alive", (message) => heard.push(message));
    await until("the retained message came", () => heard.length === 1);
    assert.equal(heard[0]?.replayed, true);
    assert.equal(Buffer.from(heard[0]?.payload ?? []).toString(), "kept");

    await client.publishAsync("vsix/v1/b/alive", "live", { qos: 1, retain: true });
    await until("the live message came", () => heard.length === 2);
    assert.equal(heard[1]?.replayed, false);
    assert.equal(heard[1]?.topic, "vsix/v1/b/alive");

    const large = Buffer.alloc(1024 * 1024, 7);
    await broker.publishRetained("vsix/v1/a/part/1", large);
    await broker.publishRetained("vsix/v1/a/part/2", Buffer.from("old"));
    await broker.publishRetained("vsix/v1/a/part/2", new Uint8Array());
    await broker.publishRetained("vsix/v1/a/manifest", Buffer.from("m"));
    const got = new Map<string, Buffer>();
    client.on("message", (topic, payload) => got.set(topic, payload));
    await client.subscribeAsync(["vsix/v1/a/part/+", "vsix/v1/a/manifest"], { qos: 1 });
    await until("part and manifest came", () => got.size === 2);
    assert.deepEqual([...got.keys()].sort(), ["vsix/v1/a/manifest", "vsix/v1/a/part/1"]);
    assert.ok(got.get("vsix/v1/a/part/1")?.equals(large));
  } finally {
    await client.endAsync(true);
  }
}

test("the embedded broker does what the controller relies on", async () => {
  await using broker = await EmbeddedBroker.start({
    host: "127.0.0.1",
    port: 0,
    maxPacketBytes: 1024 * 1024,
    maxClients: 10,
    log,
  });
  await conform(broker);
});

test("an external mosquitto does what the controller relies on", async () => {
  const directory = await mkdtemp(join(tmpdir(), "vsix-mosquitto-"));
  const port = await freePort();
  let child: ChildProcess | undefined;
  try {
    const config = join(directory, "mosquitto.conf");
    await writeFile(config, `listener ${port} 127.0.0.1\nallow_anonymous true\npersistence false\n`);
    child = spawn("mosquitto", ["-c", config], { stdio: "ignore" });
    await until("mosquitto listens", () => canConnect(port));
    await using broker = await ExternalBroker.connect({
      url: `mqtt://127.0.0.1:${port}`,
      clientId: "controller",
      connectTimeoutMs: 5000,
      publishTimeoutMs: 5000,
      maxPacketBytes: 4 * 1024 * 1024,
      log,
    });
    await conform(broker);
  } finally {
    if (child !== undefined && child.exitCode === null) {
      const ended = once(child, "exit");
      child.kill();
      await ended;
    }
    await rm(directory, { recursive: true, force: true });
  }
});

async function canConnect(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connectTcp({ host: "127.0.0.1", port });
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}
