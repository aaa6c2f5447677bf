import type { Verdict } from "./question.ts";
import {
  awaitedOf,
  canariesOf,
  hasEnded,
  type Member,
  membersOf,
  movedOf,
  type RolloutSettings,
  type RolloutState,
  type Stage,
  wantedMsOf,
} from "./rollout-state.ts";

/**
 * The rollout as a state machine: data in, data out. It decides; whoever drives it stores the new state, and steers what
 * `steersOf` says, in one transaction.
 *
 *   baseline -> there -> back -> step 1 -> step 2 … -> done
 *        \________\______\________\_________\-> going-back -> aborted | failed-to-go-back
 *
 * Each stage first waits until everybody concerned is seen where wanted, then for its time and a verdict of `pass`.
 */

export type RolloutEvent =
  /** Time has passed. `astray`: who was not yet seen where this stage wants him, in words; undefined: not looked at. */
  | { readonly type: "tick"; readonly astray?: readonly string[] }
  | {
      readonly type: "verdict";
      readonly verdict: Verdict;
      readonly reasons: readonly string[];
      /** Undefined: the judge keeps what it had. */
      readonly memory?: unknown;
      readonly unjudged?: readonly string[];
    }
  | { readonly type: "pause"; readonly who: string }
  | { readonly type: "resume"; readonly who: string }
  | { readonly type: "promote"; readonly who: string }
  | { readonly type: "abort"; readonly who: string; readonly why: string }
  /** These Edges were steered by hand. */
  | { readonly type: "exception"; readonly who: string; readonly edges: readonly string[] }
  /** Everybody is as before at once, and somebody else sees to what comes then: a plane is drained. */
  | { readonly type: "end"; readonly who: string; readonly why: string }
  /** The controller was started anew: what it saw before is gone. */
  | { readonly type: "restart" };

export type Advance =
  | {
      readonly ok: true;
      readonly state: RolloutState /** In words; empty when nothing came of it. */;
      readonly told: string;
    }
  | { readonly ok: false; readonly code: RolloutRefusal; readonly message: string };

export type RolloutRefusal = "rollout-over" | "rollout-paused" | "rollout-not-paused" | "rollout-busy";

export interface NewRollout {
  readonly id: number;
  readonly from: string;
  readonly to: string;
  readonly settings: RolloutSettings;
  readonly members: readonly Omit<Member, "left">[];
  readonly steps: readonly { readonly text: string; readonly size: number }[];
  readonly unjudged?: readonly string[];
  readonly revision?: number;
}

export function beginRollout(rollout: NewRollout): RolloutState {
  const { id, from, to, settings, members, steps, unjudged = [], revision } = rollout;
  return {
    version: 1,
    id,
    from,
    to,
    ...(revision === undefined ? {} : { revision }),
    settings,
    members: members.map((member) => ({ ...member, left: false })),
    steps: [...steps],
    stage: "baseline",
    step: 0,
    reached: 0,
    seen: true,
    sinceMs: 0,
    seenMs: 0,
    ageMs: 0,
    paused: null,
    failures: 0,
    last: null,
    unjudged: [...unjudged],
    memory: null,
    why: "",
  };
}

/** The least age at which a rollout can be done: what a deadline must leave room for. */
export function leastMs({ intervalMs, rehearsalMs }: RolloutSettings, steps: number): number {
  return 3 * rehearsalMs + steps * intervalMs;
}

/** What an event makes of a rollout at this age. Pure; time that runs backwards stands still. */
export function advance(before: RolloutState, event: RolloutEvent, nowMs: number): Advance {
  const state = { ...before, ageMs: Math.max(before.ageMs, nowMs) };
  if (hasEnded(state)) {
    if (event.type === "tick" || event.type === "verdict" || event.type === "restart") return still(before);
    return refuse("rollout-over", `rollout ${state.id} has ended: ${state.stage}`);
  }
  switch (event.type) {
    case "tick":
      return tick(state, event.astray);
    case "verdict":
      return judged(state, event);
    case "abort":
      if (state.stage === "going-back")
        return refuse("rollout-busy", `rollout ${state.id} goes back already`);
      return goBack(state, `aborted by ${event.who}${event.why === "" ? "" : `: ${event.why}`}`);
    case "end":
      return said({ ...enter(state, "aborted"), why: event.why }, `ended by ${event.who}: ${event.why}`);
    case "exception":
      return leave(state, event);
    case "restart": {
      const seen = awaitedOf(state).size === 0;
      const again = { ...state, seen, sinceMs: state.ageMs, seenMs: state.ageMs, last: null };
      return said(again, "the controller was started anew: this stage is observed from its beginning");
    }
    default:
      return state.stage === "going-back"
        ? refuse("rollout-busy", `rollout ${state.id} goes back; it can only be watched`)
        : asked(state, event);
  }
}

function asked(
  state: RolloutState,
  event: Extract<RolloutEvent, { readonly type: "pause" | "resume" | "promote" }>,
): Advance {
  const { id, paused } = state;
  if (event.type === "pause") {
    if (paused !== null) return refuse("rollout-paused", `rollout ${id} is paused already, by ${paused}`);
    return said({ ...state, paused: event.who }, `paused by ${event.who}`);
  }
  if (event.type === "resume") {
    if (paused === null) return refuse("rollout-not-paused", `rollout ${id} is not paused`);
    return said({ ...state, paused: null }, `resumed by ${event.who}`);
  }
  if (paused !== null)
    return refuse("rollout-paused", `rollout ${id} is paused by ${paused}; resume it first`);
  if (!state.seen)
    return refuse(
      "rollout-busy",
      "not everybody has been seen on the plane of this step yet; nobody can skip that",
    );
  return next(state, `promoted by ${event.who}`);
}

