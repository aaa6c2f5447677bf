import { baselineOf } from "../../controller/src/core/release/compare-latency.ts";
import type { Evidence, TargetEvidence } from "../../controller/src/core/release/evidence.ts";
import { judge } from "../../controller/src/core/release/judge.ts";
import type { JudgeSettings } from "../../controller/src/core/release/settings.ts";
import { NO_HISTORY } from "../../controller/src/core/release/verdict.ts";
import type { Fault } from "./faults.ts";
import { Plane } from "./network.ts";
import { drawWeather } from "./noise.ts";
import type { Random } from "./random.ts";

export interface Plan {
  readonly targets: number;
  readonly steps: number;
  readonly stepMs: number;
  readonly lookMs: number;
  /** A step that is held so long ends the rollout undecided. */
  readonly deadlineMs: number;
  /** A window grows so long with its step, then slides. */
  readonly windowMs: number;
  readonly baselineMs: number;
  /** Users measured beside the targets. */
  readonly users: number;
  readonly settings: JudgeSettings;
}

export interface Outcome {
  readonly end: "completed" | "aborted" | "held";
  /** Step at which it ended, from 1, and milliseconds since its first move. */
  readonly step: number;
  readonly atMs: number;
  /** Since the fault was there; undefined without one. */
  readonly sinceFaultMs: number | undefined;
  readonly looks: number;
  /** Looks longer than the minimum that held. */
  readonly holds: number;
  readonly why: readonly string[];
}

/** One synthetic rollout from its first move to its end, judged as an engine would have it judged. */
export function simulate(random: Random, fault: Fault, plan: Plan): Outcome {
  const { settings, stepMs, lookMs, deadlineMs, baselineMs } = plan;
  const weather = drawWeather(random);
  const count = plan.targets + plan.users;
  // Planes are built differently: each target is nearer by one of them, by up to 15 ms.
  const bases = Array.from({ length: count }, () => random.between(5, 80));
  const others = bases.map((base) => Math.max(2, base + random.between(-15, 15)));
  const candidate = new Plane(random, weather, others, fault);
  const reference = new Plane(random, weather, bases, { name: "none", targets: "all", aim: false });
  const never = Number.POSITIVE_INFINITY;
  for (const plane of [candidate, reference]) plane.run(-baselineMs, 0, never);
  const baselines = bases.map((_, at) => {
    const [here, there] = [candidate.series[at], reference.series[at]].map(
      (series) => series && baselineOf(series, settings),
    );
    return here === undefined || there === undefined ? undefined : { candidate: here, reference: there };
  });
  const faultMs = fault.late === true ? stepMs + random.between(0, stepMs) : 0;
  const faulty = fault.name !== "none";

  let history = NO_HISTORY;
  let [nowMs, holds] = [0, 0];
  for (let step = 1; step <= plan.steps; step++) {
    const stepFromMs = nowMs;
    for (const plane of [candidate, reference]) plane.cut();
    for (let passed = false; !passed; ) {
      for (const plane of [candidate, reference]) plane.run(nowMs, nowMs + lookMs, faultMs);
      nowMs += lookMs;
      const all = bases.map((_, at): TargetEvidence => {
        const baseline = baselines[at];
        return {
          target: `target-${at}`,
          candidate: candidate.series[at] ?? { atMs: [], rttMs: [] },
          reference: reference.series[at] ?? { atMs: [], rttMs: [] },
          ...(baseline === undefined ? {} : { baseline }),
        };
      });
      const fromMs = Math.max(stepFromMs, nowMs - plan.windowMs);
      const evidence: Evidence = {
        fromMs,
        toMs: nowMs,
        targets: all.slice(0, plan.targets),
        users: all.slice(plan.targets),
        ...facts(fault, nowMs >= faultMs),
        paths: [],
      };
      const verdict = judge(evidence, settings, history);
      history = verdict.history;
      const sinceFaultMs = faulty ? Math.max(0, nowMs - faultMs) : undefined;
      const end = { step, atMs: nowMs, sinceFaultMs, looks: verdict.look, holds, why: verdict.why };
      if (verdict.result === "fail") return { end: "aborted", ...end };
      if (verdict.result === "pass") passed = true;
      else if (nowMs - stepFromMs >= settings.minimumWindowMs) holds++;
      if (!passed && nowMs - stepFromMs >= deadlineMs) return { end: "held", ...end, holds };
    }
  }
  return {
    end: "completed",
    step: plan.steps,
    atMs: nowMs,
    sinceFaultMs: undefined,
    looks: history.looks,
    holds,
    why: [],
  };
}

function facts(fault: Fault, there: boolean): Pick<Evidence, "facts" | "counts"> {
  const wrong = there && fault.wrongPath === true;
  return {
    facts: [
      { metric: "path", subject: "edge-1", ok: !wrong, detail: wrong ? "by a foreign hop" : "as expected" },
      { metric: "bgp-session", subject: "edge-1", ok: true, detail: "established" },
    ],
    counts: [
      {
        metric: "prefixes",
        subject: "green-sfc",
        now: there && fault.withdrawn === true ? 39 : 40,
        before: 40,
      },
    ],
  };
}
