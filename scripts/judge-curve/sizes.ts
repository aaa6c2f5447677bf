import { type Block, clustered, cut } from "../../controller/src/core/release/stats/blocks.ts";
import { mannWhitney } from "../../controller/src/core/release/stats/mann-whitney.ts";
import { scoreTest, wilson } from "../../controller/src/core/release/stats/proportions.ts";
import { GilbertElliott } from "./noise.ts";
import { Random } from "./random.ts";
import { percent } from "./report.ts";

/** How often a test at the one per cent level alarms when both samples are of the same process. */
export interface FalseAlarms {
  readonly process: string;
  readonly method: string;
  readonly trials: number;
  readonly alarms: number;
}

const LEVEL = 0.01;
const PROBES = 600;

/** One minute of ten probes a second, both sides alike: what becomes of a level of 1 % when samples hang together. */
export function falseAlarms(trials: number, seed: number, blockMs: number): FalseAlarms[] {
  const random = new Random(seed + 77);
  const found: FalseAlarms[] = [];
  const count = (process: string, methods: Readonly<Record<string, () => number>>): void => {
    for (const [method, p] of Object.entries(methods)) {
      let alarms = 0;
      for (let trial = 0; trial < trials; trial++) if (p() <= LEVEL) alarms++;
      found.push({ process, method, trials, alarms });
    }
  };
  const compare = (process: string, draw: () => number[]): void =>
    count(process, {
      "every probe a witness": () => mannWhitney(draw(), draw()).pGreater,
      "effective sample size (autocorrelation at lag 1)": () => effective(draw(), draw()),
      "block medians of 1 s": () => blocked(draw(), draw(), 1000),
      [`block medians of ${blockMs / 1000} s`]: () => blocked(draw(), draw(), blockMs),
    });
  for (const seconds of [0.1, 0.5, 1, 2]) {
    compare(`round trips, correlation time ${seconds} s`, () => autoregressive(random, seconds * 10));
  }
  compare("round trips, half white noise, half of correlation time 1 s", () =>
    autoregressive(random, 10).map((slow) => slow + random.normal()),
  );
  for (const burst of [1, 4, 10]) {
    const draw = () => {
      const model = new GilbertElliott(random, 0.01, burst);
      return Array.from({ length: PROBES * 5 }, () => (model.lost() ? null : 1));
    };
    count(`1 % loss in bursts of ${burst}, five targets`, {
      "every loss a witness": () => loss(draw(), draw(), PROBES * 500),
      [`clusters of ${blockMs / 1000} s`]: () => loss(draw(), draw(), blockMs * 5),
    });
  }
  return found;
}

function autoregressive(random: Random, correlation: number): number[] {
  const keep = Math.exp(-1 / correlation);
  const step = Math.sqrt(1 - keep ** 2);
  let value = random.normal();
  return Array.from({ length: PROBES }, () => {
    value = keep * value + step * random.normal();
    return value;
  });
}

function blocks(rttMs: readonly (number | null)[], blockMs: number): Block[] {
  const series = { atMs: rttMs.map((_, at) => at * 100), rttMs };
  return cut(series, { fromMs: 0, toMs: rttMs.length * 100, blockMs, minimumAnswers: 1 });
}

function blocked(x: readonly number[], y: readonly number[], blockMs: number): number {
  const medians = (values: readonly number[]): number[] =>
    blocks(values, blockMs).flatMap(({ medianMs }) => medianMs ?? []);
  return mannWhitney(medians(x), medians(y)).pGreater;
}

/** Every (1 + r) / (1 - r)-th value, r the autocorrelation at lag 1: right for AR(1), were r known. */
function effective(x: readonly number[], y: readonly number[]): number {
  const thin = (values: readonly number[]): number[] => {
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    let [with1, with0] = [0, 0];
    for (const [at, value] of values.entries()) {
      with0 += (value - mean) ** 2;
      with1 += (value - mean) * ((values[at + 1] ?? mean) - mean);
    }
    const every = Math.max(1, Math.round((with0 + with1) / Math.max(1e-9, with0 - with1)));
    return values.filter((_, at) => at % every === 0);
  };
  return mannWhitney(thin(x), thin(y)).pGreater;
}

function loss(x: readonly (number | null)[], y: readonly (number | null)[], clusterMs: number): number {
  const share = (values: readonly (number | null)[]) =>
    clustered(blocks(values, clusterMs).map(({ lost, sent }) => ({ events: lost, trials: sent })));
  const [first, second] = [share(x), share(y)];
  const effect = Math.max(first.designEffect, second.designEffect);
  const effective = ({ counted: { events, trials } }: typeof first) => ({
    events: events / effect,
    trials: trials / effect,
  });
  return scoreTest(effective(first), effective(second), 0).pGreater;
}

export function sizesMarkdown(rows: readonly FalseAlarms[]): string {
  return [
    "| process, the same on both sides | method | alarms at a level of 1 % (95 % interval) |",
    "|---|---|---|",
    ...rows.map(({ process, method, trials, alarms }) => {
      const [low, high] = wilson({ events: alarms, trials }, 0.025);
      return `| ${process} | ${method} | ${percent(alarms / trials)} (${percent(low)} to ${percent(high)}) |`;
    }),
  ].join("\n");
}
