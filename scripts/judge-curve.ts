import { parseArgs } from "node:util";
import { DEFAULT_JUDGE } from "../controller/src/core/release/settings.ts";
import { FAULTS } from "./judge-curve/faults.ts";
import { Random } from "./judge-curve/random.ts";
import { markdown, type Row, summarise } from "./judge-curve/report.ts";
import { type Plan, simulate } from "./judge-curve/rollout.ts";
import { falseAlarms, sizesMarkdown } from "./judge-curve/sizes.ts";

const USAGE = `node scripts/judge-curve.ts [--rollouts N] [--seed S] [--only REGEX] [--targets N] [--sizes N] [--json]

The operating curve of the release judge: synthetic rollouts with its default settings. Prints Markdown.
  --rollouts N  of each fault (1000); without a fault four times as many
  --seed S      the same seed, the same rollouts (1); published figures use one that nothing was tuned with
  --only REGEX  only faults whose name matches
  --targets N   targets measured by both planes (20)
  --sizes N     trials of the second table, on samples that hang together (2000); 0 leaves it out
  --json        JSON instead`;

/** 60 s steps as by default, a look every 15 s at windows of up to three minutes, five until a held step is given up, two minutes of baseline. */
const PLAN: Plan = {
  targets: 20,
  users: 2,
  steps: 4,
  stepMs: 60_000,
  lookMs: 15_000,
  deadlineMs: 300_000,
  windowMs: 180_000,
  baselineMs: 120_000,
  settings: DEFAULT_JUDGE,
};

function main(): number {
  const { values } = parseArgs({
    options: {
      rollouts: { type: "string", default: "1000" },
      seed: { type: "string", default: "1" },
      only: { type: "string", default: "" },
      targets: { type: "string", default: "20" },
      sizes: { type: "string", default: "2000" },
      json: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  const [rollouts, seed, targets, sizes] = [values.rollouts, values.seed, values.targets, values.sizes].map(
    Number,
  );
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  if (![rollouts, seed, targets, sizes].every(isCount) || !rollouts || !targets) {
    console.error(USAGE);
    return 2;
  }
  const only = new RegExp(values.only);
  const plan = { ...PLAN, targets };
  const rows = FAULTS.flatMap((fault, at): Row[] => {
    if (!only.test(fault.name)) return [];
    const count = fault.name === "none" ? 4 * rollouts : rollouts;
    const outcomes = Array.from({ length: count }, (_, run) =>
      // One generator a rollout: the same rollouts whatever else is simulated beside them.
      simulate(new Random((seed ?? 1) * 1_000_003 + at * 100_003 + run), fault, plan),
    );
    const row = summarise(fault, outcomes, plan);
    console.error(`${row.fault}: ${row.completed} completed, ${row.aborted} aborted, ${row.held} held`);
    return [row];
  });
  const alarms = sizes === 0 ? [] : falseAlarms(sizes ?? 0, seed ?? 1, DEFAULT_JUDGE.blockMs);
  if (values.json) console.log(JSON.stringify({ seed, rollouts, targets, rows, falseAlarms: alarms }));
  else console.log([markdown(rows), ...(sizes === 0 ? [] : [sizesMarkdown(alarms)])].join("\n\n"));
  return 0;
}

function isCount(value: number | undefined): value is number {
  return value !== undefined && Number.isInteger(value) && value >= 0;
}

try {
  process.exitCode = main();
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 2;
}
