import type { MeasurePart } from "@vsix/shared/contract/part-measure.ts";
import type { Quality } from "@vsix/shared/contract/up-quality.ts";
import { dueSlots, type Pacing, paceOf } from "../core/pacing.ts";
import { QualityLog, type QualityWindow } from "../core/quality.ts";

export interface QualitySensorOptions {
  readonly part: MeasurePart;
  readonly node: string;
  /** Random at each start of the agent. */
  readonly instance: string;
  /** Windows told before, over other targets. */
  readonly windows: number;
  /** Sends one echo to the target of this index; the positive errno of why it did not leave, or 0. */
  readonly send: (target: number, sequence: number) => number;
  /** Reads answers that have come and were not told yet. */
  readonly drain: () => void;
  /** Monotonic, microseconds. */
  readonly nowUs: () => number;
  readonly wallMs: () => number;
  readonly publish: (message: Quality) => void;
}

const WINDOW_MS = 1_000;
/** So much of its interval an echo may be early. */
const EARLY = 0.45;
/** Answers are read this often: their stamps tell when they came, and reading many at once costs little more than one. */
const READ_US = 400_000;
/** With less between two moments of asking, windows are told then; else they have a timer of their own. */
const OFTEN_US = 250_000;

/** Measures every target of a part without a pause, and tells each window once it is decided. */
export class QualitySensor implements Disposable {
  readonly #options: QualitySensorOptions;
  readonly #pacing: Pacing;
  readonly #log: QualityLog;
  readonly #startUs: number;
  readonly #teller: NodeJS.Timeout | undefined;
  #timer: NodeJS.Timeout | undefined;
  #next = 0;
  #readUs = 0;
  /** When it is asked next unless there is company. */
  #askUs = 0;
  #sequence: number;

  /** `firstSequence`: any, such as nobody can foresee. */
  constructor(options: QualitySensorOptions, firstSequence: number) {
    const { part, nowUs, windows } = options;
    this.#options = options;
    this.#sequence = firstSequence & 0xffff;
    this.#pacing = paceOf(part.targets.length, part.intervalMs, part.maxPacketsPerS);
    this.#startUs = nowUs();
    this.#log = new QualityLog(part.targets, WINDOW_MS, this.#startUs, windows);
    if (this.#pacing.stepUs > OFTEN_US) this.#teller = setInterval(() => this.#tell(), WINDOW_MS);
    this.#ask();
  }

  /** Windows begun so far. */
  get windows(): number {
    return this.#log.windows;
  }

  /** The echo was answered by `source` at `arrivalUs`, on the clock of `nowUs`. */
  replied(sequence: number, source: string, arrivalUs: number): void {
    this.#log.answered(sequence, source, arrivalUs);
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    clearInterval(this.#teller);
  }

  /** This process is awake anyway: what is due soon is asked now, and need not wake it once more. */
  join(): void {
    const earlyUs = this.#askUs - this.#options.nowUs();
    if (earlyUs > 0 && earlyUs < this.#pacing.intervalUs * EARLY) this.#ask(earlyUs);
  }

  #ask(earlyUs = 0): void {
    const { nowUs, send } = this.#options;
    clearTimeout(this.#timer);
    if (nowUs() >= this.#readUs) this.#tell();
    const sinceUs = nowUs() - this.#startUs + earlyUs;
    const due = dueSlots(this.#pacing, this.#next, sinceUs);
    this.#next = due.next;
    this.#askUs = this.#startUs + sinceUs + due.waitUs;
    for (const index of due.targets) {
      this.#sequence = (this.#sequence + 1) & 0xffff;
      const sentUs = nowUs();
      const errno = send(index, this.#sequence);
      this.#log.sent(index, this.#sequence, sentUs, errno === 0);
    }
    // One more: timers are early by up to a millisecond, and a look before the time is a waking for nothing.
    const waitMs = Math.ceil((due.waitUs + earlyUs) / 1000) + 1;
    this.#timer = setTimeout(() => this.#ask(), waitMs);
  }

  #tell(): void {
    const { nowUs, drain, publish } = this.#options;
    // Nobody wakes us for answers: they lie there until now.
    drain();
    this.#readUs = nowUs() + READ_US;
    for (;;) {
      const window = this.#log.take(nowUs());
      if (window === undefined) return;
      publish(this.#message(window));
    }
  }

  #message({ window, startUs, targets }: QualityWindow): Quality {
    const { node, instance, nowUs, wallMs, part } = this.#options;
    const ageMs = Math.round((nowUs() - startUs) / 1000);
    return {
      version: 1,
      node,
      instance,
      window,
      startMs: Math.round(wallMs() - ageMs),
      ageMs,
      lengthMs: WINDOW_MS,
      intervalMs: Math.round(this.#pacing.intervalUs / 10) / 100,
      measured: part.targets.length,
      targets: targets.map((target) => ({ ...target, rttsUs: [...target.rttsUs] })),
    };
  }
}
