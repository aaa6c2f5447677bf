import type { ProbesPart } from "@vsix/shared/contract/part-probes.ts";
import { PlaneWatch, type Question, type Watched } from "../core/plane-watch.ts";

export interface ProbeSend {
  readonly destination: string;
  /** Undefined: as the system has it. */
  readonly hopLimit: number | undefined;
  readonly sequence: number;
}

export interface PlaneProbeOptions {
  readonly part: ProbesPart;
  readonly send: (probe: ProbeSend) => void;
  /** Monotonic, microseconds. */
  readonly nowUs: () => number;
  readonly onChange: (watched: readonly Watched[]) => void;
}

/** After a change of routes probes go out at the burst interval for so long. */
const BURST_MS = 3_000;
const TIMEOUT_MS = 1_000;
/** At rest a round may come so much of its interval early. */
const EARLY = 0.2;
/** In a burst, over all targets together. */
const BURST_PER_S = 400;

/** Asks every target by which plane packets go and come back: two probes a round, as often as the part says. */
export class PlaneProbe implements Disposable {
  readonly #options: PlaneProbeOptions;
  readonly #watch: PlaneWatch;
  readonly #planeOfHop: ReadonlyMap<string, string>;
  #timer: NodeJS.Timeout | undefined;
  #sequence = 0;
  #burstUntilUs = 0;
  /** When the next round begins unless there is company. */
  #roundUs = 0;

  constructor(options: PlaneProbeOptions) {
    this.#options = options;
    this.#watch = new PlaneWatch(options.part.targets, TIMEOUT_MS);
    this.#planeOfHop = new Map(
      options.part.hops.flatMap(({ address, plane }) => (plane === undefined ? [] : [[address, plane]])),
    );
    this.hurry();
  }

  /** Routes have just changed: look closely for a while. */
  hurry(): void {
    const nowUs = this.#options.nowUs();
    const resting = nowUs > this.#burstUntilUs;
    this.#burstUntilUs = nowUs + BURST_MS * 1000;
    if (resting) this.#round();
  }

  /** This process is awake anyway: a round that is due soon is made now, and need not wake it once more. */
  join(): void {
    const earlyMs = (this.#roundUs - this.#options.nowUs()) / 1000;
    if (!this.#isHurried() && earlyMs > 0 && earlyMs < this.#options.part.intervalMs * EARLY) this.#round();
  }

  /** Hop limit exceeded at a router on the way to `destination`: it is the one we send through. */
  exceeded(sequence: number, router: string, destination: string): void {
    const plane = this.#planeOfHop.get(router);
    if (plane !== undefined && this.#watch.asked(sequence) === destination)
      this.#answered(sequence, "away", plane);
  }

  /** The echo came back from `source` by a port that belongs to `plane`. */
  replied(sequence: number, source: string, plane: string | undefined): void {
    if (this.#watch.asked(sequence) === source) this.#answered(sequence, "back", plane ?? null);
  }

  watched(): readonly Watched[] {
    return this.#watch.watched();
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }

  #answered(sequence: number, question: Question, plane: string | null): void {
    const { nowUs, onChange } = this.#options;
    if (!this.#watch.answered(sequence, question, plane, nowUs())) return;
    // Packets changed their way, and this node's routes may have no part in it.
    this.hurry();
    onChange(this.#watch.watched());
  }

  /** Many targets are asked less often, but never more seldom than at rest. */
  #burstIntervalMs(): number {
    const { intervalMs, burstIntervalMs, targets } = this.#options.part;
    return Math.min(intervalMs, Math.max(burstIntervalMs, (targets.length * 2 * 1000) / BURST_PER_S));
  }

  #isHurried(): boolean {
    return this.#options.nowUs() < this.#burstUntilUs;
  }

  #round(): void {
    const { part, nowUs, send, onChange } = this.#options;
    clearTimeout(this.#timer);
    if (this.#watch.expire(nowUs())) onChange(this.#watch.watched());
    // What was seen a moment ago and does not answer is looked at closely before it is said to be gone.
    if (!this.#isHurried() && this.#watch.isAnswerMissing) this.#burstUntilUs = nowUs() + BURST_MS * 1000;
    for (const { name, address } of this.#watch.targets) {
      for (const question of ["away", "back"] as const) {
        this.#sequence = (this.#sequence + 1) & 0xffff;
        this.#watch.sent(name, question, this.#sequence, nowUs());
        send({
          destination: address,
          hopLimit: question === "away" ? 1 : undefined,
          sequence: this.#sequence,
        });
      }
    }
    const delayMs = this.#isHurried() ? this.#burstIntervalMs() : part.intervalMs;
    this.#roundUs = nowUs() + delayMs * 1000;
    this.#timer = setTimeout(() => this.#round(), delayMs);
  }
}
