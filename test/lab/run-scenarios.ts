import assert from "node:assert/strict";
import { statSync } from "node:fs";
import { join } from "node:path";
import { after, describe, type TestContext, test } from "node:test";
import { REPOSITORY } from "./names.ts";
import { silentProgress } from "./progress.ts";
import type { Scenario } from "./scenario.ts";
import { runScenario } from "./scenario-run.ts";
import { SCENARIOS } from "./scenarios/index.ts";
import { SharedLab } from "./shared-lab.ts";

/** Which scenarios a file of tests declares. */
export interface Share {
  /** On the network of the report, which fills two cores; or on smaller ones, which wait more than they work. */
  readonly size: "large" | "small";
  /** So many side by side. */
  readonly atOnce: number;
  /** One after another, on one lab as long as they leave it as they found it. */
  readonly shared?: boolean;
}

/** Declares a test for each scenario of a share: what `scripts/lab scenario NAME` runs, nothing else. */
export function testScenarios({ size, atOnce, shared = false }: Share): void {
  const chosen = SCENARIOS.filter(
    ({ fabric, long }) => long !== true && fabric.endsWith("/vsix.yaml") === (size === "large"),
  );
  assert.ok(chosen.length > 0, "no scenario in this share");
  assert.ok(!shared || atOnce === 1, "one lab is for one scenario at a time");
  describe(`scenarios on ${size} networks`, { concurrency: atOnce }, () => {
    const lab = new SharedLab();
    after(() => lab[Symbol.asyncDispose]());
    const order = chosen.toSorted((a, b) => (shared ? rank(a) - rank(b) : sizeOf(b) - sizeOf(a)));
    for (const scenario of order)
      test(`${scenario.name}: ${scenario.summary}`, async (context: TestContext) => {
        const options = {
          signal: context.signal,
          progress: { ...silentProgress, note: (text: string) => context.diagnostic(text) },
        };
        const result = await (shared ? lab.run(scenario, options) : runScenario(scenario, options));
        context.diagnostic(JSON.stringify(result.figures));
        assert.ok(result.ok, result.reason);
      });
  });
}

/** Those that leave their lab as they found it come first. */
const rank = ({ leavesAsFound }: Scenario): number => (leavesAsFound === true ? 0 : 1);

/** Larger networks take longest: what begins with them ends with short ones, side by side to the last. */
const sizeOf = ({ fabric }: Scenario): number => statSync(join(REPOSITORY, fabric)).size;
