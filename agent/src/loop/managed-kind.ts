import type { Digest } from "../core/digest.ts";
import type { Change, KindName } from "../core/kind.ts";
import type { ResourceTable } from "../core/resource-table.ts";
import type { Driver } from "../resources/driver.ts";

export interface KindFault {
  readonly reason: string;
  readonly sinceMs: number;
}

/** One kind of resource with its driver: the only place that calls a driver's `apply`. */
export interface Managed {
  readonly name: KindName;
  /** The kernel may differ from what is remembered: dump before the next plan. */
  stale: boolean;
  /** Why this kind as a whole cannot be looked at or changed now (its tool is missing, say); the other kinds go on. */
  fault: KindFault | undefined;
  observe(signal: AbortSignal): Promise<void>;
  /** Takes away what must not wait for the rest of a cycle, of what the last look showed; returns how many succeeded. */
  cut(nowMs: number, signal: AbortSignal): Promise<number>;
  /** Creates and replaces what differs; returns how many succeeded. */
  put(nowMs: number, signal: AbortSignal): Promise<number>;
  /** Deletes what is not desired; returns how many succeeded. */
  remove(nowMs: number, signal: AbortSignal): Promise<number>;
  retryNow(): void;
  /** What `put` and `remove` would do now, one line each. Changes nothing. */
  preview(): readonly string[];
  readonly desiredCount: number;
  readonly observedCount: number;
  readonly failures: ReadonlyMap<string, { readonly reason: string; readonly sinceMs: number }>;
  nextRetryMs(): number | undefined;
  /**
   * Digests of what was seen and of what is desired, once at most `limit` objects had to be counted for them; undefined until then.
   * Nothing was seen while it cannot be looked at.
   */
  digests(limit: number): { readonly observed: Digest | undefined; readonly desired: Digest } | undefined;
}

interface Planned<T> {
  readonly puts: readonly Change<T>[];
  readonly deletes: readonly Change<T>[];
  readonly deletable: boolean;
  /** Of the table. */
  readonly version: number;
}

export interface ManageOptions<T> {
  /** What a dump showed to have gone or changed though nobody here did it. */
  readonly onDrift?: (drifted: readonly T[]) => void;
  /** Changes by which somebody is cut off: made before any other work. Absent, or undefined: there are none. */
  readonly cuts?: () => ((change: Change<T>) => boolean) | undefined;
}

/** @param mayDelete whether the desired state is known to be complete */
export function manage<T>(
  table: ResourceTable<T>,
  driver: Driver<T>,
  mayDelete: () => boolean,
  { onDrift, cuts: cutsOf }: ManageOptions<T> = {},
): Managed {
  const { kind } = table;
  const succeeded = (outcomes: readonly { readonly ok: boolean }[]): number =>
    outcomes.reduce((count, { ok }) => count + (ok ? 1 : 0), 0);
  /** Deletions of the plan that put() made. They are remove()'s as well if nothing has changed since. */
  let planned: Planned<T> | undefined;
  let wasSeen = false;
  const plan = (nowMs: number): Planned<T> => {
    const deletable = mayDelete();
    const { puts, deletes } = table.plan(nowMs, deletable);
    return { puts, deletes, deletable, version: table.version };
  };
  return {
    name: kind.name,
    stale: true,
    fault: undefined,
    async observe(signal) {
      this.stale = false;
      try {
        const drifted = table.setObserved(await driver.observe(signal));
        wasSeen = true;
        if (drifted.length > 0) onDrift?.(drifted);
      } catch (error) {
        this.stale = true;
        throw error;
      }
    },
    async cut(nowMs, signal) {
      const isCut = cutsOf?.();
      if (isCut === undefined) return 0;
      const { puts, deletes } = table.plan(nowMs, mayDelete());
      const cuts = [...puts, ...deletes].filter(isCut);
      if (cuts.length === 0) return 0;
      planned = undefined;
      const outcomes = await driver.apply(cuts, signal);
      table.settle(cuts, outcomes, nowMs);
      const count = succeeded(outcomes);
      if (count < cuts.length) {
        // The kernel is not what it was taken for: looked at anew, and tried again in this cycle.
        this.stale = true;
        table.retryNow();
      }
      return count;
    },
    async put(nowMs, signal) {
      planned = plan(nowMs);
      const { puts } = planned;
      if (puts.length === 0) return 0;
      const outcomes = await driver.apply(puts, signal);
      table.settle(puts, outcomes, nowMs);
      return succeeded(outcomes);
    },
    async remove(nowMs, signal) {
      const stands = planned?.version === table.version && planned.deletable === mayDelete();
      const { deletes } = planned !== undefined && stands ? planned : plan(nowMs);
      planned = undefined;
      if (deletes.length === 0) return 0;
      const outcomes = await driver.apply(deletes, signal);
      table.settle(deletes, outcomes, nowMs);
      return succeeded(outcomes);
    },
    retryNow: () => table.retryNow(),
    preview() {
      // A retry that is not due yet is still something that would be done.
      const { puts, deletes } = table.plan(Number.POSITIVE_INFINITY, mayDelete());
      const sign = { create: "+", replace: "~", delete: "-" } as const;
      return [...puts, ...deletes].map(
        (change) =>
          `${sign[change.op]} ${kind.name} ${kind.describe(change.op === "delete" ? change.observed : change.desired)}`,
      );
    },
    get desiredCount() {
      return table.desiredCount;
    },
    get observedCount() {
      return table.observedCount;
    },
    get failures() {
      return table.failures;
    },
    nextRetryMs: () => table.nextRetryMs(),
    digests(limit) {
      const both = table.digests(limit);
      if (both === undefined || (wasSeen && this.fault === undefined)) return both;
      return { observed: undefined, desired: both.desired };
    },
  };
}