function tick(state: RolloutState, astray: readonly string[] | undefined): Advance {
  const { settings, stage, ageMs } = state;
  const late = ageMs - state.sinceMs >= settings.moveMs;
  if (stage === "going-back") {
    if (astray?.length === 0) return said(enter(state, "aborted"), "everybody was seen where he was before");
    if (!late || astray === undefined) return still(state);
    const missing = astray.join("; ");
    const lost = { ...enter(state, "failed-to-go-back"), why: `${state.why}; NOT SEEN BACK: ${missing}` };
    return said(lost, `not seen back within ${seconds(settings.moveMs)}: ${missing}`);
  }
  if (ageMs >= settings.deadlineMs)
    return goBack(state, `not done within its deadline of ${seconds(settings.deadlineMs)}`);
  if (state.seen || astray === undefined) return still(state);
  if (astray.length === 0)
    return said({ ...state, seen: true, seenMs: ageMs }, "everybody is seen where wanted, both ways");
  if (!late) return still(state);
  return goBack(state, `not seen within ${seconds(settings.moveMs)}: ${astray.join("; ")}`);
}

function judged(before: RolloutState, event: Extract<RolloutEvent, { readonly type: "verdict" }>): Advance {
  const { verdict, reasons, memory = before.memory, unjudged = before.unjudged ?? [] } = event;
  if (before.stage === "going-back") return still(before);
  const { settings, ageMs } = before;
  const last = { verdict, reasons: [...reasons], ageMs };
  const state = { ...before, memory, unjudged: [...unjudged], last };
  if (verdict === "fail") {
    const failed = { ...state, failures: state.failures + 1 };
    const { failureLimit } = settings;
    const why = reasons.join("; ");
    if (failed.failures < failureLimit)
      return said(failed, `the judge says no, ${failed.failures} of ${failureLimit} times: ${why}`);
    return goBack(failed, `the judge says no: ${why}`);
  }
  const ripe = state.seen && ageMs - state.seenMs >= wantedMsOf(state);
  return verdict === "pass" && ripe && state.paused === null ? next(state, "passed") : still(state);
}

function next(state: RolloutState, because: string): Advance {
  const { stage, step, steps, from, to } = state;
  if (stage === "baseline")
    return said(enter(state, "there"), `${because}; rehearsal: ${canaryNames(state)} to ${to}`);
  if (stage === "there") return said(enter(state, "back"), `${because}; rehearsal: back to ${from}`);
  if (stage === "back")
    return said(enter(state, "step"), `${because}; step 1: ${canaryNames(state)} to ${to}`);
  const size = steps[step + 1]?.size;
  if (size === undefined) return said(enter(state, "done"), `${because}; done`);
  const text = `${because}; step ${step + 2}: ${size} of ${state.members.length} Edges to ${to}`;
  return said(enter({ ...state, step: step + 1 }, "step"), text);
}

function leave(
  before: RolloutState,
  { who, edges }: Extract<RolloutEvent, { readonly type: "exception" }>,
): Advance {
  const members = before.members.map((member) =>
    edges.includes(member.edge) ? { ...member, left: true } : member,
  );
  const state = { ...before, members };
  const told = `${edges.join(", ")} left the cohort: steered by ${who}`;
  if (state.stage === "going-back") return said(state, told);
  // What the canaries prove, only canaries can prove; and nobody can be led on when nobody is left.
  const rehearsing = state.stage !== "step" && canariesOf(state).length === 0;
  if (rehearsing || membersOf(state).length === 0)
    return goBack(state, `${told}, and none is left ${rehearsing ? "to rehearse with" : "in the cohort"}`);
  return said(state, told);
}

function goBack(state: RolloutState, why: string): Advance {
  // Before anybody moved there is nobody to wait for.
  const stage = state.reached === 0 || membersOf(state).length === 0 ? "aborted" : "going-back";
  return said({ ...enter(state, stage), why }, why);
}

function enter(state: RolloutState, stage: Stage): RolloutState {
  const { ageMs } = state;
  const entered = { ...state, stage, seen: false, sinceMs: ageMs, seenMs: ageMs, paused: null, last: null };
  const size = state.steps[state.step]?.size ?? 0;
  return stage === "there" || stage === "step"
    ? { ...entered, reached: Math.max(size, state.reached) }
    : entered;
}

function canaryNames(state: RolloutState): string {
  return canariesOf(state)
    .map(({ edge }) => edge)
    .join(", ");
}

function said(state: RolloutState, told: string): Advance {
  return { ok: true, state, told };
}

function still(state: RolloutState): Advance {
  return said(state, "");
}

function refuse(code: RolloutRefusal, message: string): Advance {
  return { ok: false, code, message };
}

function seconds(ms: number): string {
  return `${Math.round(ms / 100) / 10} s`;
}

/** Whether two states steer alike: then storing the second needs no commit. */
export function steersAlike(one: RolloutState, other: RolloutState): boolean {
  const [a, b] = [movedOf(one), movedOf(other)];
  return a.length === b.length && a.every((edge, i) => edge === b[i]);
}
