/**
 * What one decision hands to the next; all of it JSON, but for maps. Times are milliseconds on the controller's clock that never
 * jumps; across a restart ages are kept instead (`saveMemory`, `loadMemory`).
 */
export interface EpeMemory {
  /** Overrides of another mode are none of this one: enabling begins anew, under the caps. */
  readonly mode: "observe" | "enforce";
  /** By rowKey. Only rows of which there is something to remember. */
  readonly rows: ReadonlyMap<string, RowMemory>;
  /** By peer name. */
  readonly peers: ReadonlyMap<string, PeerMemory>;
  /** Bad paths that were told and are not over, by key. */
  readonly bad: ReadonlyMap<string, BadMemory>;
  /** AS paths in use, by peer and prefix: to see that one changed. */
  readonly paths: ReadonlyMap<string, ReadonlyMap<string, string>>;
  readonly accounts: EpeAccounts;
}

export type MoveReason = "gain" | "limit" | "preferred" | "leave-avoided" | "detour";

export interface OverrideMemory {
  readonly peer: string;
  readonly reason: MoveReason;
  readonly sinceMs: number;
  /** What traffic left by before. */
  readonly from: string;
  /** What was expected. */
  readonly gainMs: number;
  /** The round trip by the peer as it was moved to it; absent where nothing was measured. */
  readonly rttMs?: number;
  /** Judged again by cycles that began after the move, and kept. */
  readonly checked: boolean;
  /** Begin of the newest cycle that had data of it. */
  readonly dataMs: number;
  /** Up to here its gain has been counted. */
  readonly countedMs: number;
}

export interface RowMemory {
  readonly override?: OverrideMemory;
  readonly changedMs: number;
  /** What traffic left by before and after that. */
  readonly changed?: { readonly from: string; readonly to: string };
  /** Peers that were no gain here. */
  readonly failures: Readonly<Record<string, { readonly count: number; readonly untilMs: number }>>;
}

export interface PeerMemory {
  readonly up: boolean;
  /** When `up` was last told. */
  readonly seenMs: number;
  /** How often it went down of late; halves every hour. */
  readonly flaps: number;
  /** When its link was last so full that what was measured then says nothing of later. */
  readonly fullMs?: number;
}

export interface BadMemory {
  readonly sinceMs: number;
}

/** What was done, and what came of it. In milliseconds times cycles: over a cycle, so much less was waited for each packet. */
export interface EpeAccounts {
  readonly moves: number;
  readonly kept: number;
  readonly takenBack: number;
  readonly reverted: number;
  /** Cycles of overrides counted, and how many of them were worse than what BGP would have done. */
  readonly cycles: number;
  readonly worseCycles: number;
  readonly wonMsCycles: number;
}

export function newMemory(mode: EpeMemory["mode"]): EpeMemory {
  const accounts = {
    moves: 0,
    kept: 0,
    takenBack: 0,
    reverted: 0,
    cycles: 0,
    worseCycles: 0,
    wonMsCycles: 0,
  };
  return { mode, rows: new Map(), peers: new Map(), bad: new Map(), paths: new Map(), accounts };
}

export function rowKey(node: string, className: string, prefix: string): string {
  return `${node} ${className} ${prefix}`;
}

/** Memory as JSON, times as ages. */
export interface SavedMemory {
  readonly version: 1;
  readonly mode: EpeMemory["mode"];
  readonly rows: readonly (readonly [string, RowMemory])[];
  readonly peers: readonly (readonly [string, PeerMemory])[];
  readonly bad: readonly (readonly [string, BadMemory])[];
  /** `PREFIX PEER` to the path. */
  readonly paths: readonly (readonly [string, string])[];
  readonly accounts: EpeAccounts;
}

export function saveMemory(memory: EpeMemory, nowMs: number): SavedMemory {
  return { version: 1, ...shifted(memory, -nowMs) };
}

/**
 * @param awayMs how long nobody decided, at least 0, by the wall clock; cycles before the restart are gone with their store, so
 * the check after a move begins anew by itself
 */
export function loadMemory({ version: _, ...saved }: SavedMemory, nowMs: number, awayMs: number): EpeMemory {
  const memory = {
    ...saved,
    rows: new Map(saved.rows),
    peers: new Map(saved.peers),
    bad: new Map(saved.bad),
    paths: loadPaths(saved.paths),
  };
  const { rows, peers, bad, paths, ...rest } = shifted(memory, nowMs - Math.max(0, awayMs));
  return { ...rest, rows: new Map(rows), peers: new Map(peers), bad: new Map(bad), paths: loadPaths(paths) };
}

function loadPaths(saved: SavedMemory["paths"]): EpeMemory["paths"] {
  const paths = new Map<string, Map<string, string>>();
  for (const [key, path] of saved) {
    const [prefix = "", peer = ""] = key.split(" ");
    let own = paths.get(peer);
    if (own === undefined) {
      own = new Map();
      paths.set(peer, own);
    }
    own.set(prefix, path);
  }
  return paths;
}

function shifted(memory: EpeMemory, by: number): Omit<SavedMemory, "version"> {
  return {
    mode: memory.mode,
    accounts: memory.accounts,
    paths: [...memory.paths].flatMap(([peer, own]) =>
      [...own].map(([prefix, path]) => [`${prefix} ${peer}`, path] as const),
    ),
    peers: [...memory.peers].map(([name, { fullMs, ...peer }]) => [
      name,
      { ...peer, seenMs: peer.seenMs + by, ...(fullMs === undefined ? {} : { fullMs: fullMs + by }) },
    ]),
    bad: [...memory.bad].map(([key, { sinceMs }]) => [key, { sinceMs: sinceMs + by }]),
    rows: [...memory.rows].map(([key, row]) => [key, shiftedRow(row, by)]),
  };
}

function shiftedRow({ override, changedMs, changed, failures }: RowMemory, by: number): RowMemory {
  return {
    changedMs: changedMs + by,
    ...(changed === undefined ? {} : { changed }),
    failures: Object.fromEntries(
      Object.entries(failures).map(([peer, one]) => [peer, { ...one, untilMs: one.untilMs + by }]),
    ),
    ...(override === undefined
      ? {}
      : {
          override: {
            ...override,
            sinceMs: override.sinceMs + by,
            dataMs: override.dataMs + by,
            countedMs: override.countedMs + by,
          },
        }),
  };
}
