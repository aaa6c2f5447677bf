import { isIPv6 } from "node:net";

/** How many refusals one prefix may earn within the window, and all together. */
export interface AttemptLimits {
  readonly perPrefix: number;
  readonly total: number;
  readonly windowMs: number;
}

/** Counts refused attempts by where they come from, or by who was refused; bounded, for attackers have many addresses. */
export class AttemptLimiter {
  readonly #limits: AttemptLimits;
  readonly #counts = new Map<string, number>();
  #total = 0;
  #windowEndMs = Number.NEGATIVE_INFINITY;

  constructor(limits: AttemptLimits) {
    this.#limits = limits;
  }

  /** True while this address may still try. */
  mayTry(address: string, nowMs: number): boolean {
    this.#turn(nowMs);
    return (
      this.#total < this.#limits.total && (this.#counts.get(prefixOf(address)) ?? 0) < this.#limits.perPrefix
    );
  }

  refused(address: string, nowMs: number): void {
    this.#turn(nowMs);
    const prefix = prefixOf(address);
    this.#total++;
    this.#counts.set(prefix, (this.#counts.get(prefix) ?? 0) + 1);
  }

  #turn(nowMs: number): void {
    if (nowMs < this.#windowEndMs) return;
    this.#windowEndMs = nowMs + this.#limits.windowMs;
    this.#counts.clear();
    this.#total = 0;
  }
}

/** One subscriber commands a whole /64. */
function prefixOf(address: string): string {
  if (!isIPv6(address) || address.startsWith("::ffff:")) return address;
  const [head = "", tail] = address.split("%")[0]?.split("::") ?? [];
  const groups = head === "" ? [] : head.split(":");
  if (tail !== undefined) while (groups.length < 4) groups.push("0");
  return groups.slice(0, 4).join(":");
}
