import type { MeasurePart } from "@vsix/shared/contract/part-measure.ts";
import type { Quality } from "@vsix/shared/contract/up-quality.ts";
import { type Pacing, paceOf } from "../core/pacing.ts";
import { QualityLog, type QualityWindow } from "../core/quality.ts";
import type { SentEcho } from "../io/icmp6.ts";

export interface QualitySensorOptions {
  readonly part: MeasurePart;
  readonly node: string;
  /** Random at each start of the agent. */
  readonly instance: string;
  /** Windows told before, over other targets. */
  readonly windows: number;
  /** From now on echoes go to all targets at this pace, numbered from behind `sequence`; nobody is woken for them. */
  readonly begin: (sequence: number, pacing: Pacing) => void;
  /** They end. */
  readonly end: () => void;
  /** Tells the echoes since it was asked the last time, oldest first. */
  readonly sent: (tell: (echo: SentEcho) => void) => void;
  /** Reads answers that have come and were not told yet. */
  readonly drain: () => void;
  /** Monotonic, microseconds. */
  readonly nowUs: () => number;
  readonly wallMs: () => number;
  readonly publish: (message: Quality) => void;
}

const WINDOW_MS = 1_000;
/** What was sent and answered is looked at this often: the kernel's stamps tell when, and much at once costs little more than one. */
const LOOK_US = 400_000;
/** By so much of that a look may be early where the process is awake anyway. */
const EARLY = 0.45;

/** Measures every target of a part without a pause, and tells each window once it is decided. */
export class QualitySensor implements Disposable {
  readonly #options: QualitySensorOptions;
  readonly #pacing: Pacing;
  readonly #log: QualityLog;
  #timer: NodeJS.Timeout | undefined;
  /** When it is looked next unless there is company. */
  #lookUs = 0;

  /** `firstSequence`: any, such as nobody can foresee. */
  constructor(options: QualitySensorOptions, firstSequence: number) {
    const { part, nowUs, windows, begin } = options;
    this.#options = options;
    this.#pacing = paceOf(part.targets.length, part.intervalMs, part.maxPacketsPerS);
    this.#log = new QualityLog(part.targets, WINDOW_MS, nowUs(), windows);
    begin(firstSequence & 0xffff, this.#pacing);
    this.#look();
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
    this.#options.end();
  }

  /** This process is awake anyway: what is due soon is done now, and need not wake it once more. */
  join(): void {
    if (this.#options.nowUs() >= this.#lookUs - LOOK_US * EARLY) this.#look();
  }

  #look(): void {
    const { nowUs, sent, drain, publish } = this.#options;
    clearTimeout(this.#timer);
    const askedUs = nowUs();
    sent(({ target, sequence, errno, ageUs }) => {
      this.#log.sent(target, sequence, askedUs - ageUs, errno === 0);
    });
    drain();
    for (;;) {
      const window = this.#log.take(nowUs());
      if (window === undefined) break;
      publish(this.#message(window));
    }
    this.#lookUs = nowUs() + LOOK_US;
    this.#timer = setTimeout(() => this.#look(), LOOK_US / 1000);
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
