import type { Change, Kind, Outcome } from "./kind.ts";
import { type Digested, TableDigest, type TableDigests } from "./table-digest.ts";

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

/** What is known of one key. */
interface Entry<T> extends Digested<T> {
  desired: T | undefined;
  observed: T | undefined;
  /** Stands in the list of those that plan() looks at. */
  listed: boolean;
  /** No longer in the table. */
  gone: boolean;
  /** The last complete set, of desired or of observed objects, that had it. */
  set: number;
}

const RETRY_FIRST_MS = 200;
const RETRY_MAX_MS = 30_000;

/**
 * Desired against observed for one kind. Only keys that may differ are looked at again, so one moved BGP route costs
 * one comparison whatever the table's size. Holds no socket and no clock: times come in as arguments.
 */
export class ResourceTable<T> {
  readonly kind: Kind<T>;
  readonly #entries = new Map<string, Entry<T>>();
  /** Those that may differ, oldest doubt first. */
  #doubtful: Entry<T>[] = [];
  readonly #failures = new Map<string, Failure>();
  /** What the changes of a plan are about, in their order: settle() need not look up each key. */
  readonly #planned = new WeakMap<readonly Change<T>[], readonly Entry<T>[]>();
  #desiredCount = 0;
  #observedCount = 0;
  #set = 0;
  #version = 0;
  readonly #digest: TableDigest<T>;

  constructor(kind: Kind<T>) {
    this.kind = kind;
    this.#digest = new TableDigest(kind, (entry) => this.#isSettled(entry));
  }

  get desiredCount(): number {
    return this.#desiredCount;
  }

  get observedCount(): number {
    return this.#observedCount;
  }

  get failures(): ReadonlyMap<string, Failure> {
    return this.#failures;
  }

  /** Another number after everything that may make a plan another one, but for settle(). */
  get version(): number {
    return this.#version;
  }

  /** Of what is observed and what is desired, once at most `limit` objects had to be counted for it; undefined until then. */
  digests(limit: number): TableDigests | undefined {
    return this.#digest.count(limit);
  }

  desired(key: string): T | undefined {
    return this.#entries.get(key)?.desired;
  }

  /** A copy, for drivers that look only at what is desired. */
  desiredKeys(): ReadonlySet<string> {
    const keys = new Set<string>();
    for (const { key, desired } of this.#entries.values()) if (desired !== undefined) keys.add(key);
    return keys;
  }

  /** Replaces the whole desired set. */
  setDesired(objects: Iterable<T>): void {
    const set = ++this.#set;
    for (const object of objects) this.#want(object).set = set;
    for (const entry of this.#entries.values()) if (entry.set !== set) this.#wantNot(entry);
  }

  /** Adds or changes one desired object; returns its key. */
  putDesired(object: T): string {
    return this.#want(object).key;
  }

  removeDesired(key: string): void {
    const entry = this.#entries.get(key);
    if (entry !== undefined) this.#wantNot(entry);
  }

  #want(object: T): Entry<T> {
    const normal = this.kind.normalise(object);
    const entry = this.#entry(this.kind.key(normal));
    const before = entry.desired;
    entry.desired = normal;
    if (before === undefined) this.#desiredCount++;
    else if (before === normal || this.kind.equal(normal, before)) return entry;
    this.#doubt(entry);
    return entry;
  }

  #wantNot(entry: Entry<T>): void {
    if (entry.desired === undefined) return;
    entry.desired = undefined;
    this.#desiredCount--;
    this.#doubt(entry);
  }

  /**
   * Replaces what is known of the kernel, after a full dump. Returns desired objects that were there and are not any more, or
   * are something else: nobody here did that.
   */
  setObserved(objects: Iterable<T>): readonly T[] {
    const set = ++this.#set;
    const drifted: T[] = [];
    for (const object of objects) {
      const entry = this.#entry(this.kind.key(object));
      const { desired } = entry;
      const wasSettled = this.#isSettled(entry);
      if (entry.observed === undefined) this.#observedCount++;
      entry.observed = object;
      entry.set = set;
      if (!this.#isSettled(entry)) {
        if (desired !== undefined && wasSettled) drifted.push(desired);
        this.#doubt(entry);
      } else {
        entry.observed = desired; // as after settle(): one object instead of two
        if (!wasSettled) this.#digest.touch(entry);
      }
    }
    for (const entry of this.#entries.values()) {
      if (entry.set === set) continue;
      if (entry.desired !== undefined && this.#isSettled(entry)) drifted.push(entry.desired);
      this.#lose(entry);
    }
    this.#version++;
    return drifted;
  }

  /** The kernel has dropped these without a word (link down): no longer believed to be there. */
  forgetObserved(isGone: (object: T) => boolean): number {
    let count = 0;
    for (const entry of this.#entries.values()) {
      if (entry.observed === undefined || !isGone(entry.observed)) continue;
      this.#lose(entry);
      count++;
    }
    return count;
  }

  #lose(entry: Entry<T>): void {
    if (entry.observed === undefined) return;
    entry.observed = undefined;
    this.#observedCount--;
    this.#doubt(entry);
  }

