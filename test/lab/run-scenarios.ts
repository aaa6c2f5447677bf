import assert from "node:assert/strict";
import { describe, type TestContext, test } from "node:test";
import { runScenario } from "./scenario-run.ts";
import { SCENARIOS } from "./scenarios/index.ts";

/** Which scenarios a file of tests declares. */
export interface Share {
  /** On the network of the report, which fills two cores; or on smaller ones, which wait more than they work. */
  readonly size: "large" | "small";
  /** So many side by side. */
  readonly atOnce: number;
}

/** Declares a test for each scenario of a share: what `scripts/lab scenario NAME` runs, nothing else. */
export function testScenarios({ size, atOnce }: Share): void {
  const chosen = SCENARIOS.filter(
    ({ fabric, long }) => long !== true && fabric.endsWith("/vsix.yaml") === (size === "large"),
  );
  assert.ok(chosen.length > 0, "no scenario in this share");
  describe(`scenarios on ${size} networks`, { concurrency: atOnce }, () => {
    for (const scenario of chosen)
      test(`${scenario.name}: ${scenario.summary}`, async (context: TestContext) => {
        const result = await runScenario(scenario, { signal: context.signal });
        context.diagnostic(JSON.stringify(result.figures));
        assert.ok(result.ok, result.reason);
      });
  });
}
