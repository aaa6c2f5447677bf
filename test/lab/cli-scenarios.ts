import { LabError } from "./lab-error.ts";
import { streamProgress } from "./progress.ts";
import type { ScenarioResult } from "./scenario.ts";
import { runScenario } from "./scenario-run.ts";
import { SCENARIOS } from "./scenarios/index.ts";

/** `scripts/lab scenarios`. */
export function listScenarios(json: boolean): number {
  const list = SCENARIOS.map(({ name, summary, fabric }) => ({
    name,
    summary,
    topic: name.split("-")[0],
    fabric,
  }));
  if (json) console.log(JSON.stringify(list));
  else for (const { name, summary } of list) console.log(`${name.padEnd(24)}  ${summary}`);
  return 0;
}

/** `scripts/lab scenario NAME`: 0 when what it proves holds. */
export async function runNamedScenario(
  name: string,
  options: {
    readonly fabric?: string;
    readonly name?: string;
    readonly json: boolean;
    readonly keep: boolean;
  },
): Promise<number> {
  const scenario = SCENARIOS.find((known) => known.name === name);
  if (scenario === undefined)
    throw new LabError("lab/usage", `no scenario ${name}; \`scripts/lab scenarios\` lists them`);
  const abort = new AbortController();
  const stop = (): void => abort.abort(new LabError("lab/scenario", "interrupted"));
  process.once("SIGINT", stop).once("SIGTERM", stop);
  const result = await runScenario(scenario, {
    progress: streamProgress(process.stderr),
    signal: abort.signal,
    keep: options.keep,
    ...(options.fabric === undefined ? {} : { fabric: options.fabric }),
    ...(options.name === undefined ? {} : { name: options.name }),
  });
  console.log(options.json ? JSON.stringify(result) : resultText(result));
  return result.ok ? 0 : 1;
}

/** The figures for people. */
export function resultText(result: ScenarioResult): string {
  const { flows, timesMs = {}, planes = {}, other = {} } = result.figures;
  const flowLines = flows.map(
    ({ label, sent, received, lost, duplicates, maxGapMs }) =>
      `  ${label.padEnd(24)} sent ${sent}  received ${received}  lost ${lost}  twice ${duplicates}  ` +
      `longest gap ${maxGapMs} ms`,
  );
  const pairs = (title: string, values: Readonly<Record<string, unknown>>): readonly string[] =>
    Object.entries(values).map(([key, value]) => `  ${title} ${key}: ${JSON.stringify(value)}`);
  const verdict = result.ok ? "ok" : `FAILED\n  ${result.reason?.replaceAll("\n", "\n  ")}`;
  return [
    `${result.name} (${result.seconds.toFixed(1)} s)`,
    ...flowLines,
    ...pairs("time, ms,", timesMs),
    ...pairs("plane", planes),
    ...pairs("", other),
    verdict,
  ].join("\n");
}
