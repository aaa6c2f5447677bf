/** What decisions read of the evidence. Made by store.ts from messages, by simulators as they like. */

/** Measurements of one node: cycle by cycle, destination by destination, peer by peer. */
export interface CycleView {
  /** Newest first, at most `slots` of them. */
  readonly cycles: readonly CycleTime[];
  readonly slots: number;
  /** Columns of the lists below. */
  readonly peers: readonly string[];
  /**
   * Row of a destination's address; undefined when nothing was ever told of it. Whoever asks for all knows where it is likely to be:
   * to compare one address takes a fraction of looking it up.
   */
  readonly rowOf: (address: string, likely?: number) => number | undefined;
  /**
   * Of each cell, which is `row * peers.length + column`, and each cycle, at `cell * slots + slot`. Median round trip of the cycle's
   * probes and mean difference of those that followed each other, as codes of time-code.ts; none where too few came back.
   */
  readonly rtts: Uint16Array;
  readonly jitters: Uint16Array;
  /** What was sent and lost, and what else was told: sentIn, lostIn, FLAG. */
  readonly told: Uint16Array;
  /** Of each cell, over all cycles that are kept: those with probes, probes, and what was lost of them. */
  readonly cyclesOf: Uint16Array;
  readonly sentOf: Uint16Array;
  readonly lostOf: Uint16Array;
  /** And probes of full size, and those of them that were lost or too big. */
  readonly fullsOf: Uint16Array;
  readonly fullsLostOf: Uint16Array;
  /** And those with a round trip, and those in which answers came that prove nothing. */
  readonly timesOf: Uint16Array;
  readonly straysOf: Uint16Array;
  /** Of each cell `told` of the newest cycle again, side by side: mostly nothing else need be looked at. */
  readonly toldNow: Uint16Array;
  /** Hop limit that the newest answer arrived with; 0: not told. */
  readonly hopLimits: Uint8Array;
}

export interface CycleTime {
  readonly slot: number;
  /** On the controller's clock that never jumps. */
  readonly beganMs: number;
}

/** Bits of `told` above what was sent and lost; the lowest two of them are what became of the full probe. */
export const FLAG = {
  fullMask: 0x3000,
  arrived: 0x1000,
  lost: 0x2000,
  tooBig: 0x3000,
  stray: 0x4000,
  backedOff: 0x8000,
} as const;

/** What one cycle of a cell says; of probes the contract allows 32 (contract/up-egress.ts), and there is room for 63. */
export function tell(sent: number, lost: number, flags: number): number {
  return sent | (lost << 6) | flags;
}

export function sentIn(told: number): number {
  return told & 63;
}

export function lostIn(told: number): number {
  return (told >> 6) & 63;
}

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
  /**
   * Routes of an External Edge's peers that cover an address; undefined when it has not told, or not for long. Those that did not
   * change are the same list. `likely`: the address's place in the plan, as with `CycleView.rowOf`.
   */
  readonly routes: (via: string, address: string, likely?: number) => readonly RouteFact[] | undefined;
  /** Megabits a second by rowKey (memory.ts); what is not there is not known. */
  readonly demand: ReadonlyMap<string, number>;
}
