import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { after, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { type NativeSocket, native } from "../../agent/native/load.ts";
import { CaptureLoop } from "../../agent/src/sensors/capture-loop.ts";
import { zstdCodec } from "../../shared/src/compress/zstd.ts";
import { type CaptureCounters, noCounters } from "../../shared/src/dns/counters.ts";
import { Segment } from "../../shared/src/dns/segment.ts";
import { parsePref64 } from "../../shared/src/net/pref64.ts";
import { DNS_KINDS } from "../fakes/dns-kinds.ts";
import { dnsMessage, frame, ip6, type Octets, packetOf, TYPES, udp } from "../fakes/dns-packets.ts";
import { tool } from "../lab/tools.ts";
import { insideNamespace, ip, packetSockets, veth } from "./in-namespace.ts";

/** What the kernel's ring gives of packets that were really sent: all of them, each once, and nothing else. */

const TRANSACTIONS = 200;

if (await insideNamespace("dns-capture", import.meta.url)) {
  veth("wire0", "wire1");
  const indexOf = (name: string): number => Number(readFileSync(`/sys/class/net/${name}/ifindex`, "utf8"));
  const socket: NativeSocket = new (native().Socket)(17, 3, 0);
  after(() => socket.close());

  const address = (name: string): Octets => {
    const bytes = new Uint8Array(20);
    const view = new DataView(bytes.buffer);
    view.setUint16(0, 17, true);
    view.setInt32(4, indexOf(name), true);
    return bytes;
  };
  /** @returns how many it sent */
  const send = (frames: readonly Octets[], from = "wire0"): number => {
    const to = address(from);
    for (const one of frames) assert.equal(socket.send(one, to), one.length);
    return frames.length;
  };
  const until = async (what: string, holds: () => boolean): Promise<void> => {
    for (let i = 0; i < 3000 && !holds(); i++) await sleep(20);
    assert.ok(holds(), what);
  };
  /** What was captured while `during` ran, which tells how many packets are to come. */
  const captured = async (
    interfaces: readonly string[],
    during: (faults: readonly unknown[]) => number | Promise<number>,
  ) => {
    let counters: CaptureCounters = noCounters();
    const rows: Segment[] = [];
    const faults: unknown[] = [];
    const pref64 = [parsePref64("64:ff9b::/96") ?? assert.fail()];
    const settings = {
      ports: [53],
      pref64,
      resolvers: [],
      timeoutMs: 5000,
      capacity: 4096,
      seed: 5,
      segmentRows: 65_536,
    };
    {
      using loop = new CaptureLoop(
        { ...settings, interfaces, ringOctets: 8 << 20, flushMs: 60_000 },
        {
          segment: (octets) => rows.push(new Segment(octets, zstdCodec())),
          condition: (name, error) => error !== undefined && faults.push([name, error]),
        },
      );
      counters = loop.counters;
      const packets = await during(faults);
      await until("all is read", () => counters.packets >= packets);
      // What should not come would have: a block that is not full is handed over in 500 ms at most.
      await sleep(550);
    }
    const pairs = rows.flatMap((segment) =>
      Array.from({ length: segment.rows }, (_, row) => segment.pair(row)),
    );
    return { counters, pairs, faults };
  };

  for (const { name, frames, pairs: each } of DNS_KINDS) {
    test(`${name}: captured is what was sent`, async () => {
      const all = Array.from({ length: TRANSACTIONS }, (_, n) => frames(n));
      const { counters, pairs } = await captured(["wire1"], () => send(all.flat()));
      assert.equal(counters.packets, all.flat().length);
      assert.equal(counters.pairs, TRANSACTIONS * each);
      assert.equal(pairs.length, TRANSACTIONS * each);
      assert.equal(
        counters.kernelDrops + counters.truncated + counters.badHeaders + counters.fragmentsLost,
        0,
      );
      assert.ok(
        pairs.every(
          ({ outcome, half, point }) => outcome === "native" && half === "whole" && point === "wire1",
        ),
      );
    });
  }

  test("what goes out of an interface is captured as what comes in", async () => {
    const frames = Array.from({ length: TRANSACTIONS }, (_, n) => DNS_KINDS[0]?.frames(n) ?? []).flat();
    const { counters } = await captured(["wire0"], () => send(frames));
    assert.equal(counters.packets, frames.length);
    assert.equal(counters.pairs, TRANSACTIONS);
  });

  test("what passes two interfaces is one row, and counted as seen elsewhere too", async () => {
    const frames = Array.from({ length: TRANSACTIONS }, (_, n) => DNS_KINDS[0]?.frames(n) ?? []).flat();
    const { counters, pairs } = await captured(["wire0", "wire1"], () => 2 * send(frames));
    assert.equal(counters.packets, frames.length * 2);
    assert.equal(pairs.filter(({ half }) => half === "whole").length, TRANSACTIONS);
    assert.equal(counters.duplicates, 0);
  });

  test("other traffic does not reach us: the kernel's filter drops it", async () => {
    const flow = {
      source: new Uint8Array(16).fill(1),
      destination: new Uint8Array(16).fill(2),
      sourcePort: 5000,
      destinationPort: 443,
    };
    const noise = Array.from({ length: 500 }, () => [
      frame(packetOf(flow, 17, udp(flow, new Uint8Array(200)))),
      frame(ip6(flow, 41, packetOf(flow, 6, new Uint8Array(40)))),
      frame(ip6(flow, 58, new Uint8Array(64))),
    ]).flat();
    const { counters } = await captured(["wire1"], () => {
      send(noise);
      return 0;
    });
    assert.equal(counters.packets, 0);
  });

  test("a tunnel without a link header is captured like any other interface", async () => {
    const feed = spawn(await tool("tun-feed"), ["tun6"], { stdio: ["pipe", "pipe", "inherit"] });
    await once(feed.stdout, "data");
    const inside = (n: number, family: 4 | 6): Octets => {
      const octets = family === 4 ? 4 : 16;
      const flow = {
        source: new Uint8Array(octets).fill(family === 4 ? 10 : 0x20),
        destination: new Uint8Array(octets).fill(family === 4 ? 11 : 0x21),
        sourcePort: 6000 + n,
        destinationPort: 53,
      };
      const message = dnsMessage({ id: n, name: "example.org", type: TYPES.A });
      const packet = packetOf(flow, 17, udp(flow, message));
      return Uint8Array.of(packet.length >> 8, packet.length & 0xff, ...packet);
    };
    const frames = Array.from({ length: 100 }, (_, n) => [inside(n, 6), inside(n, 4)]).flat();
    const { counters, pairs } = await captured(["tun6"], () => {
      feed.stdin.write(Buffer.concat(frames));
      return frames.length;
    });
    feed.stdin.end();
    assert.equal(counters.queries, 200);
    assert.equal(pairs.filter(({ client }) => client.length === 4).length, 100);
  });

  test("an interface that goes away is told, and captured from again when it is back", async () => {
    const frames = DNS_KINDS[0]?.frames(1) ?? [];
    const { counters, faults } = await captured(["gone0"], async (told) => {
      const opened = (): Promise<void> =>
        until("there is a ring on it", () => packetSockets("gone0").length > 0);
      veth("gone0", "gone1");
      await opened();
      send(frames, "gone1");
      // What is in no block that was handed over goes with the interface.
      await sleep(300);
      const before = told.length;
      ip(["link", "del", "gone0"]);
      await until("it is told", () => told.length > before);
      veth("gone0", "gone1");
      await opened();
      send(frames, "gone1");
      return 2 * frames.length;
    });
    assert.ok(faults.length >= 2);
    assert.equal(counters.packets, 2 * frames.length);
  });

  test("times are the kernel's: the latency of a pair is that between its packets", async () => {
    const [asked, answered] = DNS_KINDS[0]?.frames(3) ?? [];
    assert.ok(asked && answered);
    const before = BigInt(Date.now()) * 1_000_000n;
    const { pairs } = await captured(["wire1"], async () => {
      send([asked]);
      await sleep(150);
      return 1 + send([answered]);
    });
    const [pair] = pairs;
    assert.ok(pair !== undefined && (pair.latencyUs ?? 0) >= 149_000);
    assert.ok(pair.timeNs >= before - 2_000_000n && pair.timeNs < before + 60_000_000_000n);
  });
}
