/** What decisions read of the evidence. Made by store.ts from messages, by simulators as they like. */

/** Measurements of one node: cycle by cycle, destination by destination, peer by peer. */
export interface CycleView {
  /** Newest first, at most `slots` of them. */
  readonly cycles: readonly CycleTime[];
  readonly slots: number;
  /** Columns of the lists below. */
  readonly peers: readonly string[];
  /** Row of a destination's address; undefined when nothing was ever told of it. */
  readonly rowOf: (address: string) => number | undefined;
  /**
   * Of each cell at `(row * peers.length + column) * slots + slot`. Median round trip of the cycle's probes and mean difference
   * of those that followed each other, milliseconds; NaN where too few came back.
   */
  readonly medianMs: Float32Array;
  readonly jitterMs: Float32Array;
  readonly sent: Uint8Array;
  readonly lost: Uint8Array;
  /** See FLAG. */
  readonly flags: Uint8Array;
  /** Hop limit that answers arrived with; 0: not told. */
  readonly hopLimits: Uint8Array;
}

export interface CycleTime {
  readonly slot: number;
  /** On the controller's clock that never jumps. */
  readonly beganMs: number;
}

/** Bits of `flags`; the lowest two are what became of the full probe. */
export const FLAG = {
  fullMask: 3,
  arrived: 1,
  lost: 2,
  tooBig: 3,
  stray: 4,
  unreachable: 8,
  backedOff: 16,
} as const;

export interface PeerFact {
  /** When this was heard. */
  readonly heardMs: number;
  readonly established: boolean;
  /** Since when its session is so. */
  readonly sinceMs: number;
  readonly sid: "peer" | "lookup" | "none";
  /** Megabits a second outwards, and the time over which that was counted. */
  readonly load: { readonly mbps: number; readonly fromMs: number; readonly toMs: number } | undefined;
}

export interface RouteFact {
  readonly peer: string;
  readonly prefix: string;
  /** AS numbers in the path, prepended ones too: as BGP counts. */
  readonly length: number;
  /** The last of them; undefined for none. */
  readonly originAs: number | undefined;
  /** For people and for seeing changes; only the first few. */
  readonly path: string;
  readonly origin: number;
  readonly med: number;
  readonly filtered: boolean;
  readonly best: boolean;
}

export interface EpeEvidence {
  /** Nodes whose lease holds. */
  readonly alive: ReadonlySet<string>;
  readonly cycles: (node: string) => CycleView | undefined;
  readonly peer: (name: string) => PeerFact | undefined;
  /** Routes of an External Edge's peers that cover an address; undefined when it has not told, or not for long. */
  readonly routes: (via: string, address: string) => readonly RouteFact[] | undefined;
  /** Megabits a second by rowKey (memory.ts); what is not there is not known. */
  readonly demand: ReadonlyMap<string, number>;
}
