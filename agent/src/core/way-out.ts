import type { BgpPart } from "@vsix/shared/contract/part-bgp.ts";

/** A session that has gone may come back by graceful restart: so long its routes still count. */
const PATIENCE_MS = 30_000;

/**
 * Whether an External Edge has an upstream to send traffic to. Without one it must not attract any: it withholds ::/0 and
 * the aggregates, and the planes use another one. Fed with what the sessions look like; times are monotonic.
 */
export class WayOut {
  readonly #lastUpMs = new Map<string, number>();

  /** @param adopted the node was forwarding before: upstreams are given the benefit of the doubt */
  constructor(bgp: BgpPart, adopted: boolean, nowMs: number) {
    if (!adopted) return;
    for (const { name, kind } of bgp.neighbours) if (kind === "upstream") this.#lastUpMs.set(name, nowMs);
  }

  seen(neighbour: string, established: boolean, nowMs: number): void {
    if (established) this.#lastUpMs.set(neighbour, nowMs);
  }

  /** @param usable whether the link to a neighbour is usable */
  isOpen(bgp: BgpPart, usable: (interfaceName: string) => boolean, nowMs: number): boolean {
    return bgp.neighbours.some((neighbour) => {
      if (neighbour.kind !== "upstream" || !usable(neighbour.interface)) return false;
      const lastUpMs = this.#lastUpMs.get(neighbour.name);
      return lastUpMs !== undefined && nowMs - lastUpMs <= PATIENCE_MS;
    });
  }
}
