import type { EpeCourse, EpeRow } from "../api/types.ts";

/** What the ways out before and after a move were measured to be around it. Pure. */

/** Cycles shown on either side. */
const CYCLES = 20;

export interface MoveCourse {
  readonly id: number;
  readonly at: string;
  /** Who measured. */
  readonly node: string;
  /** The plane's router whose traffic was moved. */
  readonly headend: string;
  readonly kind: "move" | "revert";
  readonly done: boolean;
  readonly peers: readonly MovedPeer[];
  /** Minutes since the move; below 0 is before it. */
  readonly minutes: readonly number[];
}

export interface MovedPeer {
  readonly peer: string;
  readonly is: "old" | "new";
  readonly rttMs: readonly (number | null)[];
  readonly lossPercent: readonly (number | null)[];
  readonly before: PeerFigures;
  readonly after: PeerFigures;
}

export interface PeerFigures {
  /** Of the cycles' own medians; undefined where nothing was measured. */
  readonly rttMs: number | undefined;
  readonly lossPercent: number | undefined;
  readonly cycles: number;
}

/** Of each move and taking back of this destination that cycles are kept of, as every node that measures saw it. */
export function moveCourses(course: EpeCourse, rows: readonly EpeRow[]): readonly MoveCourse[] {
  return rows.flatMap(({ id, at, prefix, body }) => {
    const { kind, from, to } = body;
    if (prefix !== course.prefix || (kind !== "move" && kind !== "revert")) return [];
    if (typeof from !== "string" || typeof to !== "string") return [];
    return course.nodes.flatMap((seen): MoveCourse[] => {
      const movedMs = Date.parse(at);
      const minutes = seen.at.map((began) => (Date.parse(began) - movedMs) / 60_000);
      const first = minutes.findIndex((minute) => minute >= 0);
      const split = first < 0 ? minutes.length : first;
      const [begin, end] = [Math.max(0, split - CYCLES), Math.min(minutes.length, split + CYCLES)];
      const shown = { begin, split, end };
      const peers = [
        ["old", from],
        ["new", to],
      ] as const;
      const found = peers.flatMap(([is, name]) => {
        const peer = seen.peers.find((one) => one.peer === name);
        return peer === undefined ? [] : [movedPeer(is, peer, shown)];
      });
      if (found.length === 0 || begin === end) return [];
      return [
        {
          ...{
            id,
            at,
            kind,
            node: seen.node,
            headend: String(body["node"] ?? ""),
            done: body["done"] === true,
            peers: found,
          },
          minutes: minutes.slice(begin, end),
        },
      ];
    });
  });
}

function movedPeer(
  is: "old" | "new",
  { peer, rttMs, loss }: EpeCourse["nodes"][number]["peers"][number],
  { begin, split, end }: { readonly begin: number; readonly split: number; readonly end: number },
): MovedPeer {
  const lossPercent = loss.map((share) => (share === null ? null : 100 * share));
  const figures = (from: number, until: number): PeerFigures => {
    const [rtts, losses] = [measured(rttMs.slice(from, until)), measured(lossPercent.slice(from, until))];
    return {
      rttMs: rtts.toSorted((a, b) => a - b)[Math.floor((rtts.length - 1) / 2)],
      lossPercent:
        losses.length === 0 ? undefined : losses.reduce((sum, one) => sum + one, 0) / losses.length,
      cycles: losses.length,
    };
  };
  return {
    ...{ peer, is, rttMs: rttMs.slice(begin, end), lossPercent: lossPercent.slice(begin, end) },
    before: figures(begin, split),
    after: figures(split, end),
  };
}

const measured = (values: readonly (number | null)[]): readonly number[] =>
  values.filter((value) => value !== null);
