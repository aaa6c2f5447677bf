import type { Decision } from "./decision.ts";
import type { EpeEvidence } from "./evidence/view.ts";
import { type Figures, figuresOf } from "./figures.ts";
import { orderOf } from "./reading.ts";

/** What one node measures of one destination just now, and whose decisions count on it. */
export interface ProberFigures {
  readonly node: string;
  /** Since the begin of the newest cycle that it told; undefined: it has told none. */
  readonly agoMs: number | undefined;
  /** Plane routers that were decided for by it. */
  readonly decides: readonly string[];
  /** Peers that it measures the destination by, in the policy's order. */
  readonly peers: readonly (Pick<Figures, "rttMs" | "jitterMs" | "cycles" | "sent" | "lost" | "full"> & {
    readonly peer: string;
  })[];
}

/** Of every node that measures, in the order of `from`, also of those that nothing is decided by. */
export function proberFigures(asked: {
  readonly from: readonly string[];
  readonly peers: readonly string[];
  readonly address: string;
  readonly decisions: readonly Decision[];
  readonly evidence: Pick<EpeEvidence, "cycles"> | undefined;
  readonly numbers: { readonly cycles: number };
  readonly nowMs: number;
}): readonly ProberFigures[] {
  const { from, peers, address, decisions, evidence, numbers, nowMs } = asked;
  return from.map((node) => {
    const decides = decisions.flatMap((one) => (one.vantage === node ? [one.node] : []));
    const view = evidence?.cycles(node);
    const newestMs = view?.cycles[0]?.beganMs;
    const row = view?.rowOf(address);
    const order = orderOf(view?.cycles ?? []);
    return {
      node,
      agoMs: newestMs === undefined ? undefined : Math.max(0, nowMs - newestMs),
      decides: [...new Set(decides)],
      peers: peers.flatMap((peer) => {
        const column = view?.peers.indexOf(peer) ?? -1;
        if (view === undefined || row === undefined || column < 0) return [];
        const figures = figuresOf(view, order, row * view.peers.length + column, numbers.cycles);
        if (figures.sent === 0) return [];
        const { rttMs, jitterMs, cycles, sent, lost, full } = figures;
        return [{ peer, rttMs, jitterMs, cycles, sent, lost, full }];
      }),
    };
  });
}
