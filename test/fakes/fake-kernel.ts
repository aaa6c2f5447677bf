import type { Change, Kind, Outcome } from "../../agent/src/core/kind.ts";
import type { Driver } from "../../agent/src/resources/driver.ts";

/** What a test makes go wrong. Each is asked for every time, so that an obstacle can come and go. */
export interface Trouble<T> {
  /** Refuses one change: errno and the kernel's words. */
  refuse?: (change: Change<T>) => { readonly errno: number; readonly reason: string } | undefined;
  /** Breaks a dump as a whole. */
  breakObserve?: () => Error | undefined;
  /** Breaks `apply` after this many changes were made, as a kill or a lost socket would. */
  breakApplyAfter?: () => number | undefined;
}

/** What the fake throws where it was told to break. */
export class FakeBroken extends Error {
  override readonly name = "FakeBroken";
}

/**
 * A fake: one kind of kernel object in a Map, behind the same interface as the real drivers and under the same suite
 * (driver-conformance.ts). It counts what it was asked and refuses what a test tells it to.
 */
export class FakeDriver<T> implements Driver<T> {
  readonly objects = new Map<string, T>();
  /** Keys that somebody else has taken: a create there is refused with EEXIST, and nothing of it is observed. */
  readonly foreign = new Set<string>();
  trouble: Trouble<T> = {};
  observed = 0;
  /** Every change that was asked for, in order. */
  readonly asked: Change<T>[] = [];
  readonly #kind: Kind<T>;

  constructor(kind: Kind<T>) {
    this.#kind = kind;
  }

  async observe(signal: AbortSignal): Promise<readonly T[]> {
    signal.throwIfAborted();
    this.observed++;
    const broken = this.trouble.breakObserve?.();
    if (broken !== undefined) throw broken;
    return [...this.objects.values()];
  }

  async apply(changes: readonly Change<T>[], signal: AbortSignal): Promise<readonly Outcome[]> {
    const limit = this.trouble.breakApplyAfter?.() ?? Number.POSITIVE_INFINITY;
    const outcomes: Outcome[] = [];
    for (const change of changes) {
      signal.throwIfAborted();
      if (outcomes.length >= limit) throw new FakeBroken(`broke after ${limit} changes`);
      this.asked.push(change);
      outcomes.push(this.#one(change));
    }
    return outcomes;
  }

  #one(change: Change<T>): Outcome {
    const { key } = change;
    const refused = this.trouble.refuse?.(change);
    if (refused !== undefined) return { key, ok: false, ...refused };
    if (change.op === "delete") {
      this.objects.delete(key);
      return { key, ok: true };
    }
    if (this.foreign.has(key))
      return {
        key,
        ok: false,
        errno: 17,
        reason: "the place is taken by an object that is not ours (EEXIST)",
      };
    this.objects.set(key, this.#kind.normalise(change.desired));
    return { key, ok: true };
  }
}
