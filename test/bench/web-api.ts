import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { Random } from "../../scripts/judge-curve/random.ts";
import type { BenchCase, BenchContext, BenchResult, Figure } from "./bench-case.ts";
import { cpuMs, memoryMb, ownCpuMs } from "./process-figures.ts";
import { percentile } from "./statistics.ts";
import { FAKES, NODES, WebBed } from "./web-bed.ts";
import { type Answer, WebSession } from "./web-sessions.ts";

const SESSIONS = 200;
/** Of them look at the console; the others are users with their overview open. */
const OPERATORS = 20;
const WATCH_S = 30;
/** Invitations accepted at a time: two passwords are hashed at once, 32 may wait. */
const AT_ONCE = 8;

/** What a page that is left open asks for, every so many milliseconds: the web application's own intervals. */
const CONSOLE: readonly (readonly [string, number])[] = [
  ["/v1/status", 1000],
  ["/v1/topology/loads", 5000],
  ["/v1/epe", 10_000],
  ["/v1/rollouts?limit=100", 10_000],
  ["/v1/paths", 10_000],
  ["/v1/topology", 60_000],
];
const OVERVIEW: readonly (readonly [string, number])[] = [
  ["/v1/me/paths", 15_000],
  ["/v1/me", 30_000],
  ["/v1/me/applications", 30_000],
  ["/v1/portal/door", 60_000],
];

/** 200 people have pages open while 500 nodes report; how long each answer takes until its last octet is there. */
async function run(context: BenchContext): Promise<BenchResult> {
  const { progress, signal, count: watchS = WATCH_S } = context;
  progress.step(`web-api: ${SESSIONS} sessions, ${NODES} nodes`);
  await using bed = await WebBed.start(context);
  using sessions = new DisposableStack();
  const pages: (readonly [WebSession, typeof CONSOLE])[] = [];
  for (let from = 0; from < SESSIONS; from += AT_ONCE) {
    signal.throwIfAborted();
    progress.update(`${from} of ${SESSIONS} have signed in`);
    const some = Array.from({ length: Math.min(AT_ONCE, SESSIONS - from) }, (_, i) => from + i);
    const opened = await Promise.all(
      some.map((i) => WebSession.open(bed, i, i < OPERATORS ? "read-only" : "user")),
    );
    for (const [i, session] of opened.entries())
      pages.push([sessions.use(session), from + i < OPERATORS ? CONSOLE : OVERVIEW]);
  }
  for (const [session, asks] of pages) if (asks === CONSOLE) await session.listen();
  const answers: Answer[] = [];
  let late = 0;
  const over = AbortSignal.any([signal, AbortSignal.timeout(watchS * 1000)]);
  const random = new Random(4690);
  const { pid } = bed.site.bench;
  const heard = (): number => pages.reduce((sum, [session]) => sum + session.heard, 0);
  const before = { heard: heard(), cpu: await cpuMs(pid), own: ownCpuMs(), at: performance.now() };
  progress.update(`measuring for ${watchS} s`);
  const ownDelay = monitorEventLoopDelay({ resolution: 5 });
  ownDelay.enable();
  await Promise.all(
    pages.flatMap(([session, asks]) =>
      asks.map(async ([path, everyMs]) => {
        // Nobody opens his page in the same moment as another.
        let nextMs = performance.now() + random.between(0, everyMs);
        while (!over.aborted) {
          await sleep(Math.max(0, nextMs - performance.now()), undefined, { signal: over }).catch(
            () => undefined,
          );
          if (over.aborted) return;
          answers.push(await session.get(path));
          nextMs += everyMs;
          // Whose answer took longer than the pause asks on at once, and is counted.
          if (nextMs < performance.now()) late++;
        }
      }),
    ),
  );
  ownDelay.disable();
  signal.throwIfAborted();
  const ms = performance.now() - before.at;
  const wrong = answers.filter(({ status }) => status !== 200);
  if (wrong.length > 0)
    throw new Error(`${wrong.length} refused: ${wrong[0]?.path ?? ""} ${wrong[0]?.status ?? ""}`);
  const cpu = (100 * ((await cpuMs(pid)) - before.cpu)) / ms;
  return {
    figures: [
      ...latency("all", answers),
      ...[...CONSOLE, ...OVERVIEW].flatMap(([path]) =>
        latency(
          path,
          answers.filter((answer) => answer.path === path),
        ),
      ),
      { name: "requests a second", unit: "requests", value: (answers.length * 1000) / ms },
      { name: "asked late, because the last answer had taken too long", unit: "requests", value: late },
      {
        name: "answers, octets a second",
        unit: "kB",
        value: answers.reduce((sum, { octets }) => sum + octets, 0) / ms,
      },
      {
        name: "events heard by the consoles together, a second",
        unit: "kB",
        value: (heard() - before.heard) / ms,
      },
      { name: "controller CPU", unit: "%", value: cpu },
      { name: "CPU of fakes and bench", unit: "%", value: (100 * (ownCpuMs() - before.own)) / ms },
      { name: "late, what fakes and bench had to do: p50", unit: "ms", value: ownDelay.percentile(50) / 1e6 },
      { name: "late, what fakes and bench had to do: p99", unit: "ms", value: ownDelay.percentile(99) / 1e6 },
      { name: "controller: RSS at the end", unit: "MB", value: await memoryMb(pid) },
    ],
    setting: {
      sessions: SESSIONS,
      "of them with the console open": OPERATORS,
      "simulated nodes": bed.fleet.size,
      "measured, s": watchS,
    },
    notes: [
      ...FAKES,
      "Each session is a user of his own with a TLS connection of his own; what it asks and how often is what the pages ask when they are",
      "left open. Times are from asking until the last octet. p99 of fewer than 101 answers is the slowest. All 500 nodes and 200 sessions are",
      "one process: how late that process itself was is in each time, so it stands beside them (5 ms are its clock's own).",
    ],
  };
}

function latency(name: string, answers: readonly Answer[]): Figure[] {
  if (answers.length === 0) return [];
  const times = answers.map(({ ms }) => ms);
  const of = (percent: number): Figure => ({
    ...{ name: `${name}: p${percent}`, unit: "ms", value: percentile(times, percent) },
    ...{ samples: times.length, min: Math.min(...times), max: Math.max(...times) },
  });
  return [of(50), of(99)];
}

export const webApiCase: BenchCase = {
  name: "web-api",
  summary: `What ${SESSIONS} sessions' pages ask for, while ${NODES} simulated nodes report: p99 of each route.`,
  run,
};
