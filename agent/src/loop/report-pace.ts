/** Many changes make one report. */
const DEBOUNCE_MS = 100;
/** A report goes out this often even if nothing changed. */
const EVERY_MS = 15_000;

/** When reports are sent: soon after something changed, and now and then anyway. */
export class ReportPace implements Disposable {
  readonly #send: () => void;
  readonly #every: NodeJS.Timeout;
  #timer: NodeJS.Timeout | undefined;

  constructor(send: () => void) {
    this.#send = send;
    this.#every = setInterval(() => this.soon(), EVERY_MS);
  }

  soon(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#send();
    }, DEBOUNCE_MS);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#every);
    clearTimeout(this.#timer);
  }
}
