import type { Change, Kind, Outcome } from "./kind.ts";

/** Why an object is not yet as desired. */
export interface Failure {
  readonly errno: number;
  readonly reason: string;
  readonly attempts: number;
  readonly sinceMs: number;
  readonly retryAtMs: number;
}

export interface TablePlan<T> {
  /** Creates and replaces, in the order desired objects were given. */
  readonly puts: readonly Change<T>[];
  readonly deletes: readonly Change<T>[];
  /** Keys that wait: a deletion held back, or a retry whose time has not come. */
  readonly waiting: readonly string[];
}

const RETRY_FIRST_MS = 200;
const RETRY_MAX_MS = 30_000;

/**
 * Desired against observed for one kind. Only keys that may differ are looked at again, so one moved BGP route costs
 * one comparison whatever the table's size. Holds no socket and no clock: times come in as arguments.
 */
export class ResourceTable<T> {
  readonly kind: Kind<T>;
  readonly #desired = new Map<string, T>();
  readonly #observed = new Map<string, T>();
  readonly #dirty = new Set<string>();
  readonly #failures = new Map<string, Failure>();

  constructor(kind: Kind<T>) {
    this.kind = kind;
  }

  get desiredCount(): number {
    return this.#desired.size;
  }

  get observedCount(): number {
    return this.#observed.size;
  }

  get failures(): ReadonlyMap<string, Failure> {
    return this.#failures;
  }

  desired(key: string): T | undefined {
    return this.#desired.get(key);
  }

  /** A copy, for drivers that look only at what is desired. */
  desiredKeys(): ReadonlySet<string> {
    return new Set(this.#desired.keys());
  }

  /** Replaces the whole desired set. */
  setDesired(objects: Iterable<T>): void {
    const gone = new Set(this.#desired.keys());
    for (const object of objects) gone.delete(this.putDesired(object));
    for (const key of gone) this.removeDesired(key);
  }

  /** Adds or changes one desired object; returns its key. */
  putDesired(object: T): string {
    const normal = this.kind.normalise(object);
    const key = this.kind.key(normal);
    const before = this.#desired.get(key);
    this.#desired.set(key, normal);
    if (before === undefined || !this.kind.equal(normal, before)) this.#dirty.add(key);
    return key;
  }

  removeDesired(key: string): void {
    if (this.#desired.delete(key)) this.#dirty.add(key);
  }

  /** Replaces what is known of the kernel, after a full dump. */
  setObserved(objects: Iterable<T>): void {
    this.#observed.clear();
    for (const object of objects) this.#observed.set(this.kind.key(object), object);
    for (const key of this.#observed.keys()) this.#dirty.add(key);
    for (const key of this.#desired.keys()) this.#dirty.add(key);
  }

  /** The kernel has dropped these without a word (link down): no longer believed to be there. */
  forgetObserved(isGone: (object: T) => boolean): number {
    let count = 0;
    for (const [key, object] of this.#observed) {
      if (!isGone(object)) continue;
      this.#observed.delete(key);
      this.#dirty.add(key);
      count++;
    }
    return count;
  }

  /** What would have to change. `mayDelete` is false while the desired state is not yet known to be complete. */
  plan(nowMs: number, mayDelete: boolean): TablePlan<T> {
    const puts: Change<T>[] = [];
    const deletes: Change<T>[] = [];
    const waiting: string[] = [];
    for (const key of this.#dirty) {
      const desired = this.#desired.get(key);
      const observed = this.#observed.get(key);
      const settled =
        desired === undefined
          ? observed === undefined
          : observed !== undefined && this.kind.equal(desired, observed);
      if (settled) {
        this.#dirty.delete(key);
        this.#failures.delete(key);
        continue;
      }
      const failure = this.#failures.get(key);
      if (failure !== undefined && failure.retryAtMs > nowMs) waiting.push(key);
      else if (desired === undefined && observed !== undefined) {
        if (mayDelete) deletes.push({ op: "delete", key, observed });
        else waiting.push(key);
      } else if (desired !== undefined) {
        if (observed === undefined) puts.push({ op: "create", key, desired });
        else puts.push({ op: "replace", key, desired, observed });
      }
    }
    return { puts, deletes, waiting };
  }

  /** Takes in what really happened. An outcome for each change, same order. */
  settle(changes: readonly Change<T>[], outcomes: readonly Outcome[], nowMs: number): void {
    for (const [i, change] of changes.entries()) {
      const outcome = outcomes[i];
      if (outcome === undefined) continue;
      if (outcome.ok) {
        this.#failures.delete(change.key);
        if (change.op === "delete") this.#observed.delete(change.key);
        else this.#observed.set(change.key, change.desired);
        continue;
      }
      const before = this.#failures.get(change.key);
      const attempts = (before?.attempts ?? 0) + 1;
      const backoffMs = Math.min(RETRY_MAX_MS, RETRY_FIRST_MS * 2 ** Math.min(attempts - 1, 10));
      this.#failures.set(change.key, {
        errno: outcome.errno,
        reason: outcome.reason,
        attempts,
        sinceMs: before?.sinceMs ?? nowMs,
        retryAtMs: nowMs + backoffMs,
      });
    }
  }

  /** Something that failures may have waited for has changed: try them again now. */
  retryNow(): void {
    for (const [key, failure] of this.#failures) this.#failures.set(key, { ...failure, retryAtMs: 0 });
  }

  /** When the next retry is due, if any. */
  nextRetryMs(): number | undefined {
    let next: number | undefined;
    for (const { retryAtMs } of this.#failures.values())
      if (next === undefined || retryAtMs < next) next = retryAtMs;
    return next;
  }
}
