import type { Fabric } from "@vsix/shared/fabric/model.ts";
import type { Fact } from "../core/release/evidence.ts";
import { judge } from "../core/release/judge.ts";
import { tooShortBefore } from "../core/release/known-before.ts";
import type { Judge, Question } from "../core/release/question.ts";
import {
  DEFAULT_JUDGE,
  type JudgeSettings,
  type MetricDefinition,
  ON_REQUEST,
  withChanges,
} from "../core/release/settings.ts";
import { noteUnmoved, type Unmoved } from "../core/release/unmoved.ts";
import { type JudgeHistory, type MetricVerdict, NO_HISTORY, type Verdict } from "../core/release/verdict.ts";
import { pathEvidence, withoutPaths } from "../evidence/path-evidence.ts";
import {
  type Before,
  beforeOf,
  errorCounts,
  planeFacts,
  prefixCounts,
  routersOf,
  sessionFacts,
} from "../evidence/plane-facts.ts";
import {
  type Baselines,
  baselinesOf,
  targetEvidence,
  unmovedEvidence,
  userEvidence,
} from "../evidence/target-evidence.ts";
import type { Context } from "./context.ts";

/** The window slides once it is so long: a fault too small for a minute shows in three, and what is over is forgotten. */
const LONGEST_WINDOW_MS = 180_000;
/** The planes are measured whoever is on them: of them there is always so much to look at. */
const SHORTEST_WINDOW_MS = 60_000;
/** Nodes tell a second once it is over and answers had their time: what is younger is not here yet. */
const TOLD_LATE_MS = 3_000;
/** Of an Edge before it was moved. */
const USER_REFERENCE_MS = 60_000;
/** Subjects of a metric whose arithmetic is kept though they passed: those nearest to failing. */
const KEPT_SUBJECTS = 50;

/** What is kept with the rollout from look to look; JSON. */
interface Memory {
  readonly history: JudgeHistory;
  readonly before: Before;
  readonly baselines: Baselines;
}

const EXPECTED_PATH = "expected-path";

const ROUTER_METRIC: MetricDefinition = {
  name: "router",
  kind: "fact",
  critical: true,
  mustHaveData: true,
  consecutive: 2,
};

/** All that is judged. */
export const METRICS: readonly MetricDefinition[] = [...DEFAULT_JUDGE.metrics, ROUTER_METRIC, ...ON_REQUEST];

/**
 * Judges by what is measured: both planes over the same targets in the same window, the moved Edges by the way that they
 * use now and by the paths that are expected of them, sessions, prefixes and errors against what they were before anybody moved. The arithmetic is the pure judge's
 * (core/release/judge.ts); this brings the evidence together.
 */
export function measuredJudge(context: Context): Judge {
  const unmovedEdges = new Map<number, ReadonlyMap<string, Unmoved>>();
  return (question) => {
    const { inForce } = context.desired;
    if (inForce === undefined) return { verdict: "hold", reasons: ["no fabric is in force"], detail: null };
    const { fabric } = inForce;
    const { evidence } = context;
    const { from, to, moved, windowToMs: nowMs } = question;
    const toMs = nowMs - TOLD_LATE_MS;
    const stageMs = Math.max(question.windowFromMs, toMs - LONGEST_WINDOW_MS);
    const fromMs = Math.min(stageMs, toMs - SHORTEST_WINDOW_MS);
    const settings = settingsFor(question);
    const memory = remembered(context, question, fabric, settings);
    const edges = fabric.nodes.filter(({ role }) => role === "edge").map(({ name }) => name);
    const unmoved = noteUnmoved(unmovedEdges.get(question.rollout), question, edges);
    unmovedEdges.set(question.rollout, unmoved);
    forgetOld(unmovedEdges, question.rollout);
    const planes = { from, to, baselines: memory.baselines };
    const span = { fromMs, toMs };
    const users = moved.flatMap((edge) => {
      const at = unmoved.get(edge)?.untilMs;
      return at === undefined ? [] : [{ edge, before: { fromMs: at - USER_REFERENCE_MS, toMs: at } }];
    });
    const asked = { from, to, moved, before: memory.before };
    const verdict = judge(
      {
        fromMs,
        toMs,
        targets: targetEvidence(evidence.quality, fabric, planes, span),
        users: userEvidence(evidence.quality, fabric, users, { fromMs: stageMs, toMs }),
        facts: [
          ...routerFacts(context, to, nowMs),
          ...sessionFacts(evidence, fabric, asked, nowMs),
          ...planeFacts(evidence, fabric, asked, nowMs),
        ],
        counts: [
          ...prefixCounts(evidence, fabric, asked, nowMs),
          ...errorCounts(evidence, fabric, asked, nowMs),
        ],
        paths: pathEvidence(evidence.traces, inForce, asked, { sinceMs: question.windowFromMs, nowMs }),
      },
      settings,
      memory.history,
    );
    const next: Memory = { ...memory, history: verdict.history };
    const unknown = unknownBefore(context, question, fabric, { settings, unmoved });
    return {
      verdict: verdict.result === "pass" && unknown.length > 0 ? "hold" : verdict.result,
      reasons: verdict.result === "fail" ? verdict.why : [...verdict.why, ...unknown],
      // What it judges by, once a rollout: with the stage only the shortest window changes, which is in the reasons.
      detail: { judge: "measured/1", ...thinned(verdict), ...(verdict.look === 1 ? { settings } : {}) },
      memory: next,
      unjudged: unjudgedOf(verdict, question, withoutPaths(inForce, asked)),
    };
  };
}

