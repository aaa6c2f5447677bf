import type { Context } from "./context.ts";
import type { GainArithmetic, PeerCode, PeerVerdict } from "./decision.ts";
import { jitterIn } from "./figures.ts";
import { NOTHING, nameOf, type Row, untilMs } from "./row.ts";

/** Puts what was found into what is said of a peer. */
export function say(row: Row, peer: number, code: PeerCode, comparison?: GainArithmetic): void {
  if (peer < 0 || peer >= row.codes.length) return;
  row.codes[peer] = code;
  if (comparison !== undefined) row.comparisons[peer] = comparison;
}

/**
 * Verdicts on all peers of a row, for people. Of a hundred thousand hardly one is ever read, so they are made when somebody asks, and
 * out of what the decision was made from: its figures, its routes, its clock. What has arrived since is not in them.
 */
export function verdictsOf(context: Context, row: Row): PeerVerdict[] {
  return Array.from(row.codes, (code, peer) => verdictOf(context, row, peer, code));
}

function verdictOf(context: Context, row: Row, peer: number, code: PeerCode): PeerVerdict {
  const { sight, routes, before } = row;
  const { table, first } = sight ?? { table: NOTHING, first: -peer };
  const at = first + peer;
  const answered = table.answered[at] !== 0;
  const name = nameOf(context, peer);
  const comparison = row.comparisons[peer];
  const verdict = {
    peer: name,
    code,
    rttMs: answered ? table.rttMs[at] : undefined,
    jitterMs: answered ? jitterIn(table, at) : undefined,
    lost: table.lost[at] ?? 0,
    sent: table.sent[at] ?? 0,
    asPathLength: routes.byPeer[peer]?.length,
    ...(comparison === undefined ? {} : { comparison }),
  };
  const { nowMs } = context.input;
  if (code === "remembered" && before !== undefined)
    return { ...verdict, forMs: untilMs(before, name, nowMs) - nowMs };
  if (code === "unstable") return { ...verdict, forMs: context.states[peer]?.forMs ?? 0 };
  return verdict;
}
