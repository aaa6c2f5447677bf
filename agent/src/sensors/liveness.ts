import {
  DEAD,
  dampened,
  FLAP_WINDOW_MS,
  type Life,
  type Liveness,
  type LivenessSettings,
  observeEcho,
  UNKNOWN_LIFE,
} from "../core/liveness.ts";

/** A neighbour at the other end of a link. */
export interface Neighbour {
  readonly interface: string;
  readonly address: string;
}

export interface LivenessOptions {
  /** Sends one echo; the answer comes back through {@link LivenessWatch.answered}. */
  readonly sendEcho: (neighbour: Neighbour, sequence: number) => void;
  /** A neighbour died or came back. */
  readonly onLife: (interfaceName: string, alive: boolean) => void;
  /** Whether the link is worth asking: its own carrier says enough otherwise. */
  readonly hasCarrier: (interfaceName: string) => boolean;
  /** Whether something else watches a neighbour that is alive: it is not asked then. */
  readonly isQuiet: (interfaceName: string) => boolean;
  /** Monotonic, milliseconds. */
  readonly now: () => number;
}

const INTERVAL_MS = 150;
/** 5 × 150 ms: a silent link is out of use within a second. */
const SETTINGS: LivenessSettings = { misses: 5, hits: 10 };

interface Watched {
  readonly neighbour: Neighbour;
  state: Liveness;
  /** Sequence of the echo not yet answered, or undefined. */
  pending: number | undefined;
  /** When it died, within the window of flapping. */
  deathsMs: readonly number[];
}

/** Echoes to every neighbour that nothing else watches, and who stopped answering them. */
export class LivenessWatch implements Disposable {
  readonly #options: LivenessOptions;
  readonly #watched = new Map<string, Watched>();
  /** Not there while everybody is quiet. */
  #timer: NodeJS.Timeout | undefined;
  #sequence = 0;
  #lastTickMs = 0;

  constructor(options: LivenessOptions) {
    this.#options = options;
  }

  configure(neighbours: readonly Neighbour[]): void {
    const kept = new Set(neighbours.map((neighbour) => neighbour.interface));
    for (const name of this.#watched.keys()) if (!kept.has(name)) this.#watched.delete(name);
    for (const neighbour of neighbours) {
      const before = this.#watched.get(neighbour.interface);
      if (before?.neighbour.address === neighbour.address) continue;
      this.#watched.set(neighbour.interface, {
        neighbour,
        state: UNKNOWN_LIFE,
        pending: undefined,
        deathsMs: [],
      });
    }
    this.wake();
  }

  /** Somebody may be quiet no more. */
  wake(): void {
    this.#timer ??= setInterval(() => this.#tick(), INTERVAL_MS);
  }

  isDead(interfaceName: string): boolean {
    return this.lifeOf(interfaceName) === "dead";
  }

  lifeOf(interfaceName: string): Life {
    return this.#watched.get(interfaceName)?.state.life ?? "unknown";
  }

  /** Something else has found that a neighbour is gone; echoes will tell when it is back. */
  declareDead(interfaceName: string): void {
    const watched = this.#watched.get(interfaceName);
    if (watched === undefined || watched.state.life === "dead") return;
    watched.state = DEAD;
    watched.pending = undefined;
    this.wake();
    this.#died(watched);
  }

  answered(sequence: number, interfaceName: string): void {
    const watched = this.#watched.get(interfaceName);
    if (watched === undefined || watched.pending !== sequence) return;
    watched.pending = undefined;
    this.#observe(watched, true);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #tick(): void {
    const { now, hasCarrier, isQuiet, sendEcho } = this.#options;
    const nowMs = now();
    // A late tick means this process was held up, and answers may lie unread: no verdict from it.
    const late = nowMs - this.#lastTickMs > INTERVAL_MS * 2;
    this.#lastTickMs = nowMs;
    let asking = 0;
    for (const watched of this.#watched.values()) {
      if (!hasCarrier(watched.neighbour.interface)) {
        watched.pending = undefined;
        // The link itself is gone: when it comes back the neighbour is met anew.
        watched.state = UNKNOWN_LIFE;
        asking++;
        continue;
      }
      if (watched.state.life === "alive" && isQuiet(watched.neighbour.interface)) {
        watched.pending = undefined;
        continue;
      }
      asking++;
      if (watched.pending !== undefined && !late) this.#observe(watched, false);
      this.#sequence = (this.#sequence + 1) & 0xffff;
      watched.pending = this.#sequence;
      sendEcho(watched.neighbour, this.#sequence);
    }
    if (asking > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #observe(watched: Watched, answered: boolean): void {
    const before = watched.state.life;
    watched.state = observeEcho(watched.state, answered, dampened(SETTINGS, watched.deathsMs.length));
    const after = watched.state.life;
    if (before === "alive" && after === "dead") this.#died(watched);
    if (before === "dead" && after === "alive") this.#options.onLife(watched.neighbour.interface, true);
  }

  #died(watched: Watched): void {
    const nowMs = this.#options.now();
    watched.deathsMs = [...watched.deathsMs.filter((ms) => nowMs - ms < FLAP_WINDOW_MS), nowMs];
    this.#options.onLife(watched.neighbour.interface, false);
  }
}