/** What is not yet known of the Edges that move next, and can still be learnt: those that were never moved. */
function unknownBefore(
  { evidence }: Context,
  { next, windowToMs }: Question,
  fabric: Fabric,
  known: { readonly settings: JudgeSettings; readonly unmoved: ReadonlyMap<string, Unmoved> },
): readonly string[] {
  const edges = next.filter((edge) => known.unmoved.get(edge)?.hasMoved === false);
  const span = { fromMs: windowToMs - USER_REFERENCE_MS, toMs: windowToMs };
  return tooShortBefore(unmovedEvidence(evidence.quality, fabric, edges, span), known.settings);
}

/** A step may be shorter than the minute that the defaults are tuned for; what it then cannot know, it holds for. */
function settingsFor({ moved, intervalMs, metrics }: Question): JudgeSettings {
  return {
    ...DEFAULT_JUDGE,
    metrics: withChanges(METRICS, metrics).map((metric) =>
      // Before anybody has moved nobody can be seen on the new plane.
      metric.name === "path" ? { ...metric, mustHaveData: metric.mustHaveData && moved.length > 0 } : metric,
    ),
    minimumWindowMs: Math.min(DEFAULT_JUDGE.minimumWindowMs, intervalMs),
  };
}

function remembered(
  { evidence }: Context,
  { from, to, step, memory, baselineNow, windowToMs }: Question,
  fabric: Fabric,
  settings: JudgeSettings,
): Memory {
  // Nobody but the judge writes it, and it lives in our own database.
  const known = memory as Memory | null;
  if (known !== null && step > 0) return known;
  const span = { fromMs: windowToMs - LONGEST_WINDOW_MS, toMs: windowToMs };
  return {
    history: known?.history ?? NO_HISTORY,
    // Who had not been heard at the first look, after a restart, is added at a later one.
    before: joined(beforeOf(evidence, fabric, [from, to], windowToMs), known?.before),
    baselines: baselineNow ? baselinesOf(evidence.quality, fabric, { from, to }, span, settings) : {},
  };
}

function joined(now: Before, known: Before | undefined): Before {
  return {
    accepted: { ...now.accepted, ...known?.accepted },
    errors: { ...now.errors, ...known?.errors },
  };
}

/** Ids only grow, and of rollouts that run at the same time there are few. */
function forgetOld(all: Map<number, unknown>, rollout: number): void {
  for (const id of all.keys()) if (id < rollout - 8) all.delete(id);
}

/** Every router of the plane: as it is wanted, and heard. One that has not caught up yet is not known. */
function routerFacts({ desired, fleet, lineage }: Context, plane: string, nowMs: number): readonly Fact[] {
  const { inForce } = desired;
  if (inForce === undefined) return [];
  return routersOf(inForce.fabric, [plane]).map(({ name }): Fact => {
    const { presence, report } = fleet.node(name);
    const value = report?.value;
    const wanted = inForce.nodes.get(name)?.generation;
    const fact = (ok: boolean | null, detail: string): Fact => ({
      metric: "router",
      subject: name,
      ok,
      detail,
    });
    if (presence?.renewedAtMs === undefined || value === undefined)
      return fact(null, "not heard since the controller's start");
    if (!fleet.isOnline(name, nowMs)) return fact(false, "offline");
    if (value.epoch !== lineage.epoch || value.generation !== wanted)
      return fact(null, `has not taken manifest ${wanted} yet`);
    return value.converged ? fact(true, "as it is wanted") : fact(null, "has not converged");
  });
}

/** What was not looked at, because there was nothing or because nobody wants it. */
function unjudgedOf({ metrics }: Verdict, question: Question, withoutPath: string): readonly string[] {
  const off = Object.entries(question.metrics).filter(([, { off }]) => off === true);
  const unasked = METRICS.filter(
    ({ name, onRequest }) => onRequest === true && question.metrics[name] === undefined,
  );
  return [
    ...off.map(([name]) => `${name}: left out by whoever began the rollout`),
    ...unasked.map(({ name }) => `${name}: nobody asked for it (--metric ${name}=optional)`),
    ...metrics.flatMap(({ metric, result }) => {
      if (metric === EXPECTED_PATH && withoutPath !== "") return [`${metric}: ${withoutPath}`];
      return result === "absent" ? [`${metric}: no data`] : [];
    }),
  ];
}

/** For the evidence: all that did not pass, and of what passed the nearest to failing. */
function thinned({ history: _kept, metrics, ...rest }: Verdict): object {
  const thin = (metric: MetricVerdict): object => {
    const sorted = metric.subjects.toSorted((a, b) => (a.pAdjusted ?? 1) - (b.pAdjusted ?? 1));
    const bad = sorted.filter(({ result }) => result !== "pass");
    const kept = [...bad, ...sorted.filter(({ result }) => result === "pass")].slice(
      0,
      Math.max(KEPT_SUBJECTS, Math.min(bad.length, 2 * KEPT_SUBJECTS)),
    );
    return { ...metric, subjects: kept, leftOut: sorted.length - kept.length };
  };
  return { ...rest, metrics: metrics.map(thin) };
}
