import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import type { Quality } from "@vsix/shared/contract/up-quality.ts";
import { ageUs, Icmp6Socket, prepareEcho } from "../../agent/src/io/icmp6.ts";
import { QualitySensor } from "../../agent/src/sensors/quality.ts";
import { ICMP6_TYPE } from "../../agent/src/wire/icmp6.ts";
import { insideNamespace } from "./in-namespace.ts";

const ID = 0x4242;
const WINDOWS = 3;

function ip(...args: readonly string[]): void {
  const { status, stderr } = spawnSync("ip", args, { encoding: "utf8", timeout: 20_000 });
  assert.equal(status, 0, stderr);
}

const nowUs = (): number => Math.round((performance.timeOrigin + performance.now()) * 1000);

if (await insideNamespace("quality", import.meta.url)) {
  test("echoes to who answers have round trips, those to who is silent are lost, those without a route never leave", async () => {
    ip("link", "set", "lo", "up");
    for (const address of ["2001:db8::1", "2001:db8::2"]) ip("addr", "add", `${address}/128`, "dev", "lo");
    ip("link", "add", "quiet", "type", "veth", "peer", "name", "nobody");
    for (const name of ["quiet", "nobody"]) ip("link", "set", name, "up");
    ip("route", "add", "2001:db8:1::/64", "dev", "quiet");
    const targets = [
      { name: "here", address: "2001:db8::2" },
      // Neighbour discovery ends without an answer.
      { name: "silent", address: "2001:db8:1::1" },
      { name: "nowhere", address: "2001:db8:2::1" },
      { name: "nobody", address: "no address" },
    ];
    const told: Quality[] = [];
    const { promise, resolve } = Promise.withResolvers<void>();
    let sensor: QualitySensor | undefined;
    const heardByAll: number[] = [];
    await using other = Icmp6Socket.open(
      ({ message }) => {
        if (message.type === "echo-reply") heardByAll.push(message.id);
      },
      { ids: [0, 0xffff], but: ID },
    );
    await using socket = Icmp6Socket.open(
      ({ message, source, timestampNs }) => {
        assert.ok(message.type === "echo-reply" && message.id === ID);
        sensor?.replied(message.sequence, source, nowUs() - ageUs(timestampNs));
      },
      { ids: [ID, ID], types: [ICMP6_TYPE.ECHO_REPLY], quiet: true },
    );
    other.send({ destination: "2001:db8::2", id: ID + 1, sequence: 1 });
    sensor = new QualitySensor(
      {
        part: { intervalMs: 100, size: 104, maxPacketsPerS: 200, targets },
        node: "here",
        instance: "a",
        windows: 4,
        nowUs,
        wallMs: Date.now,
        begin: (sequence, pacing) =>
          socket.beat(
            targets.map(({ address }) =>
              prepareEcho({ destination: address, source: "2001:db8::1", flowLabel: 7, size: 104, id: ID }),
            ),
            sequence,
            pacing,
          ),
        end: () => socket.beat([], 0, { ticks: 1, tickUs: 1_000 }),
        sent: (tell) => socket.beats(tell),
        drain: () => socket.drain(),
        publish: (message) => {
          told.push(message);
          if (told.length === WINDOWS) resolve();
        },
      },
      0xfffa, // wraps in the first window
    );
    await promise;
    assert.deepEqual(heardByAll, [ID + 1]);
    sensor[Symbol.dispose]();
    assert.deepEqual(
      told.slice(0, WINDOWS).map(({ window }) => window),
      [5, 6, 7],
    );
    const all = told.flatMap(({ targets: list }) => list);
    for (const { name, sent, lost, unsent, rttsUs } of all) {
      assert.equal(rttsUs.length, sent);
      if (name === "here") assert.deepEqual([lost, unsent], [0, 0], JSON.stringify(rttsUs));
      else assert.deepEqual(new Set(rttsUs), new Set([-1]));
      if (name === "silent") assert.deepEqual([lost, unsent], [sent, 0]);
      if (name === "nowhere" || name === "nobody") assert.deepEqual([lost, unsent], [sent, sent]);
    }
    assert.deepEqual(new Set(all.map(({ name }) => name)), new Set(["here", "silent", "nowhere", "nobody"]));
  });
}