  #entry(key: string): Entry<T> {
    let entry = this.#entries.get(key);
    if (entry === undefined) {
      entry = {
        key,
        desired: undefined,
        observed: undefined,
        listed: false,
        gone: false,
        set: 0,
        recount: false,
        wantedHigh: 0,
        wantedLow: 0,
        seenHigh: 0,
        seenLow: 0,
      };
      this.#entries.set(key, entry);
    }
    return entry;
  }

  #doubt(entry: Entry<T>): void {
    this.#version++;
    this.#digest.touch(entry);
    if (entry.listed) return;
    entry.listed = true;
    this.#doubtful.push(entry);
  }

  #isSettled({ desired, observed }: Digested<T>): boolean {
    if (desired === observed) return true; // nothing on both sides, or put there by us
    return desired !== undefined && observed !== undefined && this.kind.equal(desired, observed);
  }

  /** Objects that are not as desired, as far as is known: one of the two is undefined or they differ. Changes nothing. */
  *unsettled(): Generator<{ readonly desired: T | undefined; readonly observed: T | undefined }> {
    for (const entry of this.#doubtful) if (!this.#isSettled(entry)) yield entry;
  }

  /** What would have to change. `mayDelete` is false while the desired state is not yet known to be complete. */
  plan(nowMs: number, mayDelete: boolean): TablePlan<T> {
    const puts: Change<T>[] = [];
    const deletes: Change<T>[] = [];
    const waiting: string[] = [];
    const toPut: Entry<T>[] = [];
    const toDelete: Entry<T>[] = [];
    const doubtful: Entry<T>[] = [];
    for (const entry of this.#doubtful) {
      const { key, desired, observed } = entry;
      if (this.#isSettled(entry)) {
        entry.listed = false;
        if (this.#failures.size > 0) this.#failures.delete(key);
        if (desired === undefined) entry.gone = this.#entries.delete(key);
        continue;
      }
      doubtful.push(entry);
      const failure = this.#failures.size === 0 ? undefined : this.#failures.get(key);
      if (failure !== undefined && failure.retryAtMs > nowMs) waiting.push(key);
      else if (desired !== undefined) {
        if (observed === undefined) puts.push({ op: "create", key, desired });
        else puts.push({ op: "replace", key, desired, observed });
        toPut.push(entry);
      } else if (observed !== undefined) {
        if (!mayDelete) waiting.push(key);
        else {
          deletes.push({ op: "delete", key, observed });
          toDelete.push(entry);
        }
      }
    }
    this.#doubtful = doubtful;
    this.#planned.set(puts, toPut);
    this.#planned.set(deletes, toDelete);
    return { puts, deletes, waiting };
  }

  /** Takes in what really happened. An outcome for each change, same order. */
  settle(changes: readonly Change<T>[], outcomes: readonly Outcome[], nowMs: number): void {
    const entries = this.#planned.get(changes);
    for (let i = 0; i < changes.length; i++) {
      const change = changes[i];
      const outcome = outcomes[i];
      if (change === undefined || outcome === undefined) continue;
      const planned = entries?.[i];
      const entry = planned === undefined || planned.gone ? this.#entry(change.key) : planned;
      if (outcome.ok) this.#succeed(entry, change);
      else this.#fail(entry, outcome.errno, outcome.reason, nowMs);
    }
  }

  #succeed(entry: Entry<T>, change: Change<T>): void {
    if (this.#failures.size > 0) this.#failures.delete(entry.key);
    const observed = change.op === "delete" ? undefined : change.desired;
    this.#observedCount += Number(observed !== undefined) - Number(entry.observed !== undefined);
    entry.observed = observed;
    // Listed it stays until plan() has looked at it: meanwhile another object may have become the desired one.
    if (entry.listed) this.#digest.touch(entry);
    else this.#doubt(entry);
  }

  #fail(entry: Entry<T>, errno: number, reason: string, nowMs: number): void {
    const { key } = entry;
    this.#doubt(entry); // so that plan() takes the failure away once there is nothing left to do
    const before = this.#failures.get(key);
    const attempts = (before?.attempts ?? 0) + 1;
    const backoffMs = Math.min(RETRY_MAX_MS, RETRY_FIRST_MS * 2 ** Math.min(attempts - 1, 10));
    this.#failures.set(key, {
      errno,
      reason,
      attempts,
      sinceMs: before?.sinceMs ?? nowMs,
      retryAtMs: nowMs + backoffMs,
    });
  }

  /** Something that failures may have waited for has changed: try them again now. */
  retryNow(): void {
    for (const [key, failure] of this.#failures) this.#failures.set(key, { ...failure, retryAtMs: 0 });
    if (this.#failures.size > 0) this.#version++;
  }

  /** When the next retry is due, if any. */
  nextRetryMs(): number | undefined {
    let next: number | undefined;
    for (const { retryAtMs } of this.#failures.values())
      if (next === undefined || retryAtMs < next) next = retryAtMs;
    return next;
  }
}
