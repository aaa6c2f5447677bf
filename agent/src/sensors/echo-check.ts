import type { Neighbour } from "./liveness.ts";

export interface EchoCheckOptions {
  /** Sends one echo; the answer comes back through {@link EchoChecks.answered}. */
  readonly sendEcho: (neighbour: Neighbour, sequence: number) => void;
  /** Reads answers that have come and were not told yet. */
  readonly drain: () => void;
  readonly onVerdict: (interfaceName: string, alive: boolean) => void;
  /** In [0, 1), for sequence numbers that nobody can foresee. */
  readonly random: () => number;
}

const ECHOES = 3;
const SPACING_MS = 50;
/** After the last echo: answers may take this long, those to the first echo twice as long. */
const PATIENCE_MS = 100;

interface Check {
  readonly neighbour: Neighbour;
  readonly first: number;
  sent: number;
  timer: NodeJS.Timeout | undefined;
}

/**
 * A quick question to a neighbour under suspicion: three echoes, and an answer to any of them clears it. It is the
 * neighbour's kernel that answers, so a program that died or hangs there is told from a link that carries nothing.
 */
export class EchoChecks implements Disposable {
  readonly #options: EchoCheckOptions;
  readonly #running = new Map<string, Check>();

  constructor(options: EchoCheckOptions) {
    this.#options = options;
  }

  /** Nothing new begins while a check of this interface is under way. */
  begin(neighbour: Neighbour): void {
    if (this.#running.has(neighbour.interface)) return;
    const first = Math.floor(this.#options.random() * 0x10000);
    const check: Check = { neighbour, first, sent: 0, timer: undefined };
    this.#running.set(neighbour.interface, check);
    this.#next(check);
  }

  answered(sequence: number, interfaceName: string): void {
    const check = this.#running.get(interfaceName);
    if (check === undefined || ((sequence - check.first) & 0xffff) >= check.sent) return;
    this.#end(check, true);
  }

  /** No verdict comes for this interface any more. */
  cancel(interfaceName: string): void {
    clearTimeout(this.#running.get(interfaceName)?.timer);
    this.#running.delete(interfaceName);
  }

  [Symbol.dispose](): void {
    for (const name of [...this.#running.keys()]) this.cancel(name);
  }

  #next(check: Check): void {
    if (check.sent < ECHOES) {
      this.#options.sendEcho(check.neighbour, (check.first + check.sent) & 0xffff);
      check.sent++;
      const waitMs = check.sent < ECHOES ? SPACING_MS : PATIENCE_MS;
      check.timer = setTimeout(() => this.#next(check), waitMs);
      return;
    }
    this.#options.drain();
    if (this.#running.get(check.neighbour.interface) === check) this.#end(check, false);
  }

  #end(check: Check, alive: boolean): void {
    this.cancel(check.neighbour.interface);
    this.#options.onVerdict(check.neighbour.interface, alive);
  }
}
