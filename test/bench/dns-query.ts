import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openDatabase, openReader } from "@vsix/controller/dns/database.ts";
import type { Where } from "@vsix/controller/dns/questions.ts";
import { ReaderDesk } from "@vsix/controller/dns/reader-desk.ts";
import { WriterDesk } from "@vsix/controller/dns/writer-desk.ts";
import { encodeDnsBatch } from "@vsix/shared/contract/up-dns.ts";
import type { BenchCase, BenchContext, BenchResult, Figure } from "./bench-case.ts";
import { PairMaker } from "./dns-pairs.ts";
import { median, spread } from "./statistics.ts";

const PAIRS = 10_000_000;
const SEGMENT = 65_536;
const ROUNDS = 3;
const NAMES = 50_000;
const CLIENTS = 2_000;
/** 20,000 pairs a second. */
const STEP_US = 50;
const START_MS = Date.parse("2026-11-20T00:00:00Z");
const KEPT = { days: 3_650, octets: 1e15 };
const RETENTION = { pairs: KEPT, minutes: KEPT, hours: KEPT, dayRollups: KEPT };

/** What a question about ten million stored pairs takes, and what storing and counting them does. */
async function run({ count = PAIRS, signal, progress }: BenchContext): Promise<BenchResult> {
  const directory = mkdtempSync(join(tmpdir(), "vsix-bench-dns-"));
  try {
    const file = join(directory, "dns.db");
    const db = openDatabase(file);
    const writer = new WriterDesk(db).requests;
    const maker = new PairMaker({ names: NAMES, clients: CLIENTS, startUs: START_MS * 1000 });
    let storeMs = 0;
    let octets = 0;
    const segments = Math.ceil(count / SEGMENT);
    progress.step(`making and storing ${count} pairs`);
    for (let sequence = 1; sequence <= segments; sequence++) {
      signal.throwIfAborted();
      const { segment, firstUs, lastUs, pairs } = maker.make(
        Math.min(SEGMENT, count - (sequence - 1) * SEGMENT),
        STEP_US,
      );
      octets += segment.length;
      const pairsBefore = (sequence - 1) * SEGMENT;
      const meta = {
        version: 1 as const,
        points: ["eth0"],
        firstUs,
        lastUs,
        pairs,
        pairsBefore,
        counters: {},
      };
      const bytes = Uint8Array.from(encodeDnsBatch(meta, segment));
      const before = performance.now();
      writer.store({ node: "a", instance: "x", sequence, bytes, nowMs: START_MS });
      storeMs += performance.now() - before;
    }
    progress.step("counting minutes and hours");
    const counted = performance.now();
    while (
      writer.work({ nowMs: START_MS + 90 * 86_400_000, budgetMs: 1_000, retention: RETENTION, learn: false })
        .more
    )
      signal.throwIfAborted();
    const countMs = performance.now() - counted;
    const stored = Number(db.prepare("SELECT SUM(octets + digest) FROM segment").pluck().get());
    progress.step("asking");
    const figures = ask(file, count, signal);
    return {
      figures: [
        ...figures,
        { name: "storing one pair, checked and committed", unit: "µs", value: (storeMs * 1000) / count },
        {
          name: "counting one pair into minutes, hours and days",
          unit: "µs",
          value: (countMs * 1000) / count,
        },
      ],
      setting: {
        pairs: count,
        segments,
        names: NAMES,
        clients: CLIENTS,
        "octets a pair": (octets / count).toFixed(1),
        "with digests": (stored / count).toFixed(1),
        "database, MB": Math.round(statSync(file).size / 1e6),
        rounds: ROUNDS,
      },
      notes: [
        "processor time of the thread that reads, with the file in the page cache, which is what an answer takes where nobody else computes; medians of rounds after one that is not counted",
      ],
    };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function ask(file: string, count: number, signal: AbortSignal): Figure[] {
  const reader = new ReaderDesk(openReader(file)).requests;
  const untilMs = START_MS + Math.ceil((count * STEP_US) / 1000) + 1;
  const all: Where = { fromMs: START_MS, untilMs };
  const middle = (START_MS + untilMs) / 2;
  const outcomes = (where: Where) => () => reader.outcomes({ where: { node: "a", ...where } });
  const questions: readonly (readonly [name: string, ask: () => unknown])[] = [
    ["pairs of one name", outcomes({ ...all, name: "host0.site0.example" })],
    ["pairs of a name that is not there", outcomes({ ...all, name: "nowhere.example" })],
    ["pairs of one rare name", outcomes({ ...all, name: "u77.cdn.example" })],
    ["pairs below a name", outcomes({ ...all, below: "cdn.example" })],
    ["pairs of one client", outcomes({ ...all, client: "2001:db8:1:7::/64" })],
    ["pairs that got a translated AAAA", outcomes({ ...all, outcome: "translated" })],
    ["everything of ten seconds", outcomes({ fromMs: middle, untilMs: middle + 10_000 })],
    [
      "a client's NXDOMAIN for AAAA below a name",
      outcomes({ ...all, client: "2001:db8:1::/48", below: "site6.example", outcome: "nxdomain", type: 28 }),
    ],
    ["top names of all", () => reader.top({ where: all, kind: "name", by: "all", limit: 20 })],
    ["top names that need IPv4", () => reader.top({ where: all, kind: "name", by: "ipv4", limit: 20 })],
    ["top clients of all", () => reader.top({ where: all, kind: "client", by: "all", limit: 20 })],
    [
      "the newest fifty of one client",
      () => reader.tail({ where: { ...all, client: "2001:db8:1:7::1" }, limit: 50 }),
    ],
    ["totals of all, from roll-ups", () => reader.outcomes({ where: all })],
  ];
  return questions.map(([name, one]) => {
    one();
    const times = Array.from({ length: ROUNDS }, () => {
      signal.throwIfAborted();
      const before = process.cpuUsage();
      one();
      const { user, system } = process.cpuUsage(before);
      return (user + system) / 1000;
    });
    return { name, unit: "ms", value: median(times), samples: ROUNDS, ...spread(times), aim: "under 1 s" };
  });
}

export const dnsQueryCase: BenchCase = {
  name: "dns-query",
  summary: "questions about 10 million captured DNS pairs; storing and counting them",
  run,
};
