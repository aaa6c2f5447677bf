import type { Quality } from "@vsix/shared/contract/up-quality.ts";

/** What one target was worth in one window. */
export interface TargetSamples {
  readonly address: string;
  /** Of the lost ones, those that never left the node. */
  readonly unsent: number;
  readonly late: number;
  /** Microseconds in the order of sending; -1 is lost. As many as were sent. */
  readonly rttsUs: Int32Array;
}

/** One window of one node; times on the controller's monotonic clock. */
export interface StoredWindow {
  readonly instance: string;
  readonly window: number;
  readonly startMs: number;
  readonly endMs: number;
  /** Between echoes to one target. */
  readonly intervalMs: number;
  readonly targets: ReadonlyMap<string, TargetSamples>;
}

/** How much of one node is kept. A node may say what it likes; it pushes out nothing but its own. */
export interface StoreLimits {
  readonly keepMs: number;
  readonly maxWindows: number;
  /** Echoes, a target in a window counting as so many more. */
  readonly maxSamples: number;
}

export const DEFAULT_LIMITS: StoreLimits = { keepMs: 600_000, maxWindows: 700, maxSamples: 200_000 };
const TARGET_COST = 8;

interface NodeWindows {
  readonly windows: StoredWindow[];
  samples: number;
}

/** The last minutes of what every node measured. */
export class WindowStore {
  readonly #limits: StoreLimits;
  readonly #nodes = new Map<string, NodeWindows>();

  constructor(limits: StoreLimits = DEFAULT_LIMITS) {
    this.#limits = limits;
  }

  /** Takes a checked message that came at `atMs`. False for a window that was there before, or is older. */
  add(message: Quality, atMs: number): boolean {
    const known = this.#nodes.get(message.node) ?? { windows: [], samples: 0 };
    const last = known.windows.at(-1);
    if (last?.instance === message.instance && message.window <= last.window) return false;
    const startMs = atMs - message.ageMs;
    const stored: StoredWindow = {
      instance: message.instance,
      window: message.window,
      startMs,
      endMs: startMs + message.lengthMs,
      intervalMs: message.intervalMs,
      targets: new Map(
        message.targets.map(({ name, address, unsent, late, rttsUs }) => [
          name,
          { address, unsent, late, rttsUs: Int32Array.from(rttsUs) },
        ]),
      ),
    };
    this.#nodes.set(message.node, known);
    known.windows.push(stored);
    known.samples += costOf(stored);
    const { keepMs, maxWindows, maxSamples } = this.#limits;
    const isTooOld = ({ endMs }: StoredWindow): boolean => endMs < atMs - keepMs;
    for (let [oldest] = known.windows; oldest !== undefined; [oldest] = known.windows) {
      if (known.windows.length <= maxWindows && known.samples <= maxSamples && !isTooOld(oldest)) break;
      known.windows.shift();
      known.samples -= costOf(oldest);
    }
    return true;
  }

  /** Windows that lie wholly between two times, oldest first. */
  windows(node: string, fromMs: number, toMs: number): readonly StoredWindow[] {
    const { windows } = this.#nodes.get(node) ?? { windows: [] };
    return windows
      .filter(({ startMs, endMs }) => startMs >= fromMs && endMs <= toMs)
      .toSorted((a, b) => a.startMs - b.startMs);
  }

  /** Forgets every other node. */
  keepOnly(nodes: ReadonlySet<string>): void {
    for (const node of this.#nodes.keys()) if (!nodes.has(node)) this.#nodes.delete(node);
  }
}

function costOf({ targets }: StoredWindow): number {
  let cost = 1;
  for (const { rttsUs } of targets.values()) cost += rttsUs.length + TARGET_COST;
  return cost;
}
