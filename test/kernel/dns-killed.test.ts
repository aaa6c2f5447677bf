import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { after, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { type NativeSocket, native } from "../../agent/native/load.ts";
import { isKeptSegment, readKeptSegment } from "../../agent/src/core/capture/kept-segment.ts";
import { DnsSpool } from "../../agent/src/spool/spool.ts";
import { journalRecords, KIND } from "../../agent/src/wire/capture/journal.ts";
import { zstdCodec } from "../../shared/src/compress/zstd.ts";
import { type DnsBatchMeta, decodeDnsBatch } from "../../shared/src/contract/up-dns.ts";
import { formatName } from "../../shared/src/dns/name.ts";
import { Segment } from "../../shared/src/dns/segment.ts";
import { dnsMessage, type Flow, frame, packetOf, reversed, TYPES, udp } from "../fakes/dns-packets.ts";
import { insideNamespace, veth } from "./in-namespace.ts";

/** The agent's capture is killed with SIGKILL, again and again: what it had read is there, once, and the rest is told. */

const FLOW: Flow = {
  source: Uint8Array.of(0x20, 1, 0xd, 0xb8, ...new Uint8Array(11), 1),
  destination: Uint8Array.of(0x20, 1, 0xd, 0xb8, ...new Uint8Array(11), 2),
  sourcePort: 4000,
  destinationPort: 53,
};
if (await insideNamespace("dns-killed", import.meta.url)) {
  veth("wire0", "wire1");
  const socket: NativeSocket = new (native().Socket)(17, 3, 0);
  after(() => socket.close());
  const to = new Uint8Array(20);
  new DataView(to.buffer).setUint16(0, 17, true);
  new DataView(to.buffer).setInt32(4, Number(readFileSync("/sys/class/net/wire0/ifindex", "utf8")), true);
  const send = (octets: Uint8Array): void => void assert.equal(socket.send(octets, to), octets.length);
  const nameOf = (n: number): string => `n${n}.example.org`;
  const ask = (n: number): void =>
    send(frame(packetOf(FLOW, 17, udp(FLOW, dnsMessage({ id: n, name: nameOf(n), type: TYPES.AAAA })))));
  const answer = (n: number): void => {
    const message = dnsMessage({ id: n, name: nameOf(n), type: TYPES.AAAA, flags: 0x8180 });
    send(frame(packetOf(reversed(FLOW), 17, udp(reversed(FLOW), message))));
  };
  const folder = (): string => {
    const directory = mkdtempSync(join(tmpdir(), "dns-killed-"));
    after(() => rmSync(directory, { recursive: true }));
    return directory;
  };
  const start = async (directory: string, runDir: string, rows: number): Promise<ChildProcess> => {
    const part = {
      version: 1,
      interfaces: ["wire1"],
      ports: [53],
      pref64: [],
      resolvers: [],
      timeoutMs: 60_000,
      waiting: 1024,
      ringKb: 1024,
      rows,
      flushMs: 600_000,
      spoolMb: 16,
      privacy: { clients: "whole", names: "whole" },
    };
    const script = join(import.meta.dirname, "dns-killed-runner.ts");
    const child = spawn(process.execPath, [script, directory, runDir, JSON.stringify(part)], {
      stdio: ["pipe", "ignore", "pipe"],
    });
    after(() => child.kill("SIGKILL"));
    let said = "";
    child.stderr?.on("data", (text) => {
      said += text;
    });
    // The journal is begun when the rings are open.
    const before = new Set(journals(runDir).map(lifeOf));
    // Its own: one of an earlier life may go on in a next one, and that is there for a moment only.
    const begun = (): boolean =>
      journals(runDir).some((name) => name.endsWith(".open") && !before.has(lifeOf(name)));
    // As long as it takes: the machine may be busy.
    for (let i = 0; i < 4800 && !begun() && child.exitCode === null; i++) await sleep(25);
    assert.ok(begun(), `no journal: ${said}`);
    return child;
  };
  /**
   * Until one so new is in a journal, or in the spool: all before it are, for they were handed over before it. Blocks are handed
   * over after 250 ms, and the machine may be busy.
   */
  const handedOver = async (directory: string, runDir: string, least: number): Promise<void> => {
    const isKept = (): boolean =>
      journals(runDir).some((file) => numbersIn(contents(join(runDir, file))).some((n) => n >= least)) ||
      readdirSync(directory)
        .filter((file) => file.endsWith(".batch"))
        .some((file) =>
          numbersOf(decodeDnsBatch(readFileSync(join(directory, file))).segment).some((n) => n >= least),
        );
    for (let i = 0; i < 2400; i++) {
      if (isKept()) return;
      await sleep(25);
    }
    assert.fail(`${nameOf(least)} is in no journal and not in the spool`);
  };
  const kill = async (child: ChildProcess): Promise<void> => {
    const ended = once(child, "exit");
    child.kill("SIGKILL");
    await ended;
  };
  const end = async (child: ChildProcess): Promise<void> => {
    const ended = once(child, "exit");
    child.stdin?.end();
    const [code] = await ended;
    assert.equal(code, 0);
  };
  /** Lives without anything new until no journal is left: a thread that does not end in time leaves its own. */
  const settle = async (directory: string, runDir: string, rows: number): Promise<void> => {
    for (let life = 0; life < 4 && journals(runDir).length > 0; life++)
      await end(await start(directory, runDir, rows));
    assert.deepEqual(journals(runDir), []);
  };
  interface Stored {
    readonly names: readonly string[];
    readonly unanswered: readonly string[];
    readonly metas: readonly ({ readonly instance: string; readonly sequence: number } & DnsBatchMeta)[];
  }
  const stored = async (directory: string): Promise<Stored> => {
    const spool = new DnsSpool({ directory, maxOctets: 1 << 26 });
    const [names, unanswered, metas] = [[] as string[], [] as string[], [] as Stored["metas"][number][]];
    for (let batch = spool.first(); batch !== undefined; batch = spool.first()) {
      const { meta, segment } = decodeDnsBatch((await spool.read(batch)) ?? assert.fail("gone"));
      metas.push({ instance: batch.instance, sequence: batch.sequence, ...meta });
      for (const { question, half } of pairsOf({ meta, segment })) {
        names.push(formatName(question.name));
        if (half === "query") unanswered.push(formatName(question.name));
      }
      await spool.remove(batch.instance, batch.sequence);
    }
    await spool.close();
    return { names, unanswered, metas };
  };
  const wanted = (count: number): string[] => Array.from({ length: count }, (_, n) => nameOf(n)).sort();
  const plain = (names: readonly string[]): string[] => names.map((name) => name.replace(/\.$/, "")).sort();
  /** As the controller counts (dns/intake.ts). */
  const missing = ({ metas }: Stored): number => {
    const through = new Map<string, number>();
    let sum = 0;
    for (const { instance, pairsBefore, pairs, previous = [] } of metas) {
      sum += Math.max(0, pairsBefore - (through.get(instance) ?? 0));
      through.set(instance, Math.max(through.get(instance) ?? 0, pairsBefore + pairs));
      for (const life of previous) sum += Math.max(0, life.pairs - (through.get(life.instance) ?? 0));
    }
    return sum;
  };

  test("killed before it has sealed: pairs and queries that wait are there once, and when it was dead is told", async () => {
    const [directory, runDir] = [folder(), folder()];
    const first = await start(directory, runDir, 8192);
    for (let n = 0; n < 500; n++) {
      ask(n);
      if (n < 400) answer(n);
    }
    await handedOver(directory, runDir, 499);
    const killedMs = Date.now();
    await kill(first);
    const second = await start(directory, runDir, 8192);
    const backMs = Date.now();
    for (let n = 400; n < 450; n++) answer(n);
    for (let n = 500; n < 600; n++) {
      ask(n);
      answer(n);
    }
    await handedOver(directory, runDir, 599);
    await end(second);
    await settle(directory, runDir, 8192);
    const all = await stored(directory);
    assert.deepEqual(plain(all.names), wanted(600));
    // Answers that came after it was back found their queries.
    assert.deepEqual(plain(all.unanswered), wanted(600).filter(isLeftOpen));
    assert.equal(missing(all), 0);
    const gaps = all.metas.flatMap(({ gap }) => gap ?? []);
    assert.ok(gaps.length > 0);
    const [gap] = gaps;
    assert.ok(
      gap !== undefined && gap.fromUs / 1000 <= killedMs && gap.toUs / 1000 <= backMs,
      JSON.stringify(gap),
    );
    assert.ok(gap.toUs / 1000 >= killedMs);
  });

  test("killed at any moment, many times, while segments are sealed and saved: nothing that was read is lost or there twice", async () => {
    const [directory, runDir] = [folder(), folder()];
    let n = 0;
    for (let life = 0; life < 4; life++) {
      const child = await start(directory, runDir, 64);
      for (let i = 0; i < 3; i++) {
        // More than two segments at once.
        for (let k = 0; k < 150; k++, n++) {
          ask(n);
          if (n % 12 !== 0) answer(n);
        }
        await handedOver(directory, runDir, n - 1);
      }
      await sleep(11 * life);
      await kill(child);
    }
    await settle(directory, runDir, 64);
    const all = await stored(directory);
    assert.deepEqual(plain(all.names), wanted(n));
    assert.equal(missing(all), 0);
    const places = all.metas.map(({ instance, sequence }) => `${instance}/${sequence}`);
    assert.equal(new Set(places).size, places.length);
  });

  test("killed amid a stream: what is not stored came in the last moment or was counted as dropped, and nothing is there twice", async () => {
    const [directory, runDir] = [folder(), folder()];
    const child = await start(directory, runDir, 256);
    let n = 0;
    let before = 0;
    for (let i = 0; i < 150; i++) {
      // All that was sent a second before the end.
      if (i === 100) before = n;
      for (let k = 0; k < 20; k++, n++) {
        ask(n);
        answer(n);
      }
      await sleep(20);
    }
    // Where the machine is so busy that this takes its time, the last moment is longer.
    await handedOver(directory, runDir, before);
    await kill(child);
    await settle(directory, runDir, 256);
    const { names: all, metas } = await stored(directory);
    const names = plain(all);
    assert.equal(new Set(names).size, names.length, "there twice");
    const there = new Set(names);
    const lost = wanted(before).filter((name) => !there.has(name));
    // None, where the thread that reads got its turn.
    const dropped = metas.reduce((sum, { counters }) => sum + (counters["kernelDrops"] ?? 0), 0);
    assert.ok(lost.length <= dropped, `${lost} of ${n} are lost, ${dropped} packets were dropped`);
  });
}

/** Asked, and not answered before the end: the last fifty of those that waited. */
function isLeftOpen(name: string): boolean {
  const n = Number(/^n(\d+)\./.exec(name)?.[1]);
  return n >= 450 && n < 500;
}

type Batch = ReturnType<typeof decodeDnsBatch>;

function pairsOf({ meta, segment }: Pick<Batch, "meta" | "segment">): ReturnType<Segment["pair"]>[] {
  if (meta.pairs === 0) return [];
  const opened = new Segment(segment, zstdCodec());
  return Array.from({ length: meta.pairs }, (_, row) => opened.pair(row));
}

/** N of each name nN.example.org in a segment. */
function numbersOf(octets: Uint8Array): readonly number[] {
  if (octets.length === 0) return [];
  const segment = new Segment(octets, zstdCodec());
  return Array.from({ length: segment.rows }, (_, row) =>
    Number(/^n(\d+)\./.exec(formatName(segment.pair(row).question.name))?.[1]),
  );
}

/** The same of a file of a journal: of its frames, or of its segment. */
function numbersIn(file: Buffer): readonly number[] {
  if (file.length === 0) return [];
  if (isKeptSegment(file)) return numbersOf(readKeptSegment(file).octets);
  return journalRecords(file)
    .filter(({ kind }) => kind === KIND.frames)
    .flatMap(({ at, end }) => [...file.toString("latin1", at, end).matchAll(/n(\d+).example/g)])
    .map(([, n]) => Number(n));
}

/** RUN of RUN-THREAD-NUMBER.open. */
function lifeOf(path: string): string {
  return basename(path).slice(0, 8);
}

/** Nothing where it was removed meanwhile: what it held is in the spool then. */
function contents(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return Buffer.alloc(0);
    throw error;
  }
}

function journals(runDir: string): string[] {
  return readdirSync(runDir, { recursive: true })
    .map(String)
    .filter((name) => /\.(open|segment|sealed)/.test(name));
}
