import { MAX_WINDOW_ECHOES } from "@vsix/shared/contract/up-quality.ts";

/** Loss and round trip times of echoes, by windows of time. Pure: times come in, no socket is held. */

/** An echo with no answer for so long is lost. */
export const TIMEOUT_US = 1_000_000;
/** So long an answer is known for a late one; after that its number may be another echo's. */
const REMEMBERED_US = 5_000_000;
/** Windows that wait for their last echoes. More wait only where nobody asks for them. */
const MAX_WAITING = 8;

export interface MeasuredTarget {
  readonly name: string;
  readonly address: string;
}

export interface TargetWindow extends MeasuredTarget {
  readonly sent: number;
  readonly lost: number;
  /** Of the lost, those that the kernel refused to send. */
  readonly unsent: number;
  /** Answers after their time, to echoes of whatever window, since the window before. */
  readonly late: number;
  /** Microseconds in the order of sending; -1 is lost. */
  readonly rttsUs: readonly number[];
}

export interface QualityWindow {
  readonly window: number;
  readonly startUs: number;
  readonly targets: readonly TargetWindow[];
}

interface Tally {
  readonly rttsUs: number[];
  unsent: number;
}

interface OpenWindow {
  readonly window: number;
  readonly startUs: number;
  readonly tallies: Map<number, Tally>;
}

interface Outstanding {
  readonly target: number;
  readonly sentUs: number;
  readonly tally: Tally;
  readonly position: number;
  answered: boolean;
}

export class QualityLog {
  readonly #targets: readonly MeasuredTarget[];
  readonly #lengthUs: number;
  readonly #startUs: number;
  readonly #waiting: OpenWindow[] = [];
  /** By sequence number, in the order of sending. */
  readonly #outstanding = new Map<number, Outstanding>();
  readonly #late: number[];
  #windows: number;

  /** `windows`: how many there were before, of other targets. */
  constructor(targets: readonly MeasuredTarget[], lengthMs: number, startUs: number, windows = 0) {
    this.#targets = targets;
    this.#lengthUs = lengthMs * 1000;
    this.#startUs = startUs;
    this.#windows = windows;
    this.#late = targets.map(() => 0);
  }

  /** Windows begun so far. */
  get windows(): number {
    return this.#windows;
  }

  /** An echo leaves now, or could not. `sequence` counts up and wraps. */
  sent(target: number, sequence: number, nowUs: number, left: boolean): void {
    const open = this.#openAt(nowUs);
    let tally = open.tallies.get(target);
    if (tally === undefined) {
      tally = { rttsUs: [], unsent: 0 };
      open.tallies.set(target, tally);
    }
    if (tally.rttsUs.length >= MAX_WINDOW_ECHOES) return;
    const position = tally.rttsUs.push(-1) - 1;
    if (!left) tally.unsent++;
    else {
      // Deleted first: a number that is used again goes to the end of the order.
      this.#outstanding.delete(sequence);
      this.#outstanding.set(sequence, { target, sentUs: nowUs, tally, position, answered: false });
    }
  }

  /** An answer from `source` that came at `arrivalUs`. One that nobody asked for, or that came before, is nothing. */
  answered(sequence: number, source: string, arrivalUs: number): void {
    const echo = this.#outstanding.get(sequence);
    if (echo === undefined || echo.answered || this.#targets[echo.target]?.address !== source) return;
    echo.answered = true;
    const rttUs = Math.max(0, Math.round(arrivalUs - echo.sentUs));
    if (rttUs >= TIMEOUT_US) this.#late[echo.target] = (this.#late[echo.target] ?? 0) + 1;
    else echo.tally.rttsUs[echo.position] = rttUs;
  }

  /** The oldest window whose every echo was answered in time or never will be; to be asked for until there is none. */
  take(nowUs: number): QualityWindow | undefined {
    this.#openAt(nowUs);
    this.#forget(nowUs);
    const [oldest] = this.#waiting;
    if (oldest === undefined || nowUs < oldest.startUs + this.#lengthUs + TIMEOUT_US) return undefined;
    this.#waiting.shift();
    return { window: oldest.window, startUs: oldest.startUs, targets: this.#summary(oldest) };
  }

  #summary({ tallies }: OpenWindow): readonly TargetWindow[] {
    return this.#targets.flatMap(({ name, address }, i) => {
      const tally = tallies.get(i);
      const late = this.#late[i] ?? 0;
      if (tally === undefined && late === 0) return [];
      this.#late[i] = 0;
      const { rttsUs, unsent } = tally ?? { rttsUs: [], unsent: 0 };
      const lost = rttsUs.filter((rtt) => rtt < 0).length;
      return [{ name, address, sent: rttsUs.length, lost, unsent, late, rttsUs: [...rttsUs] }];
    });
  }

  /** The window of this moment. Those that a stopped process slept through were never measured, so they are none. */
  #openAt(nowUs: number): OpenWindow {
    const startUs = this.#startUs + Math.floor((nowUs - this.#startUs) / this.#lengthUs) * this.#lengthUs;
    const newest = this.#waiting.at(-1);
    if (newest !== undefined && newest.startUs >= startUs) return newest;
    this.#windows++;
    const open = { window: this.#windows, startUs, tallies: new Map<number, Tally>() };
    this.#waiting.push(open);
    if (this.#waiting.length > MAX_WAITING) this.#waiting.shift();
    return open;
  }

  #forget(nowUs: number): void {
    for (const [sequence, { sentUs }] of this.#outstanding) {
      if (nowUs - sentUs < REMEMBERED_US) return;
      this.#outstanding.delete(sequence);
    }
  }
}
