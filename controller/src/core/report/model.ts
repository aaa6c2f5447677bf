/** What an event report tells of a span of time. All of it was observed; what nobody observed is null, never 0. */

export type Counts = Readonly<Record<string, number>>;

export interface ReportName {
  readonly name: string;
  readonly a: number;
  readonly aaaa: number;
  readonly native: number;
  readonly translated: number;
  readonly nodata: number;
}

/** Null: no DNS was captured in this time. */
export interface ReportDns {
  readonly questions: number;
  readonly a: number;
  readonly aaaa: number;
  readonly https: number;
  readonly other: number;
  /** Of resolvers to authoritative servers: in none of the other figures. */
  readonly byResolvers: number;
  /** Of the questions for AAAA. */
  readonly outcomes: Readonly<
    Record<"native" | "translated" | "nodata" | "nxdomain" | "servfail" | "unanswered" | "other", number>
  >;
  /** Of AAAA questions with an address in the answer, those that got a translated one; null without any. */
  readonly translatedShare: number | null;
  readonly stepS: number;
  readonly series: readonly {
    readonly startMs: number;
    readonly a: number;
    readonly aaaa: number;
    readonly https: number;
    readonly native: number;
    readonly translated: number;
  }[];
  readonly withoutAaaa: readonly ReportName[];
  readonly ready: readonly ReportName[];
  readonly points: readonly { readonly point: string; readonly pairs: number }[];
  readonly capture: {
    /** Packets that agents saw, and that their kernels dropped before them; null where no agent says. */
    readonly packets: number | null;
    readonly dropped: number | null;
    readonly dropRate: number | null;
    /** Captured, and lost before they came to the controller. */
    readonly lostPairs: number;
    /** Nothing was captured there then though it was to be: nobody can count what passed. */
    readonly gaps: readonly { readonly node: string; readonly fromMs: number; readonly toMs: number }[];
  };
  readonly source: string;
}

export interface ReportIncident {
  readonly at: string;
  readonly what: string;
  readonly level: string;
}

/** Of one service; "by operators": given to nobody's application. */
export interface ReportPrefixes {
  readonly service: string;
  /** Came into use in the time. */
  readonly issued: PrefixSum;
  /** In use at its end. */
  readonly active: PrefixSum;
  /** Went out of use in the time: given back, or taken. */
  readonly revoked: PrefixSum;
}

export interface PrefixSum {
  readonly count: number;
  /** How many /64 they are; what is longer than that counts as none. */
  readonly equivalents64: number;
}

/** Null: no node looked. */
export interface ReportHealth {
  readonly runs: number;
  /** Layers that were not always good, the worst first. */
  readonly worst: readonly {
    readonly site: string;
    readonly layer: string;
    readonly looked: number;
    readonly poor: number;
    readonly bad: number;
  }[];
}

/** Null: nobody has an account, so there is no access service in this network. */
export interface ReportAccess {
  /** At the end, made in the time, and removed in it. */
  readonly accounts: { readonly all: number; readonly fresh: number; readonly removed: number };
  readonly applications: readonly {
    readonly service: string;
    /** In the time. */
    readonly made: number;
    readonly refused: number;
    readonly revoked: number;
    /** At the end neither refused nor revoked. */
    readonly living: number;
  }[];
  readonly prefixes: readonly ReportPrefixes[];
  /** Peak of tunnels and of VPN peers; null: no node tells. */
  readonly peakTunnels: number | null;
  readonly peakPeers: number | null;
}

export interface EventReport {
  readonly event: string | null;
  readonly fromMs: number;
  readonly untilMs: number;
  readonly madeMs: number;
  readonly network: {
    readonly nodes: number;
    readonly edges: number;
    readonly planes: readonly string[];
    readonly revision: number | null;
  };
  readonly dns: ReportDns | null;
  readonly access: ReportAccess | null;
  readonly health: ReportHealth | null;
  readonly incidents: {
    /** Path events by kind. */
    readonly counts: Counts;
    /** The newest. */
    readonly newest: readonly ReportIncident[];
  };
  readonly rollouts: readonly {
    readonly id: number;
    readonly from: string;
    readonly to: string;
    readonly stage: string;
    readonly edges: number;
    readonly createdAt: string;
    readonly endedAt: string | null;
    readonly why: string | null;
  }[];
  /** Null: egress peer engineering was never switched on in this time and did nothing. */
  readonly epe: {
    readonly moves: number;
    readonly takenBack: number;
    readonly badPaths: number;
    /** Moves that were decided and, in `observe`, not made. */
    readonly onlyObserved: number;
    readonly newest: readonly ReportIncident[];
  } | null;
  /** Records of the audit log, by what was done. */
  readonly changes: readonly { readonly what: string; readonly count: number }[];
}
