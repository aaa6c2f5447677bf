import type { Mark } from "../core/fence.ts";

/** A generation that lasts only if it is confirmed in time. The time runs on the monotonic clock, timers included. */
export class Trial implements Disposable {
  readonly mark: Mark;
  readonly withinMs: number;
  readonly #deadlineMs: number;
  readonly #timer: NodeJS.Timeout;

  /** @param onLost the time is over; not called once disposed of */
  constructor(mark: Mark, withinMs: number, onLost: (reason: string) => void) {
    this.mark = mark;
    this.withinMs = withinMs;
    this.#deadlineMs = performance.now() + withinMs;
    this.#timer = setTimeout(() => onLost(`no confirm came within ${withinMs / 1000} s`), withinMs);
  }

  /** Milliseconds until it is lost. */
  get leftMs(): number {
    return Math.max(0, Math.round(this.#deadlineMs - performance.now()));
  }

  isFor(mark: Mark): boolean {
    const { epoch, generation, content } = this.mark;
    return mark.epoch === epoch && mark.generation === generation && mark.content === content;
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }
}
