import { median } from "../../controller/src/core/release/stats/order.ts";
import { wilson } from "../../controller/src/core/release/stats/proportions.ts";
import type { Fault } from "./faults.ts";
import type { Outcome, Plan } from "./rollout.ts";

/** What became of all rollouts with one fault. Intervals are Wilson's at 95 %. */
export interface Row {
  readonly fault: string;
  readonly aim: boolean;
  readonly rollouts: number;
  readonly completed: number;
  readonly aborted: number;
  readonly held: number;
  readonly wrong: "missed" | "false aborts";
  readonly wrongShare: number;
  readonly wrongInterval: readonly [number, number];
  /** Ended in the step in which the fault appeared. */
  readonly atOnce: number;
  /** Rollouts in which a step had to be held for longer than its interval, but that completed. */
  readonly delayed: number;
  /** From the fault to the abort. */
  readonly abortMs: number | null;
  /** Probes per plane and step: all targets, one interval. */
  readonly probes: number;
  /** Why rollouts were aborted or held, the commonest first. */
  readonly reasons: readonly (readonly [string, number])[];
}

export function summarise(fault: Fault, outcomes: readonly Outcome[], plan: Plan): Row {
  const of = (end: Outcome["end"]): number => outcomes.filter((one) => one.end === end).length;
  const healthy = fault.name === "none";
  const [completed, aborted, held] = [of("completed"), of("aborted"), of("held")];
  const wrong = healthy ? aborted : completed;
  const share = { events: wrong, trials: outcomes.length };
  const aborts = outcomes.filter(({ end }) => end === "aborted");
  const reasons = new Map<string, number>();
  for (const { end, why } of outcomes) {
    const reason = end === "completed" ? "" : `${end}: ${(why[0] ?? "").replaceAll(/[\d.-]+/g, "N")}`;
    if (reason !== "") reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  }
  return {
    fault: fault.name,
    aim: fault.aim,
    rollouts: outcomes.length,
    completed,
    aborted,
    held,
    wrong: healthy ? "false aborts" : "missed",
    wrongShare: wrong / outcomes.length,
    wrongInterval: wilson(share, 0.025),
    atOnce: aborts.filter(({ step }) => step === (fault.late === true ? 2 : 1)).length,
    delayed: outcomes.filter(({ end, holds }) => end === "completed" && holds > 0).length,
    abortMs: median(aborts.map(({ atMs, sinceFaultMs }) => sinceFaultMs ?? atMs)) ?? null,
    probes: (plan.targets * plan.stepMs) / 100,
    reasons: [...reasons].sort((a, b) => b[1] - a[1]).slice(0, 3),
  };
}

export function markdown(rows: readonly Row[]): string {
  return [
    "| fault of the new plane | rollouts | completed | aborted | held | wrong (95 % interval) | aborted in its first step | median time to abort |",
    "|---|---:|---:|---:|---:|---|---:|---:|",
    ...rows.map((row) => {
      const [low, high] = row.wrongInterval;
      const wrong = `${row.wrong} ${percent(row.wrongShare)} (${percent(low)} to ${percent(high)})`;
      const time = row.abortMs === null ? "" : `${Math.round(row.abortMs / 1000)} s`;
      const once = row.wrong === "false aborts" ? "" : percent(row.atOnce / row.rollouts);
      return `| ${row.fault}${row.aim ? " *" : ""} | ${row.rollouts} | ${row.completed} | ${row.aborted} | ${row.held} | ${wrong} | ${once} | ${time} |`;
    }),
  ].join("\n");
}

export function percent(share: number): string {
  return `${(share * 100).toFixed(2)} %`;
}
