import type { HealthPart } from "@vsix/shared/contract/part-health.ts";
import { judge, judgeFacts, notTried } from "./judge.ts";
import type { Check, LocalFacts, Outcome, Result } from "./model.ts";
import { addressFor } from "./where.ts";

/** A check that may be made now, and where its packets go. */
export interface Due {
  readonly check: Check;
  /** Of checks that send somewhere. */
  readonly address: string | undefined;
}

/**
 * Which checks of a plan may begin, as others end. Without clock or socket: whoever has those takes what is due and tells
 * what came of it.
 */
export class HealthRun {
  readonly #part: HealthPart;
  readonly #facts: LocalFacts;
  readonly #plan: readonly Check[];
  readonly #results = new Map<string, Result>();
  readonly #underWay = new Set<string>();
  /** Not made at all: nothing failed that they would explain. */
  readonly #left = new Set<string>();

  constructor(part: HealthPart, facts: LocalFacts, plan: readonly Check[]) {
    this.#part = part;
    this.#facts = facts;
    this.#plan = plan;
  }

  /** What may begin now. What needs nothing sent, or cannot be tried, is decided on the way. */
  due(): readonly Due[] {
    const due: Due[] = [];
    for (let before = -1; before !== this.#results.size + this.#left.size; ) {
      before = this.#results.size + this.#left.size;
      for (const check of this.#plan) {
        if (this.#isDecided(check.id) || this.#underWay.has(check.id)) continue;
        const next = this.#look(check);
        if (next !== undefined) {
          this.#underWay.add(check.id);
          due.push(next);
        }
      }
    }
    return due;
  }

  done(check: Check, outcome: Outcome): Result {
    this.#underWay.delete(check.id);
    const result = judge(check, outcome, this.#part.limits);
    this.#results.set(check.id, result);
    return result;
  }

  /** The check could not be made, for want of something on this machine. */
  failed(check: Check, why: string): Result {
    this.#underWay.delete(check.id);
    const result = { ...notTried(check, why), text: why, excused: true };
    this.#results.set(check.id, result);
    return result;
  }

  /** In the order of the plan. */
  get results(): readonly Result[] {
    return this.#plan.flatMap(({ id }) => this.#results.get(id) ?? []);
  }

  get isOver(): boolean {
    return this.#plan.every(({ id }) => this.#isDecided(id));
  }

  #isDecided(id: string): boolean {
    return this.#results.has(id) || this.#left.has(id);
  }

  #look(check: Check): Due | undefined {
    const { id, needs, onlyIfBad, task } = check;
    if (onlyIfBad !== undefined) {
      if (!this.#isDecided(onlyIfBad)) return undefined;
      const other = this.#results.get(onlyIfBad);
      if (other?.tried !== true || other.state !== "bad") {
        this.#left.add(id);
        return undefined;
      }
    }
    if (task.kind === "facts" && needs.length === 0) {
      this.#results.set(id, judgeFacts(check, this.#facts));
      return undefined;
    }
    for (const group of needs) {
      if (group.some((one) => this.#isGood(one))) continue;
      if (group.some((one) => !this.#isDecided(one))) return undefined;
      this.#results.set(id, notTried(check, this.#because(group)));
      return undefined;
    }
    if (task.kind === "facts") {
      this.#results.set(id, judgeFacts(check, this.#facts));
      return undefined;
    }
    if (!("to" in task)) return { check, address: undefined };
    // All that may know the address has been heard, unless one has told it already.
    const address = addressFor(task.to, this.#part, this.#facts, this.results);
    if (address !== undefined) return { check, address };
    if (needs.flat().some((one) => !this.#isDecided(one))) return undefined;
    this.#results.set(id, notTried(check, "there is no IPv6 address for it"));
    return undefined;
  }

  #isGood(id: string): boolean {
    const result = this.#results.get(id);
    return result?.excused === true || (result?.tried === true && result.state !== "bad");
  }

  #because(group: readonly string[]): string {
    const [first] = group.flatMap((id) => this.#results.get(id) ?? []);
    if (first === undefined) return "nobody is there to be asked";
    // The cause of a chain, not its last link.
    const cause = /^not tried, because (.*)$/.exec(first.text)?.[1];
    return cause ?? `${first.check.subject}: ${first.text}`;
  }
}
