import { setTimeout as sleep } from "node:timers/promises";
import { type Lab, removeLab } from "./lab.ts";
import { differences, type Look, lookAt } from "./look.ts";
import { panelNamespace } from "./names.ts";
import { PANEL_TABLE, panelRuleset } from "./panel.ts";
import { mustRun } from "./run.ts";
import type { Scenario, ScenarioResult } from "./scenario.ts";
import { nextName, runOn, type ScenarioOptions, upFor } from "./scenario-run.ts";

interface Standing {
  readonly lab: Lab;
  readonly kind: string;
  /** How it looked when it had come up. */
  readonly asNew: Look;
}

const SETTLED_WITHIN_MS = 20_000;
const PAUSE_MS = 500;

/**
 * One lab for scenarios, one at a time, that leave it as they found it: bringing up a network of many routers costs more than
 * most of what is proved on it. Each gets a lab that looks as a new one does (look.ts), and a new one if this one does not,
 * or if the one before has failed or says nothing of how it leaves its lab.
 */
export class SharedLab implements AsyncDisposable {
  #standing: Standing | undefined;

  /** As runScenario. */
  async run(scenario: Scenario, options: ScenarioOptions = {}): Promise<ScenarioResult> {
    const kind = JSON.stringify([scenario.fabric, scenario.broker, scenario.portal]);
    if (this.#standing?.kind !== kind) await this.#discard();
    const found = this.#standing;
    const name = found?.lab.name ?? nextName(scenario);
    let asNew = found?.asNew;
    let lab = found?.lab;
    const up = async (): Promise<Lab> => {
      lab ??= await upFor(scenario, { ...options, name });
      if (scenario.leavesAsFound === true) asNew ??= await settledLook(lab);
      return lab;
    };
    const result = await runOn(up, name, scenario, options);
    this.#standing = undefined;
    const reusable = result.ok && scenario.leavesAsFound === true;
    if (reusable && lab !== undefined && asNew !== undefined) {
      const odd = await oddities(lab, asNew);
      if (odd.length === 0) this.#standing = { lab, kind, asNew };
      else options.progress?.note(`${scenario.name} left its lab otherwise than it was: ${odd.join("; ")}`);
    }
    if (this.#standing === undefined) await removeLab(name);
    return result;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#discard();
  }

  async #discard(): Promise<void> {
    const name = this.#standing?.lab.name;
    this.#standing = undefined;
    if (name !== undefined) await removeLab(name);
  }
}

/** Two looks in a row that are the same, or the last one: then nothing will look like it, and no lab is used twice. */
async function settledLook(lab: Lab): Promise<Look> {
  const deadline = performance.now() + SETTLED_WITHIN_MS;
  let look = await lookAt(lab);
  while (performance.now() < deadline) {
    await sleep(PAUSE_MS);
    const again = await lookAt(lab);
    if (differences(look, again).length === 0) return again;
    look = again;
  }
  return look;
}

/** What of a lab is not as it was, once that has had its time to heal; empty when all is. */
async function oddities(lab: Lab, asNew: Look): Promise<readonly string[]> {
  const deadline = performance.now() + SETTLED_WITHIN_MS;
  await layCables(lab);
  for (;;) {
    const odd = differences(asNew, await lookAt(lab).catch((): Look => new Map()));
    if (odd.length === 0 || performance.now() > deadline) return odd;
    await sleep(PAUSE_MS);
  }
}

/** Takes out of the panel's rules what scenarios have counted and dropped with, in one transaction: no frame is lost by it. */
async function layCables({ name, cables, wiring }: Lab): Promise<void> {
  const input = `delete table netdev ${PANEL_TABLE}\n${panelRuleset(cables, wiring.join)}`;
  await mustRun("ip", ["netns", "exec", panelNamespace(name), "nft", "-f", "-"], { input });
}
