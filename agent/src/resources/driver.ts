import type { Change, Outcome } from "../core/kind.ts";

/** The shell half of one kind of resource. */
export interface Driver<T> {
  /** Every object of this kind that is ours (ownership.ts), as it is now. Changes nothing. */
  observe(signal: AbortSignal): Promise<readonly T[]>;
  /**
   * Makes the changes, in order, and says of each what really happened. One object's failure is an Outcome and does not
   * stop the rest; only a broken transport throws. Decides nothing.
   */
  apply(changes: readonly Change<T>[], signal: AbortSignal): Promise<readonly Outcome[]>;
}
