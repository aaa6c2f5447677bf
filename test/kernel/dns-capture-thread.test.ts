import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { pino } from "pino";
import { type NativeSocket, native } from "../../agent/native/load.ts";
import type { CaptureSpool, SegmentMeta } from "../../agent/src/core/capture/spool-port.ts";
import { DnsCapture } from "../../agent/src/sensors/dns-capture.ts";
import { SpooledCapture } from "../../agent/src/spool/capture-spool.ts";
import { DnsSpool } from "../../agent/src/spool/spool.ts";
import { zstdCodec } from "../../shared/src/compress/zstd.ts";
import { parsePart } from "../../shared/src/contract/parse.ts";
import type { CapturePart } from "../../shared/src/contract/part-capture.ts";
import { decodeDnsBatch } from "../../shared/src/contract/up-dns.ts";
import { Segment } from "../../shared/src/dns/segment.ts";
import { DNS_KINDS } from "../fakes/dns-kinds.ts";
import { insideNamespace, packetSockets, veth } from "./in-namespace.ts";

/** The capture as the agent has it: a thread that a part begins and ends, and what becomes of what it has. */

const TRANSACTIONS = 300;

if (await insideNamespace("dns-thread", import.meta.url)) {
  veth("wire0", "wire1");
  const socket: NativeSocket = new (native().Socket)(17, 3, 0);
  after(() => socket.close());
  const to = new Uint8Array(20);
  new DataView(to.buffer).setUint16(0, 17, true);
  new DataView(to.buffer).setInt32(4, Number(readFileSync("/sys/class/net/wire0/ifindex", "utf8")), true);
  const send = (from: number): void => {
    for (let n = 0; n < TRANSACTIONS; n++)
      for (const one of DNS_KINDS[0]?.frames(from + n) ?? []) assert.equal(socket.send(one, to), one.length);
  };
  const part = (changes: Partial<CapturePart> = {}): CapturePart => {
    const wanted = {
      version: 1,
      interfaces: ["wire1"],
      ports: [53],
      pref64: ["64:ff9b::/96"],
      resolvers: [],
      timeoutMs: 2000,
      waiting: 1024,
      ringKb: 1024,
      rows: 128,
      flushMs: 600_000,
      spoolMb: 16,
      privacy: { clients: "whole", names: "whole" },
      ...changes,
    };
    return parsePart("capture", Buffer.from(JSON.stringify(wanted)));
  };
  class Kept implements CaptureSpool {
    readonly segments: { readonly octets: Uint8Array; readonly meta: SegmentMeta }[] = [];
    rows = 0;
    full = false;
    /** Rows of segments that were not taken. */
    refused = 0;

    put(octets: Uint8Array, meta: SegmentMeta): Promise<void> {
      if (this.full) {
        this.refused += meta.rows;
        return Promise.reject(new Error("no space left on device"));
      }
      this.segments.push({ octets, meta });
      return Promise.resolve();
    }

    seen(rows: number): void {
      this.rows = rows;
    }

    get sum(): number {
      return this.segments.reduce((sum, { meta }) => sum + meta.rows, 0);
    }
  }
  const capture = (spool: CaptureSpool): DnsCapture =>
    new DnsCapture({ spool, log: pino({ enabled: false }), random: () => 7, onChange: () => undefined });
  const until = async (right: () => boolean, what: string): Promise<void> => {
    for (let i = 0; i < 1200 && !right(); i++) await sleep(50);
    assert.ok(right(), what);
  };
  const known = new Set<string>();
  /** Waits for the ring of a thread that was not known: packets sent then are captured. */
  const started = async (): Promise<void> => {
    const added = (): readonly string[] => packetSockets("wire1").filter((inode) => !known.has(inode));
    await until(() => added().length > 0, "the thread has its ring");
    for (const inode of added()) known.add(inode);
  };

  test("what is captured goes to the spool; another part and the end lose nothing", async () => {
    const kept = new Kept();
    {
      await using sensor = capture(kept);
      sensor.configure(part());
      await started();
      send(0);
      await until(() => kept.segments.length >= 2, "two segments of 128 rows are full");
      await until(() => kept.rows === TRANSACTIONS, "rows in no segment yet are told of");
      sensor.configure(part({ rows: 256 }));
      await until(() => kept.sum === TRANSACTIONS, "the rest comes when the thread ends");
      await started();
      send(1000);
      assert.equal(sensor.fault, undefined);
      await until(() => kept.rows === 2 * TRANSACTIONS, "all is read");
    }
    assert.equal(kept.sum, 2 * TRANSACTIONS);
    const packets = kept.segments.reduce((sum, { meta }) => sum + meta.counted.packets, 0);
    assert.equal(packets, 4 * TRANSACTIONS);
    for (const { octets, meta } of kept.segments)
      assert.equal(new Segment(octets, zstdCodec()).rows, meta.rows);
  });

  test("rows that the spool does not take are counted in what it takes later", async () => {
    const kept = new Kept();
    {
      await using sensor = capture(kept);
      sensor.configure(part());
      await started();
      kept.full = true;
      send(0);
      await until(() => sensor.fault?.includes("no space") === true, "a fault is told");
      await until(() => kept.rows === TRANSACTIONS, "all is read");
      // The next ones that are not taken would have told of those before them.
      send(1000);
      await until(() => kept.refused > TRANSACTIONS, "segments of these too are not taken");
      kept.full = false;
      send(2000);
      await until(() => kept.segments.length > 0, "a segment is taken again");
    }
    const lost = kept.segments.reduce((sum, { meta }) => sum + meta.counted.rowsLost, 0);
    assert.equal(kept.sum + lost, 3 * TRANSACTIONS);
    assert.ok(lost > TRANSACTIONS);
    const packets = kept.segments.reduce((sum, { meta }) => sum + meta.counted.packets, 0);
    assert.equal(packets, 3 * 2 * TRANSACTIONS);
  });

  test("an interface that is not there, and privacy that cannot be given, are faults in words", async () => {
    await using sensor = capture(new Kept());
    sensor.configure(part({ interfaces: ["nowhere0"] }));
    await until(() => sensor.fault?.includes("nowhere0") === true, "the interface is named");
    sensor.configure(part({ privacy: { clients: "pseudonym", names: "whole" } }));
    await until(() => sensor.fault?.includes("key") === true, "the key is missing");
    sensor.configure(undefined);
    assert.equal(sensor.fault, undefined);
  });

  test("the spool on disk has what was captured, as the controller will read it", async () => {
    const directory = mkdtempSync(join(tmpdir(), "dns-thread-"));
    after(() => rmSync(directory, { recursive: true }));
    const spool = new DnsSpool({ directory, maxOctets: 1 << 24 });
    {
      const spooled = new SpooledCapture(spool);
      let rows = 0;
      await using sensor = capture({
        put: (octets, meta, journal) => spooled.put(octets, meta, journal),
        seen: (seen, untilUs) => {
          rows = seen;
          spooled.seen(seen, untilUs);
        },
      });
      sensor.configure(part());
      await started();
      send(0);
      await until(() => rows === TRANSACTIONS, "all is read");
    }
    let pairs = 0;
    for (let batch = spool.first(); batch !== undefined; batch = spool.first()) {
      const { meta, segment } = decodeDnsBatch((await spool.read(batch)) ?? assert.fail("gone"));
      pairs += meta.pairs;
      if (meta.pairs > 0) assert.equal(new Segment(segment, zstdCodec()).rows, meta.pairs);
      await spool.remove(batch.instance, batch.sequence);
    }
    assert.equal(pairs, TRANSACTIONS);
    await spool.close();
  });
}
