import {
  EPE_EVENT_TYPES,
  type EpeEvent,
  type EpeEventType,
  type EpeLine,
  levelOfEpe,
  MAX_EPE_LINES,
} from "@vsix/shared/notify/epe-event.ts";

/** What happened, as it would be told. */
export interface EpeHappening {
  /** Number in the log; each is given once, in order. */
  readonly id: number;
  /** Wall clock, milliseconds. */
  readonly at: number;
  readonly type: EpeEventType;
  /** What it is about: what comes and goes has one key for both. */
  readonly key: string;
  readonly line: EpeLine;
}

/** Up to which number of the log, and when, each type was told. Plain JSON. */
export type ToldEpe = Readonly<Partial<Record<EpeEventType, { readonly upTo: number; readonly at: number }>>>;

const MINUTE_MS = 60_000;
/** The first of a type is told at once, what follows within this time together at its end. */
const PAUSES_MS: Readonly<Record<EpeEventType, number>> = {
  moved: 5 * MINUTE_MS,
  "taken-back": 2 * MINUTE_MS,
  "bad-path": 5 * MINUTE_MS,
  "path-changed": 15 * MINUTE_MS,
  "bad-path-over": 15 * MINUTE_MS,
  alarm: 10_000,
  "alarm-over": MINUTE_MS,
  switched: 0,
};
/** What comes and goes more often than this within an hour is only counted, until it has stayed as it is for some time. */
const OFTEN = 4;
const OFTEN_MS = 60 * MINUTE_MS;
const SETTLED_MS = 10 * MINUTE_MS;
/** Keys that are remembered; the oldest go first. */
const MAX_KEYS = 4_000;

interface Pending {
  readonly first: number;
  readonly last: number;
  readonly at: number;
  readonly count: number;
  readonly held: number;
  readonly lines: readonly EpeLine[];
}

/**
 * Gathers what happened into notices that people can bear: a few a minute at most, whatever happens how often to how many
 * destinations. Pure; holds no more than a few lines a type and the keys.
 */
export class EpeDigest {
  #told: ToldEpe;
  readonly #pending = new Map<EpeEventType, Pending>();
  /** By key: when it happened of late, newest last. */
  readonly #times = new Map<string, readonly number[]>();
  /** By key: the newest that was only counted. */
  readonly #held = new Map<string, EpeHappening>();

  #last = 0;

  constructor(told: ToldEpe) {
    this.#told = told;
  }

  /** Of a type of which nothing is gathered everything so far was told: who goes on reads from there. */
  get told(): ToldEpe {
    const told = EPE_EVENT_TYPES.map((type) => {
      const { upTo, at } = this.#told[type] ?? { upTo: 0, at: 0 };
      return [type, { upTo: this.#pending.has(type) ? upTo : Math.max(upTo, this.#last), at }] as const;
    });
    return Object.fromEntries(told);
  }

  add(happening: EpeHappening): void {
    const { id, at, type, key } = happening;
    this.#last = Math.max(this.#last, id);
    const often = this.#often(key, at);
    this.#held.delete(key);
    if (id <= (this.#told[type]?.upTo ?? 0)) return;
    if (often) remember(this.#held, key, happening);
    this.#gather(happening, often);
  }

  /** What is to be told now, each once; the id is the same for the same happenings. */
  due(nowMs: number): readonly { readonly event: EpeEvent; readonly id: string }[] {
    for (const [key, held] of this.#held) {
      if (Math.abs(nowMs - held.at) < SETTLED_MS) continue;
      this.#held.delete(key);
      this.#gather(held, false);
    }
    return [...this.#pending].flatMap(([type, { first, last, at, count, held, lines }]) => {
      const before = this.#told[type]?.at;
      // A clock that went back must not silence anybody.
      const waits = before !== undefined && nowMs >= before && nowMs - before < PAUSES_MS[type];
      // What is held alone wakes nobody: it is told with the next that is not.
      if (waits || count === 0) return [];
      this.#pending.delete(type);
      this.#told = {
        ...this.#told,
        [type]: { upTo: Math.max(last, this.#told[type]?.upTo ?? 0), at: nowMs },
      };
      const event = { type, level: levelOfEpe(type), count, lines, held, at };
      return [{ event, id: `epe-${type}-${first}-${last}-${at}` }];
    });
  }

  #gather({ id, at, type, line }: EpeHappening, often: boolean): void {
    const before = this.#pending.get(type) ?? { first: id, last: id, at, count: 0, held: 0, lines: [] };
    this.#pending.set(type, {
      first: Math.min(before.first, id),
      last: Math.max(before.last, id),
      at: Math.max(before.at, at),
      count: before.count + (often ? 0 : 1),
      held: before.held + (often ? 1 : 0),
      lines: often || before.lines.length >= MAX_EPE_LINES ? before.lines : [...before.lines, line],
    });
  }

  #often(key: string, at: number): boolean {
    const before = this.#times.get(key) ?? [];
    const times = [...before.filter((time) => at - time < OFTEN_MS), at].slice(-OFTEN - 1);
    remember(this.#times, key, times);
    return times.length > OFTEN;
  }
}

/** As the newest entry. */
function remember<T>(entries: Map<string, T>, key: string, value: T): void {
  entries.delete(key);
  entries.set(key, value);
  for (const oldest of entries.keys()) {
    if (entries.size <= MAX_KEYS) return;
    entries.delete(oldest);
  }
}
