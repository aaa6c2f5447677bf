import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { runScenario } from "./scenario-run.ts";
import { SCENARIOS } from "./scenarios/index.ts";

/** Declares a test for each scenario of a topic: what `scripts/lab scenario NAME` runs, nothing else. */
export function testTopic(topic: string): void {
  const chosen = SCENARIOS.filter(({ name, long }) => name.startsWith(`${topic}-`) && long !== true);
  assert.ok(chosen.length > 0, `no scenario of topic ${topic}`);
  for (const scenario of chosen)
    test(`${scenario.name}: ${scenario.summary}`, async (context: TestContext) => {
      const result = await runScenario(scenario, { signal: context.signal });
      context.diagnostic(JSON.stringify(result.figures));
      assert.ok(result.ok, result.reason);
    });
}
