import { parseArgs } from "node:util";
import type { BenchCase } from "../test/bench/bench-case.ts";
import { BENCH_CASES } from "../test/bench/cases.ts";
import { describeMachine } from "../test/bench/machine.ts";
import { type CaseReport, toJson, toText } from "../test/bench/report.ts";
import { streamProgress } from "../test/lab/progress.ts";

const USAGE = `npm run bench -- [NAME…] [--json] [--list] [--count N]

Measures, and prints a table with the machine named. Without a NAME: all cases. Needs root.
  --list     what there is to measure
  --json     one JSON object instead of the table
  --peer NAME=COMMAND  dns-capture: another program, {device} and {file} put in; any number of times
  --count N  rounds or moves, instead of each case's own number`;

class UsageError extends Error {}

async function main(argv: readonly string[]): Promise<number> {
  const { values, positionals } = parse(argv);
  if (values.help) return print(USAGE);
  if (values.list) return print(list(values.json));
  const cases = choose(positionals);
  const count = values.count === undefined ? undefined : Number(values.count);
  if (count !== undefined && !(Number.isInteger(count) && count > 0))
    throw new UsageError(`--count wants a number above 0, not ${values.count}`);
  if (process.getuid?.() !== 0) throw new UsageError("needs root: it makes network namespaces");

  const abort = new AbortController();
  const stop = (): void => abort.abort(new Error("interrupted"));
  process.once("SIGINT", stop).once("SIGTERM", stop);
  const progress = streamProgress(process.stderr);
  const machine = describeMachine(new Date());
  const reports: CaseReport[] = [];
  for (const { name, summary, run } of cases) {
    const started = performance.now();
    const context = {
      progress,
      signal: abort.signal,
      peers: values.peer ?? [],
      ...(count === undefined ? {} : { count }),
    };
    const result = await run(context);
    const command = `npm run bench -- ${name}${count === undefined ? "" : ` --count ${count}`}`;
    reports.push({ name, summary, command, seconds: (performance.now() - started) / 1000, ...result });
  }
  return print(values.json ? toJson(machine, reports) : toText(machine, reports));
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        json: { type: "boolean", default: false },
        list: { type: "boolean", default: false },
        count: { type: "string" },
        peer: { type: "string", multiple: true },
        help: { type: "boolean", short: "h", default: false },
      },
    });
  } catch (cause) {
    throw new UsageError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

function choose(names: readonly string[]): readonly BenchCase[] {
  if (names.length === 0) return BENCH_CASES;
  return names.flatMap((name) => {
    // `steer` is every case of that topic.
    const known = BENCH_CASES.filter((each) => each.name === name || each.name.startsWith(`${name}-`));
    if (known.length === 0) throw new UsageError(`nothing called ${name}; --list says what there is`);
    return known;
  });
}

function list(json: boolean): string {
  const cases = BENCH_CASES.map(({ name, summary }) => ({ name, summary }));
  return json
    ? JSON.stringify(cases)
    : cases.map(({ name, summary }) => `${name.padEnd(12)}  ${summary}`).join("\n");
}

function print(text: string): number {
  console.log(text);
  return 0;
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    const usage = error instanceof UsageError;
    console.error(
      `bench: ${usage ? `${error.message}\n\n${USAGE}` : error instanceof Error ? error.stack : error}`,
    );
    process.exitCode = usage ? 2 : 1;
  },
);
