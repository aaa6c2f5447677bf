import type { Change } from "../../core/kind.ts";
import type { TunnelObject } from "./model.ts";

type Put = Exclude<Change<TunnelObject>, { readonly op: "delete" }>;

export interface Moves {
  /** To be made first, one for each ring of tunnels that take each other's ends. */
  readonly parked: readonly Put[];
  /** Whoever has the ends that another one wants comes before it. */
  readonly ordered: readonly Change<TunnelObject>[];
}

/**
 * The kernel refuses a second tunnel between the same ends (ip6_tnl_changelink: EEXIST), so a tunnel that takes another one's ends waits
 * until that has moved; of a ring, two users who exchange their addresses, one is led aside for a moment.
 */
export function orderMoves(changes: readonly Change<TunnelObject>[]): Moves {
  const holder = new Map<string, number>();
  for (const [i, change] of changes.entries())
    if (change.op === "replace") holder.set(endsOf(change.observed), i);
  const state = new Map<number, "under way" | "done">();
  const parked: Put[] = [];
  const ordered: Change<TunnelObject>[] = [];
  for (const start of changes.keys()) {
    // By hand, not by recursion: a chain may be as long as there are users.
    const path = [start];
    while (path.length > 0) {
      const at = path.at(-1) ?? start;
      const change = changes[at];
      if (change === undefined || state.get(at) === "done") {
        path.pop();
        continue;
      }
      const before = change.op === "delete" ? undefined : holder.get(endsOf(change.desired));
      const first = state.get(at) === undefined && before !== undefined && before !== at;
      if (first && state.get(before) === undefined) {
        state.set(at, "under way");
        path.push(before);
        continue;
      }
      const other = before === undefined ? undefined : changes[before];
      if (first && state.get(before) === "under way" && other?.op === "replace") parked.push(aside(other));
      state.set(at, "done");
      ordered.push(change);
      path.pop();
    }
  }
  return { parked, ordered };
}

/** Nobody's address (RFC 6666), another for each name: what is sent there is discarded. */
function aside(change: Extract<Put, { readonly op: "replace" }>): Put {
  let hash = 0x811c9dc5;
  for (const letter of change.observed.name) hash = Math.imul(hash ^ letter.charCodeAt(0), 0x01000193) >>> 0;
  const remote = `100::${(hash >>> 16).toString(16)}:${(hash & 0xffff).toString(16)}`;
  return { ...change, desired: { ...change.observed, remote } };
}

function endsOf({ local, remote }: TunnelObject): string {
  return `${local} ${remote}`;
}
