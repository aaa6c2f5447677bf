import type { EgressCell } from "@vsix/shared/contract/up-egress.ts";
import type { Random } from "../judge-curve/random.ts";
import type { Target, World } from "./world.ts";

/** Probes of a cycle to each destination by each peer. */
export const PROBES = 5;

/** What the prober sees of one destination in one cycle: the truth, noise, and lies. */
export function measure(
  world: World,
  random: Random,
  target: Target,
  loads: readonly number[],
): { readonly cells: EgressCell[]; readonly backedOff: boolean } {
  const { paths, lie, lieAt } = target;
  // Users and probes of one destination meet its own access alike, by whatever peer they come.
  const commonMs = Math.abs(random.normal()) * 0.5;
  // Of all peers' probes one in four is answered; which ones is chance, for they are sent in random order.
  const limited = lie === "limits" ? 0.75 : 0;
  let backedOff = lie === "limits" && random.chance(0.8);
  const cells = paths.flatMap((path, peer): EgressCell[] => {
    const { rttMs, loss } = world.truth(target, peer, loads);
    const more = loss - path.loss;
    const cached = lie === "cache" && peer === lieAt;
    const dropped = lie === "limits-one" && peer === lieAt ? 0.3 : limited;
    if (lie === "limits-one" && random.chance(0.1)) backedOff = true;
    const rttsUs = Array.from({ length: PROBES }, () => {
      const noiseMs = path.noise.next();
      const lost =
        path.noise.lost() || path.hole || random.chance(Math.max(0, more)) || random.chance(dropped);
      if (lost) return -1;
      const slowMs = lie === "slow" ? random.exponential(25) : 0;
      return Math.round(1000 * Math.max(0.05, (cached ? 2 : rttMs) + commonMs + noiseMs + slowMs));
    });
    const lost = rttsUs.filter((rtt) => rtt < 0).length;
    const arrives = !path.narrow && !path.hole && !random.chance(Math.min(1, loss + dropped));
    return [
      {
        peer,
        sent: PROBES,
        lost,
        unsent: 0,
        rttsUs,
        full: arrives ? "arrived" : "lost",
        hopLimit: cached && target.seen ? 61 : 52,
      },
    ];
  });
  return { cells, backedOff };
}
