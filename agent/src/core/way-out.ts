import type { BgpPart } from "@vsix/shared/contract/part-bgp.ts";

/** A session that has gone while its link is well may come back by graceful restart: so long its routes still count. */
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

  /**
   * An upstream whose link failed counts again only when its session is up again: its routes went with the link.
   *
   * @param usable whether the link to a neighbour is usable
   */
  isOpen(bgp: BgpPart, usable: (interfaceName: string) => boolean, nowMs: number): boolean {
    let open = false;
    for (const { name, kind, interface: interfaceName } of bgp.neighbours) {
      if (kind !== "upstream") continue;
      if (!usable(interfaceName)) this.#lastUpMs.delete(name);
      const lastUpMs = this.#lastUpMs.get(name);
      if (lastUpMs !== undefined && nowMs - lastUpMs <= PATIENCE_MS) open = true;
    }
    return open;
  }
}
