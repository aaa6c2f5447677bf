import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { runScenario } from "./scenario-run.ts";
import { SCENARIOS } from "./scenarios/index.ts";

/** Which scenarios a file of tests declares. */
export interface Share {
  /** On the network of the report, which fills two cores; or on smaller ones, two of which fit side by side. */
  readonly size: "large" | "small";
  /** Of these every so-manieth, from `first`. */
  readonly first: number;
  readonly step: number;
}

/** Declares a test for each scenario of a share: what `scripts/lab scenario NAME` runs, nothing else. */
export function testScenarios({ size, first, step }: Share): void {
  const chosen = SCENARIOS.filter(
    ({ fabric, long }) => long !== true && fabric.endsWith("/vsix.yaml") === (size === "large"),
  ).filter((_, i) => i % step === first);
  assert.ok(chosen.length > 0, "no scenario in this share");
  for (const scenario of chosen)
    test(`${scenario.name}: ${scenario.summary}`, async (context: TestContext) => {
      const result = await runScenario(scenario, { signal: context.signal });
      context.diagnostic(JSON.stringify(result.figures));
      assert.ok(result.ok, result.reason);
    });
}
