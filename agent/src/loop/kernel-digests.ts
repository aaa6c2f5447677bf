import type { Report } from "@vsix/shared/contract/up.ts";
import { type Digest, digestOf, digestText, plus } from "../core/digest.ts";
import type { Managed } from "./managed-kind.ts";

export interface KernelDigestsOptions {
  readonly kinds: () => readonly Managed[];
  /** What had to be counted has been: a report would say more. */
  readonly onCounted: () => void;
  /** Wall clock, milliseconds. */
  readonly nowMs: () => number;
}

type Told = NonNullable<Report["kernel"]>;

/** Objects that one report counts, so that a table on its way to another plane is not held up by its own digest. */
const COUNT_NOW = 500;
/** The rest is counted after that, so many in a turn. */
const COUNT_LATER = 2_000;
const LATER_MS = 250;

/** Digests of all our objects, as they were seen last, and of what is wanted: whether two looks saw the same. */
export class KernelDigests implements Disposable {
  readonly #options: KernelDigestsOptions;
  #timer: NodeJS.Timeout | undefined;
  #last: string | undefined;
  #sinceMs = 0;

  constructor(options: KernelDigestsOptions) {
    this.#options = options;
  }

  /** Undefined while many objects that have changed wait to be counted; they are, soon. */
  current(): Told | undefined {
    const kinds = this.#count(COUNT_NOW);
    if (kinds === undefined) {
      this.#timer ??= setTimeout(() => this.#later(), LATER_MS);
      return undefined;
    }
    const told = [...kinds]
      .map(([kind, both]) => ({ kind, ...textsOf(both) }))
      .sort((a, b) => (a.kind < b.kind ? -1 : 1));
    const wanted = wholeOf(told.map((one) => [one.kind, one.wanted]));
    const observed = told.every((one) => one.observed !== undefined)
      ? wholeOf(told.map((one) => [one.kind, one.observed]))
      : undefined;
    if (observed !== this.#last || this.#sinceMs === 0) this.#sinceMs = this.#options.nowMs();
    this.#last = observed;
    return {
      ...(observed === undefined ? {} : { observed }),
      wanted,
      since: new Date(this.#sinceMs).toISOString(),
      kinds: told,
    };
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }

  #later(): void {
    this.#timer = undefined;
    if (this.#count(COUNT_LATER) === undefined) this.#timer = setTimeout(() => this.#later(), LATER_MS);
    else this.#options.onCounted();
  }

  /** By kind; of some there are several, each a server. Undefined while objects wait. */
  #count(limit: number): ReadonlyMap<string, Both> | undefined {
    const found = new Map<string, Both>();
    let isWhole = true;
    for (const kind of this.#options.kinds()) {
      const digests = kind.digests(limit);
      if (digests === undefined) isWhole = false;
      else found.set(kind.name, sum(found.get(kind.name), digests));
    }
    return isWhole ? found : undefined;
  }
}

interface Both {
  readonly observed: Digest | undefined;
  readonly desired: Digest;
}

function sum(before: Both | undefined, more: Both): Both {
  if (before === undefined) return more;
  const isSeen = before.observed !== undefined && more.observed !== undefined;
  return {
    observed: isSeen ? plus(before.observed, more.observed) : undefined,
    desired: plus(before.desired, more.desired),
  };
}

function textsOf({ observed, desired }: Both): { readonly observed?: string; readonly wanted: string } {
  const wanted = digestText(desired);
  return observed === undefined ? { wanted } : { observed: digestText(observed), wanted };
}

/** Kinds of which there is nothing count as if they were not there: so it is the same with a version that knows one more. */
function wholeOf(kinds: readonly (readonly [string, string | undefined])[]): string {
  const some = kinds.filter(([, digest]) => digest !== NOTHING);
  return some.length === 0 ? NOTHING : digestText(digestOf(some));
}

const NOTHING = "0".repeat(16);
