import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import type { Report } from "@vsix/shared/contract/up.ts";
import { type Attack, CONNACK, HostileBroker } from "../fakes/hostile-broker.ts";
import { insideNamespace } from "../kernel/in-namespace.ts";
import { AgentHost, until } from "./agent-process.ts";
import { OpenBroker } from "./broker.ts";
import { document } from "./documents.ts";
import { dumpKernel, makePorts } from "./kernel-dump.ts";

const MB = 1024 * 1024;
/** More than both sockets' kernel buffers hold, much less than what is announced and offered. */
const TAKEN_AT_MOST = 24 * MB;

/** A PUBLISH header (QoS 0) that announces the most that MQTT can, and as much behind it. */
function* endlessPublish(): Iterable<Buffer> {
  yield CONNACK;
  yield Buffer.from([0x30, 0xff, 0xff, 0xff, 0x7f]);
  const filler = Buffer.alloc(MB, 0x61);
  for (let i = 0; i < 255; i++) yield filler;
}

/** QoS 2, each with another packet identifier: whoever keeps them until they are released keeps 64 GB. */
function* heldBack(): Iterable<Buffer> {
  yield CONNACK;
  for (let id = 1; id < 200; id++) {
    // Topic "x", then the identifier.
    const body = Buffer.concat([Buffer.from([0, 1, 0x78, id >> 8, id & 0xff]), Buffer.alloc(MB)]);
    const { length } = body;
    yield Buffer.concat([
      Buffer.from([0x34, (length & 0x7f) | 0x80, ((length >> 7) & 0x7f) | 0x80, length >> 14]),
      body,
    ]);
  }
}

const faultOf = (report: Report): string | undefined =>
  report.conditions.find(({ object }) => object === "broker")?.reason;

if (await insideNamespace("agent-hostile", import.meta.url)) {
  makePorts();
  const hostile = await HostileBroker.start(() => endlessPublish());
  const host = new AgentHost(hostile.url);

  /** Attacks a fresh agent, which has no long pause behind it, until it has come back. */
  const survives = async (attack: Attack, reason: RegExp): Promise<void> => {
    await host.stop("SIGKILL");
    hostile.attack = attack;
    const first = hostile.connections.length;
    await host.start();
    await until("the agent has come back", () => hostile.connections.length >= first + 2, 90_000);
    await until("the agent has cut it off", () => hostile.connections.at(first)?.closed === true);
    await host.reportWhere("the fault is reported", (report) => reason.test(faultOf(report) ?? ""));
    for (const { sent } of hostile.connections.slice(first))
      assert.ok(sent < TAKEN_AT_MOST, `${sent} octets taken`);
    assert.ok(host.alive);
  };

  test("a packet that announces 256 MB is cut off at its header, the fault is told, and the agent comes back", async () => {
    const before = dumpKernel();
    await host.startGobgpd();
    await survives(() => endlessPublish(), /^MQTT packet of type 3 announces at least \d+ octets/);
    assert.match(host.log, /"code":"mqtt-frame-too-large"/);
    assert.match((await host.ask("report")).stdout, /"object": "broker"/);
    assert.deepEqual(dumpKernel(), before);
  });

  test("messages of QoS 2, which would have to be kept, are not taken", async () => {
    await survives(() => heldBack(), /PUBLISH of QoS 2/);
  });

  test("a malformed length, and noise, end the connection and not the agent", async () => {
    await survives(
      () => [CONNACK, Buffer.from([0xd0, 0x80, 0x80, 0x80, 0x80, 0x80])],
      /more than four octets/,
    );
    await survives(() => [randomBytes(MB)], /./);
  });

  test("a broker that refuses the connection is told of, and tried again", async () => {
    await survives(() => [Buffer.from([0x20, 2, 0, 3])], /Connection refused: Server unavailable/);
  });

  test("a broker that acknowledges nothing does not keep the agent from ending", async () => {
    hostile.attack = () => [CONNACK];
    await host.stop();
    await host.start();
    await until("connected", () => host.log.includes('"connected":true'));
    assert.equal(await host.stop(), 0);
  });

  test("once a good broker listens there, the document arrives and the fault is forgotten", async () => {
    hostile.attack = () => endlessPublish();
    await host.start();
    await host.reportWhere("the fault is reported", (report) => faultOf(report) !== undefined);
    await hostile[Symbol.asyncDispose]();
    await using broker = await OpenBroker.start(hostile.port);
    await broker.document(document(5));
    await host.reportWhere(
      "converged without a fault",
      (report) => report.converged && report.generation === 5 && faultOf(report) === undefined,
      60_000,
    );
    assert.deepEqual(await host.plan(), []);
  });

  test.after(async () => {
    await host[Symbol.asyncDispose]();
    await hostile[Symbol.asyncDispose]();
  });
}
