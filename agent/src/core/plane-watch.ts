/** Which plane carries whom, worked out from probes and their answers. Pure: times come in, no socket is held. */

export interface WatchTarget {
  readonly name: string;
  readonly address: string;
}

/** The two questions asked of each target. */
export type Question =
  | "away" // hop limit 1: who answers is the router we send through
  | "back"; // full hop limit: the interface of the reply is the plane it comes back by

export interface Direction {
  readonly plane: string | null;
  readonly sinceMs: number;
}

export interface Watched {
  readonly name: string;
  readonly away: Direction;
  readonly back: Direction;
  readonly rttUs: number | null;
  /** Of the last {@link HISTORY} full probes. */
  readonly lost: number;
}

/** Full probes remembered per target. */
export const HISTORY = 20;
/** So many unanswered probes in a row and the plane is unknown. */
const SILENT_AFTER = 3;

interface DirectionState {
  plane: string | null;
  sinceMs: number;
  silent: number;
}

interface TargetState {
  readonly target: WatchTarget;
  readonly away: DirectionState;
  readonly back: DirectionState;
  readonly history: boolean[];
  rttUs: number | null;
}

interface Outstanding {
  readonly state: TargetState;
  readonly question: Question;
  readonly sentUs: number;
}

export class PlaneWatch {
  readonly #targets = new Map<string, TargetState>();
  readonly #outstanding = new Map<number, Outstanding>();
  readonly #timeoutUs: number;

  /** A probe with no answer after `timeoutMs` counts as lost. */
  constructor(targets: readonly WatchTarget[], timeoutMs: number) {
    this.#timeoutUs = timeoutMs * 1000;
    for (const target of targets)
      this.#targets.set(target.name, {
        target,
        away: { plane: null, sinceMs: 0, silent: 0 },
        back: { plane: null, sinceMs: 0, silent: 0 },
        history: [],
        rttUs: null,
      });
  }

  get targets(): readonly WatchTarget[] {
    return [...this.#targets.values()].map(({ target }) => target);
  }

  /** Notes a probe; `sequence` comes back in the answer. */
  sent(name: string, question: Question, sequence: number, nowUs: number): void {
    const state = this.#targets.get(name);
    if (state !== undefined) this.#outstanding.set(sequence, { state, question, sentUs: nowUs });
  }

  /** The address asked with this sequence, while its answer is awaited. */
  asked(sequence: number): string | undefined {
    return this.#outstanding.get(sequence)?.state.target.address;
  }

  /**
   * Takes an answer: `plane` is that of the router which answered (away), or of the interface it came in by (back).
   * Returns true when what is known of a target changed. Answers to nothing we asked are ignored.
   */
  answered(sequence: number, question: Question, plane: string | null, nowUs: number): boolean {
    const asked = this.#outstanding.get(sequence);
    if (asked === undefined || asked.question !== question) return false;
    this.#outstanding.delete(sequence);
    const { state } = asked;
    if (question === "back") {
      state.rttUs = Math.max(0, nowUs - asked.sentUs);
      remember(state.history, true);
    }
    return move(state[question], plane, nowUs);
  }

  /** Whether a target whose plane is known has not answered yet. */
  get isAnswerMissing(): boolean {
    for (const { state, question } of this.#outstanding.values())
      if (state[question].plane !== null) return true;
    return false;
  }

  /** Counts as lost what was not answered in time. Returns true when a plane became unknown by it. */
  expire(nowUs: number): boolean {
    let changed = false;
    for (const [sequence, asked] of this.#outstanding) {
      if (nowUs - asked.sentUs < this.#timeoutUs) continue;
      this.#outstanding.delete(sequence);
      const direction = asked.state[asked.question];
      direction.silent++;
      if (asked.question === "back") remember(asked.state.history, false);
      if (direction.silent >= SILENT_AFTER && direction.plane !== null) {
        direction.plane = null;
        direction.sinceMs = Math.round(nowUs / 1000);
        changed = true;
      }
    }
    return changed;
  }

  watched(): readonly Watched[] {
    return [...this.#targets.values()].map(({ target, away, back, rttUs, history }) => ({
      name: target.name,
      away: { plane: away.plane, sinceMs: away.sinceMs },
      back: { plane: back.plane, sinceMs: back.sinceMs },
      rttUs,
      lost: history.filter((ok) => !ok).length,
    }));
  }
}

function move(direction: DirectionState, plane: string | null, nowUs: number): boolean {
  direction.silent = 0;
  if (direction.plane === plane) return false;
  direction.plane = plane;
  direction.sinceMs = Math.round(nowUs / 1000);
  return true;
}

function remember(history: boolean[], ok: boolean): void {
  history.push(ok);
  if (history.length > HISTORY) history.shift();
}
