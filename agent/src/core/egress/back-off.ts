import type { CellCount } from "./tally.ts";

/** How much less a destination is asked than is wanted, and for how long. */
export interface BackOff {
  /** Probes are halved so often. */
  readonly level: number;
  /** Cycles in a row that went well at this level. */
  readonly good: number;
  /** So many are needed before it is asked more again. */
  readonly wait: number;
  /** Cycles in which nothing is concluded: asking less did not help, so it was the path. */
  readonly immune: number;
}

export const ASKED_AS_WANTED: BackOff = { level: 0, good: 0, wait: 4, immune: 0 };

const MAX_LEVEL = 3;
const MAX_WAIT = 64;
const IMMUNE_CYCLES = 16;
/** Fewer probes show nothing. */
const LEAST_SENT = 4;
/** Answers to so many of what was asked, or fewer, may be the work of a limit. */
const SUSPICIOUS = 0.75;
/** So many mean that it is no limit, or no longer. */
const WELL = 0.9;

/** Probes of one destination by one peer in a cycle. */
export function probesAt({ level }: BackOff, wanted: number): number {
  return Math.max(1, Math.ceil(wanted / 2 ** level));
}

/**
 * What a cycle says. A destination that limits its answers loses some by every peer, whichever way they take; a bad path loses by
 * its own peer. Where asking less does not help, it was no limit: it is asked as before, for the loss is to be seen.
 * @param cells of one destination, one a peer.
 */
export function judgeCycle(state: BackOff, cells: readonly CellCount[]): BackOff {
  const asked = cells.filter(({ sent }) => sent > 0);
  const sent = asked.reduce((sum, cell) => sum + cell.sent, 0);
  const answered = asked.reduce((sum, cell) => sum + cell.answered, 0);
  if (answered === 0 && asked.some(({ prohibited }) => prohibited))
    return { ...state, level: MAX_LEVEL, good: 0, immune: 0 };
  if (state.immune > 0) return { ...state, immune: state.immune - 1 };
  if (sent === 0) return state;
  const share = answered / sent;
  if (state.level > 0 && share >= WELL) return recover(state);
  if (!isLimited(asked, sent, answered, share, state.level))
    return state.level > 0 ? { ...state, good: 0 } : rest(state);
  const wait = state.level === 0 ? state.wait : Math.min(MAX_WAIT, state.wait * 2);
  if (state.level === MAX_LEVEL) return { ...ASKED_AS_WANTED, immune: IMMUNE_CYCLES };
  return { level: state.level + 1, good: 0, wait, immune: 0 };
}

/** Asked as wanted, and it goes well: in time what was before is forgotten. */
function rest(state: BackOff): BackOff {
  const forgotten = state.wait === ASKED_AS_WANTED.wait || state.good >= MAX_WAIT;
  return forgotten ? ASKED_AS_WANTED : { ...state, good: state.good + 1 };
}

function recover(state: BackOff): BackOff {
  const good = state.good + 1;
  if (good < state.wait) return { ...state, good };
  // One step at a time: if that is too much it is seen again, and then waited for longer.
  return { ...state, level: state.level - 1, good: 0, wait: Math.min(MAX_WAIT, state.wait * 2) };
}

function isLimited(
  asked: readonly CellCount[],
  sent: number,
  answered: number,
  share: number,
  level: number,
): boolean {
  // Asked little, less shows as well.
  if (level > 0) return share <= SUSPICIOUS;
  return (
    asked.length > 1 &&
    sent >= LEAST_SENT &&
    answered > 0 &&
    share <= SUSPICIOUS &&
    asked.every((cell) => cell.answered < cell.sent || cell.sent < 2)
  );
}
