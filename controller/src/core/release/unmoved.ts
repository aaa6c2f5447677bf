import type { Question } from "./question.ts";

/** Until when an Edge had not been moved: what was measured of it before that is what it is compared with afterwards. */
export interface Unmoved {
  readonly hasMoved: boolean;
  /** Milliseconds as in the question. Undefined: it was steered already when its rollout was first looked at by this process. */
  readonly untilMs: number | undefined;
}

/**
 * What is known after one more look at a rollout. An Edge counts as moved from the look at which it is steered, not only
 * once it is seen: what is measured of it on its way is neither before nor after.
 * @param known after the look before; undefined at first, and after a restart.
 */
export function noteUnmoved(
  known: ReadonlyMap<string, Unmoved> | undefined,
  { steered, windowToMs }: Pick<Question, "steered" | "windowToMs">,
  edges: readonly string[],
): ReadonlyMap<string, Unmoved> {
  const moving = new Set(steered);
  return new Map(
    edges.map((edge): [string, Unmoved] => {
      const before = known?.get(edge);
      const hasMoved = moving.has(edge) || before?.hasMoved === true;
      return [edge, { hasMoved, untilMs: hasMoved ? before?.untilMs : windowToMs }];
    }),
  );
}
