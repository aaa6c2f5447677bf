import {
  levelOfRollout,
  type RolloutEvent,
  type RolloutEventType,
} from "@vsix/shared/notify/rollout-event.ts";
import type { ChangeBody } from "../core/release/record.ts";

/** One change of a rollout as it was recorded, and what it is of. */
export interface RecordedChange {
  readonly number: number;
  /** Wall clock, milliseconds. */
  readonly at: number;
  readonly who: string;
  readonly body: ChangeBody;
}

export interface TurnOf {
  readonly rollout: number;
  readonly from: string;
  readonly to: string;
  readonly steps: number;
  readonly edges: number;
}

/** What people are told of a change; undefined for one that is none of their business. `before`: the change before it. */
export function turnOf(
  of: TurnOf,
  before: RecordedChange | undefined,
  { at, who, body }: RecordedChange,
): RolloutEvent | undefined {
  const type = typeOf(before?.body, body);
  if (type === undefined) return undefined;
  return {
    type,
    level: levelOfRollout(type),
    ...of,
    // Who goes back goes back from a step, which the record of going back still names.
    step: body.step,
    movedBefore: before?.body.moved.length ?? 0,
    moved: body.moved.length,
    who,
    words: body.told,
    at,
  };
}

function typeOf(before: ChangeBody | undefined, now: ChangeBody): RolloutEventType | undefined {
  if (before === undefined) return "started";
  const { stage, failures = 0 } = now;
  if (before.stage === stage) return failures > (before.failures ?? 0) ? "verdict-failed" : undefined;
  return stage === "going-back" || stage === "aborted" || stage === "done" || stage === "failed-to-go-back"
    ? stage
    : undefined;
}
