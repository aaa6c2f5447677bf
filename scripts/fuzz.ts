import { parseArgs } from "node:util";
import { type FuzzResult, fuzz } from "../test/fuzz/fuzz.ts";
import { FUZZ_TARGETS } from "../test/fuzz/targets.ts";

const USAGE = `npm run fuzz -- [NAME…] [--cases N] [--seed N] [--json] [--list]

Gives every decoder spoiled input. Without a NAME (or the beginning of one): all. Exit status: 0 no fault, 1 a fault, 2 wrong usage.
  --cases N  of each (1000000); decoders that cost more get fewer
  --seed N   the same seed, the same cases (1)`;

function main(): number {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      cases: { type: "string", default: "1000000" },
      seed: { type: "string", default: "1" },
      json: { type: "boolean", default: false },
      list: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  const [cases, seed] = [Number(values.cases), Number(values.seed)];
  const targets =
    positionals.length === 0
      ? FUZZ_TARGETS
      : FUZZ_TARGETS.filter(({ name }) => positionals.some((begin) => name.startsWith(begin)));
  if (values.help) console.log(USAGE);
  else if (values.list) console.log(FUZZ_TARGETS.map(({ name }) => name).join("\n"));
  else if (targets.length === 0 || !(cases > 0) || !Number.isInteger(seed)) {
    console.error(USAGE);
    return 2;
  } else return run(targets, cases, seed, values.json);
  return 0;
}

function run(targets: typeof FUZZ_TARGETS, cases: number, seed: number, json: boolean): number {
  const results: FuzzResult[] = [];
  for (const target of targets) {
    const result = fuzz(target, cases, seed);
    results.push(result);
    const line = `${result.name.padEnd(18)} ${String(result.cases).padStart(9)} cases  ${String(result.refused).padStart(9)} refused  ${result.seconds.toFixed(1).padStart(6)} s`;
    (json ? console.error : console.log)(result.fault === null ? line : `${line}  FAULT`);
    if (result.fault !== null)
      console.error(`case ${result.fault.at}, input ${result.fault.input}\n${result.fault.error}`);
  }
  if (json) console.log(JSON.stringify({ seed, results }));
  return results.some(({ fault }) => fault !== null) ? 1 : 0;
}

try {
  process.exitCode = main();
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 2;
}
