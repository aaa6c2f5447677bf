import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { runScenario } from "./scenario-run.ts";
import { SCENARIOS } from "./scenarios/index.ts";

/**
 * Declares a test for each scenario of a topic: what `scripts/lab scenario NAME` runs, nothing else. `share` is every
 * so-manieth of them, from 0: a topic with many is dealt out over several files, which can be run side by side.
 */
export function testTopic(topic: string, share = { first: 0, step: 1 }): void {
  const chosen = SCENARIOS.filter(({ name, long }) => name.startsWith(`${topic}-`) && long !== true).filter(
    (_, i) => i % share.step === share.first,
  );
  assert.ok(chosen.length > 0, `no scenario of topic ${topic}`);
  for (const scenario of chosen)
    test(`${scenario.name}: ${scenario.summary}`, async (context: TestContext) => {
      const result = await runScenario(scenario, { signal: context.signal });
      context.diagnostic(JSON.stringify(result.figures));
      assert.ok(result.ok, result.reason);
    });
}
