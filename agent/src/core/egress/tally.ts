import type { EgressCell } from "@vsix/shared/contract/up-egress.ts";

/** What a probe has come to, where it has no round trip time. */
export const OUTCOME = {
  /** Not sent. */
  NONE: -1,
  /** Under way, or lost. */
  SILENT: -2,
  /** Somebody said that it cannot get there. */
  UNREACHABLE: -3,
  TOO_BIG: -4,
} as const;

/** A cell as it is told, without its peer. */
export type EgressTally = Omit<EgressCell, "peer">;

export interface CellCount {
  readonly sent: number;
  readonly answered: number;
  /** Somebody said that it is administratively prohibited (RFC 4443 section 3.1, code 1). */
  readonly prohibited: boolean;
}

export interface CellFacts {
  readonly wanted: number;
  /** Of the ordinary probes, in the order of sending: round trip times in microseconds, or OUTCOME. */
  readonly outcomes: Int32Array;
  /** Whether the answer to a probe may have been lost by this node itself. */
  readonly isDoubtful: (probe: number) => boolean;
  readonly full: number;
  readonly fullMtu: number;
  readonly stray: number;
  /** Code, or -1. */
  readonly unreachable: number;
  /** Of the last answer, or 0. */
  readonly hopLimit: number;
}

/**
 * A probe whose answer this node itself may have dropped says nothing of the path, so it counts as one that was never sent;
 * the one of full size as well.
 */
export function tallyOf(facts: CellFacts): EgressTally {
  const { wanted, outcomes, isDoubtful, full, fullMtu, stray, unreachable, hopLimit } = facts;
  const rttsUs: number[] = [];
  let lost = 0;
  for (let probe = 0; probe < outcomes.length; probe++) {
    const outcome = outcomes[probe] ?? OUTCOME.NONE;
    if (outcome >= 0) rttsUs.push(outcome);
    else if (outcome !== OUTCOME.NONE && !(outcome === OUTCOME.SILENT && isDoubtful(probe))) {
      lost++;
      rttsUs.push(-1);
    }
  }
  return {
    sent: rttsUs.length,
    lost,
    unsent: wanted - rttsUs.length,
    rttsUs,
    ...fullOf(full, fullMtu, isDoubtful(wanted)),
    ...(stray > 0 ? { stray } : {}),
    ...(unreachable >= 0 ? { unreachable } : {}),
    ...(hopLimit > 0 ? { hopLimit } : {}),
  };
}

function fullOf(outcome: number, mtu: number, doubtful: boolean): Pick<EgressTally, "full" | "fullMtu"> {
  if (outcome >= 0) return { full: "arrived" };
  if (outcome === OUTCOME.TOO_BIG) return { full: "too-big", ...(mtu > 0 ? { fullMtu: mtu } : {}) };
  return outcome === OUTCOME.NONE || (outcome === OUTCOME.SILENT && doubtful) ? {} : { full: "lost" };
}
