/** Runs asynchronous work one piece after another, in the order asked for. */
export class Serial {
  #last: Promise<unknown> = Promise.resolve();

  /** A piece that fails does not stop the next one. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last.then(work, work);
    this.#last = result.catch(() => undefined);
    return result;
  }
}
