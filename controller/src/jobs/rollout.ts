import type { Judgement } from "../core/release/question.ts";
import { boundReasons } from "../core/release/record.ts";
import { advance, type RolloutEvent } from "../core/release/rollout.ts";
import {
  awaitedOf,
  movedOf,
  nextOf,
  type RolloutState,
  settledOf,
  stepNumber,
  wantedMsOf,
} from "../core/release/rollout-state.ts";
import { messageOf } from "../errors.ts";
import type { Context } from "../operations/context.ts";
import { astrayOf } from "../operations/observe-astray.ts";
import type { Running } from "../operations/rollouts.ts";

/** How often rollouts are looked at, milliseconds. */
export const LOOK_EVERY_MS = 200;
/** The judge is asked so many times while a stage lasts, within these bounds; the upper one is the operating curve's. */
const JUDGED_PER_STAGE = 4;
const JUDGE_AT_LEAST_MS = 500;
const JUDGE_AT_MOST_MS = 15_000;

/** Drives the rollouts: looks who is where, asks the judge, and brings both to the state machine. */
export class RolloutDriver {
  /** Monotonic milliseconds at which the judge was asked last. */
  readonly #judgedMs = new Map<number, number>();
  /** What was logged last, so that what fails each time is said once. */
  readonly #failures = new Map<number, string>();

  /** To be called again and again. A failure of one rollout is logged and does not stop the others. */
  async look(context: Context): Promise<void> {
    const { rollouts, log } = context;
    for (const running of rollouts.running) {
      const { id } = running.state;
      try {
        await this.#lookAt(context, running);
        this.#failures.delete(id);
      } catch (error) {
        const reason = messageOf(error);
        if (this.#failures.get(id) !== reason) log.error({ rollout: id, reason }, "a rollout cannot go on");
        this.#failures.set(id, reason);
      }
    }
    const alive = new Set(rollouts.running.map(({ state }) => state.id));
    for (const id of this.#judgedMs.keys()) if (!alive.has(id)) this.#judgedMs.delete(id);
  }

  async #lookAt(context: Context, running: Running): Promise<void> {
    const { rollouts } = context;
    const { state, bornMs } = running;
    const tick = tickOf(context, running);
    const done = advance(state, tick, rollouts.ageOf(running));
    if (done.ok && done.told !== "") return rollouts.bring(context, state, tick);
    if (state.stage === "going-back") return;
    const nowMs = context.clock.monotonicMs();
    if (nowMs - (this.#judgedMs.get(state.id) ?? Number.NEGATIVE_INFINITY) < judgeEveryMs(state)) return;
    this.#judgedMs.set(state.id, nowMs);
    const judgement = ask(context, state, bornMs, nowMs);
    const { verdict, memory, unjudged } = judgement;
    const event = {
      ...{ type: "verdict" as const, verdict, reasons: boundReasons(judgement.reasons), memory },
      ...(unjudged === undefined ? {} : { unjudged }),
    };
    await rollouts.bring(context, state, event, judgement);
  }
}

/** A judge that fails has not said yes. */
function ask(context: Context, state: RolloutState, bornMs: number, nowMs: number): Judgement {
  const { id, from, to, seen, seenMs, sinceMs, settings } = state;
  try {
    return context.rollouts.judge(context)({
      rollout: id,
      from,
      to,
      moved: settledOf(state),
      steered: movedOf(state),
      next: nextOf(state),
      windowFromMs: bornMs + (seen ? seenMs : sinceMs),
      windowToMs: nowMs,
      step: stepNumber(state),
      intervalMs: wantedMsOf(state),
      baselineNow: settings.baselineNow,
      metrics: settings.metrics ?? {},
      memory: state.memory,
    });
  } catch (error) {
    return { verdict: "hold", reasons: [`the judge failed: ${messageOf(error)}`], detail: null };
  }
}

function tickOf(
  context: Context,
  { state, bornMs }: Running,
): Extract<RolloutEvent, { readonly type: "tick" }> {
  const looks = state.stage === "going-back" || !state.seen;
  return looks
    ? { type: "tick", astray: astrayOf(context, awaitedOf(state), bornMs + state.sinceMs) }
    : { type: "tick" };
}

function judgeEveryMs(state: RolloutState): number {
  return Math.min(JUDGE_AT_MOST_MS, Math.max(JUDGE_AT_LEAST_MS, wantedMsOf(state) / JUDGED_PER_STAGE));
}
