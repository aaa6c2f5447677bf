import { text as readAll } from "node:stream/consumers";
import { EMPTY_DIRECTORY } from "@vsix/shared/paths/directory.ts";
import type { ExpectedEntry } from "@vsix/shared/paths/expected.ts";
import { judgeTrace } from "@vsix/shared/paths/judge.ts";
import { learnExpected } from "@vsix/shared/paths/learn.ts";
import type { RecordedChange } from "@vsix/shared/paths/likely.ts";
import { parseExpected } from "@vsix/shared/paths/parse.ts";
import type { Trace } from "@vsix/shared/paths/trace.ts";
import { observe } from "@vsix/shared/paths/watch.ts";
import { newWatch, sightingOf, type WatchState, watchSettings } from "@vsix/shared/paths/watch-state.ts";
import { R1 } from "../kernel/trace-network.ts";
import { INTERVAL_MS, type JudgeMeasured, SOURCES } from "./trace-setting.ts";

/** Changes of the last minutes, among which the likely cause is looked for. */
const CHANGES = 50;
/** Who answers instead once every path has changed. */
const OTHER = "2001:db8:ffff::1";

/**
 * The controller's side of the `trace-cycle` bench: traces of one agent (JSON array of texts on standard input) as if from
 * 50, each parsed, judged and watched. `node trace-judge.ts ROUNDS`, prints JudgeMeasured.
 */
async function main(rounds: number): Promise<JudgeMeasured> {
  const recorded = JSON.parse(await readAll(process.stdin)) as readonly string[];
  const names = Array.from({ length: SOURCES }, (_, i) => `node-${i + 1}`);
  const well = names.flatMap((name) => recorded.map((text) => withSource(text, name)));
  const changed = well.map((text) => text.replaceAll(`"${R1}"`, `"${OTHER}"`));
  const learned = learnExpected(well.map(parse), EMPTY_DIRECTORY, { at: 0, standalone: true });
  const started = performance.now();
  const read = parseExpected(learned, "expected.yaml");
  const readMs = performance.now() - started;
  if (!read.ok) throw new Error(JSON.stringify(read.faults.slice(0, 3)));
  const { directory } = read.expected;
  const entries = new Map(read.expected.entries.map((entry) => [keyOf(entry), entry]));
  const watches = new Map<string, WatchState>();
  const settings = watchSettings(INTERVAL_MS);
  const changes = changesBefore(Date.now());
  let notices = 0;
  const emptyMb = aliveMb();

  const take = (trace: Trace, entry: ExpectedEntry, at: number): void => {
    const verdict = judgeTrace(trace, entry, directory);
    const key = keyOf(entry);
    const before = watches.get(key) ?? newWatch(trace.source, trace.target, trace.targetAddress);
    const { state, events } = observe(before, sightingOf(trace, verdict, directory), at, changes, settings);
    watches.set(key, state);
    notices += events.filter(({ type, withheld }) => type === "changed" && withheld === undefined).length;
  };
  const cycle = (texts: readonly string[], at: number): { parseMs: number; cpuMs: number } => {
    const before = cpuMs();
    const traces = texts.map(parse);
    const parsed = cpuMs();
    for (const trace of traces) {
      const entry = entries.get(keyOf(trace));
      if (entry === undefined) throw new Error(`nothing is expected from ${trace.source} to ${trace.target}`);
      take(trace, entry, at);
    }
    return { parseMs: parsed - before, cpuMs: cpuMs() - before };
  };

  let at = Date.now();
  const next = (): number => {
    at += INTERVAL_MS;
    return at;
  };
  const { cpuMs: firstMs } = cycle(well, next());
  const wells = Array.from({ length: rounds }, () => cycle(well, next()));
  // The first of two says that something is off, the second that it is so: both judge every path as changed.
  const changeds = [cycle(changed, next()), cycle(changed, next())];
  return {
    readMs,
    expectedBytes: learned.length,
    firstMs,
    parseMs: wells.map(({ parseMs }) => parseMs),
    wellMs: wells.map((each) => each.cpuMs),
    changedMs: changeds.map((each) => each.cpuMs),
    notices,
    heldMb: aliveMb() - emptyMb,
  };
}

/** Bytes that survive a collection: run with --expose-gc. */
function aliveMb(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed / 2 ** 20;
}

function parse(text: string): Trace {
  return JSON.parse(text) as Trace;
}

function withSource(text: string, source: string): string {
  return JSON.stringify({ ...parse(text), source });
}

function keyOf({ source, target }: { readonly source: string; readonly target: string }): string {
  return `${source} ${target}`;
}

function changesBefore(at: number): readonly RecordedChange[] {
  return Array.from({ length: CHANGES }, (_, i) => ({
    id: i + 1,
    at: at + i * 1000,
    who: "somebody",
    what: "steer",
    detail: { edge: `edge-${i + 1}`, plane: "green" },
  }));
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

process.stdout.write(`${JSON.stringify(await main(Number(process.argv[2])))}\n`);
