/** Section `epe` of a fabric file, resolved. Prefixes and addresses are RFC 5952 text, peers named as in egress-peers.ts. */

export interface FabricEpe {
  readonly measure: {
    readonly cycleS: number;
    /** Ordinary probes of each destination by each peer in a cycle. */
    readonly probes: number;
    readonly timeoutMs: number;
    /** Octets of the inner IPv6 packet. */
    readonly size: number;
    /** Octets of the one full probe a cycle; 0: none. */
    readonly fullSize: number;
    readonly maxPacketsPerS: number;
    readonly maxPacketsPerDestinationPerS: number;
    /** Nodes that measure. */
    readonly from: readonly string[];
  };
  /** Never probed, so never decided. AS numbers mean the origin of the route. */
  readonly never: { readonly prefixes: readonly string[]; readonly as: readonly number[] };
  readonly destinations: {
    readonly list: readonly EpeDestination[];
    readonly sources: readonly EpeSource[];
    /** Over list, sources and what is learned. */
    readonly max: number;
  };
  readonly objective: EpeObjective;
  readonly prefer: readonly string[];
  readonly avoid: readonly string[];
  /** Every egress peer of the fabric. */
  readonly peers: readonly EpePeer[];
  /** May a peer be used that announces no route covering the destination? */
  readonly unannounced: "never" | "allow";
  readonly decide: EpeNumbers;
  /** In order of precedence; what no rule matches is class `default`. */
  readonly rules: readonly EpeRule[];
}

export interface EpeDestination {
  readonly prefix: string;
  /** Who is asked for the whole prefix. */
  readonly address: string;
  readonly protocol: "icmp6" | "tcp" | "udp";
  readonly port?: number;
}

/** A list of destinations that the controller loads, again and again. */
export interface EpeSource {
  readonly from: { readonly file: string } | { readonly url: string };
  readonly refreshS: number;
  readonly maxBytes: number;
  readonly maxEntries: number;
}

/** Everything is added up in milliseconds of round trip. */
export interface EpeObjective {
  readonly weights: {
    /** Per millisecond of round trip, and of delay variation. */
    readonly rtt: number;
    readonly jitter: number;
    /** Milliseconds that one per cent of loss, one more AS in the path and one unit of cost are worth. */
    readonly lossPercent: number;
    readonly asPathHop: number;
    readonly cost: number;
  };
  /** A peer beyond one of these is left, and never moved to. */
  readonly limits: {
    readonly rttMs?: number;
    readonly jitterMs?: number;
    readonly lossPercent?: number;
    readonly asPathLength?: number;
    readonly cost?: number;
  };
}

export interface EpePeer {
  readonly name: string;
  readonly cost: number;
  /** Of its link, outwards. Absent: nothing is known, so nothing is detoured and nothing refused for it. */
  readonly capacityMbps?: number;
  /** Shares of the capacity: from the one on traffic is led elsewhere, below the other it comes back. */
  readonly detourAt: number;
  readonly restoreAt: number;
}

export interface EpeNumbers {
  /** Cycles whose round trips are judged together, and whose losses are. */
  readonly cycles: number;
  readonly lossCycles: number;
  /** Chance that one comparison may call a gain what is none. */
  readonly error: number;
  /** To move: both. */
  readonly minimumGainMs: number;
  readonly minimumGainPercent: number;
  /** To stay moved. Less than minimumGainMs: the distance is the hysteresis. */
  readonly keepGainMs: number;
  /** Between two moves of one prefix for a gain. */
  readonly holdS: number;
  /** For so long a peer's session must be up before anything is moved to it. */
  readonly stableS: number;
  /** Cycles begun after a move by which it is judged again. */
  readonly checkCycles: number;
  /** For so long a peer is not tried again that was no gain; doubled each time, up to the greater. */
  readonly rememberS: number;
  readonly rememberMaxS: number;
  readonly maxMovesPerCycle: number;
  readonly maxMbpsPerCycle: number;
  /** Cycles without data after which an override is given up. */
  readonly ageCycles: number;
  /** Part `epe`: how long a router keeps overrides without its controller; 0: as long as their peers live. */
  readonly keepS: number;
}

export interface EpeRule {
  readonly name: string;
  readonly match: EpeRuleMatch;
  readonly objective: EpeObjective;
  readonly prefer: readonly string[];
  readonly avoid: readonly string[];
}

/** Absent fields match everything. */
export interface EpeRuleMatch {
  /** Those of `edges` are among them. */
  readonly sources?: readonly string[];
  readonly dscp?: number;
  /** Next header number. */
  readonly protocol?: number;
  readonly ports?: { readonly from: number; readonly to: number };
  readonly destinations?: readonly string[];
}
