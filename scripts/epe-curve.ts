import { parseArgs } from "node:util";
import { boundMarkdown } from "./epe-curve/bound.ts";
import { anchorMarkdown, markdown, type Row, summarise, whyMarkdown } from "./epe-curve/report.ts";
import { type Outcome, type RunPlan, simulate } from "./epe-curve/run.ts";

const USAGE = `node scripts/epe-curve.ts [--runs N] [--seed S] [--destinations N] [--only REGEX] [--why | --bound] [--json]

The closed loop of egress peer engineering: synthetic networks decided upon with default settings. Prints Markdown.
  --runs N          networks of each case (10)
  --seed S          the same seed, the same networks (1); published figures use one that nothing was tuned with
  --destinations N  of each network (1000)
  --only REGEX      only cases whose name matches
  --why             for each case what the oracle had that was not won, why moves made it worse, and by what they promised how many did
  --bound           instead: what whoever knows the truth of each cycle that is over, and waits for so many more, could reach
  --json            JSON instead`;

/** Half an hour to fill the windows, then an hour and a half that counts. */
const PLAN: RunPlan = {
  destinations: 1000,
  peers: 4,
  cycleS: 30,
  liars: 0.05,
  equal: false,
  flapping: false,
  clockSteps: false,
  naive: false,
  warmCycles: 60,
  countedCycles: 180,
  numbers: {},
};

const CASES: readonly (readonly [string, Partial<RunPlan>])[] = [
  ["four peers, 5 % of destinations lie", {}],
  ["four peers, nobody lies", { liars: 0 }],
  ["eight peers, 5 % lie", { peers: 8 }],
  ["one peer's session goes down every ten seconds, 5 % lie", { flapping: true }],
  ["clocks of nodes are set every ten minutes, 5 % lie", { clockSteps: true }],
  ["two equal paths, eight hours", { peers: 2, equal: true, liars: 0, warmCycles: 0, countedCycles: 960 }],
  ["the lowest round trip of the last cycle, four peers, 5 % lie", { naive: true }],
];

/** Cycles in a row that a gain must have been there for. */
const PATIENCES = [1, 2, 3, 5, 9, 12, 20, 30];

function main(): number {
  const { values } = parseArgs({
    options: {
      runs: { type: "string", default: "10" },
      seed: { type: "string", default: "1" },
      destinations: { type: "string", default: "1000" },
      only: { type: "string", default: "" },
      bound: { type: "boolean", default: false },
      why: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  const [runs = 0, seed = 0, destinations = 0] = [values.runs, values.seed, values.destinations].map(Number);
  if (![runs, seed, destinations].every((value) => Number.isInteger(value) && value > 0)) {
    console.error(USAGE);
    return 2;
  }
  const only = new RegExp(values.only);
  if (values.bound) {
    for (const [at, [name, more]] of CASES.entries()) {
      if (!only.test(name)) continue;
      const seeds = Array.from({ length: runs }, (_, run) => seed * 1_000_003 + at * 100_003 + run);
      console.log(`${name}:\n\n${boundMarkdown(seeds, { ...PLAN, destinations, ...more }, PATIENCES)}\n`);
    }
    return 0;
  }
  const rows = CASES.flatMap(([name, more], at): Row[] => {
    if (!only.test(name)) return [];
    const outcomes: Outcome[] = [];
    for (let run = 0; run < runs; run++) {
      // One generator a run: the same networks whatever else is simulated beside them.
      outcomes.push(simulate(seed * 1_000_003 + at * 100_003 + run, { ...PLAN, destinations, ...more }));
      console.error(`${name}: ${run + 1} of ${runs}`);
    }
    return [summarise(name, outcomes, seed)];
  });
  console.log(
    values.json
      ? JSON.stringify({ seed, runs, destinations, rows })
      : `${markdown(rows)}\n\n${anchorMarkdown(rows)}`,
  );
  if (values.why && !values.json) console.log(`\n${whyMarkdown(rows)}`);
  return 0;
}

try {
  process.exitCode = main();
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 2;
}
