import type { AaaaOutcome, PairClass } from "@vsix/shared/dns/model.ts";
import type { DnsGap } from "./messages.ts";
import type { RankedKind } from "./rank-rows.ts";
import type { RankBy } from "./ranking.ts";
import type { Tally } from "./tallies.ts";

/** Questions about captured DNS and their answers, as they cross to the thread that reads. Times are milliseconds since 1970. */

/** What is looked for: all of it must hold. */
export interface Where {
  readonly fromMs: number;
  /** Exclusive. */
  readonly untilMs: number;
  /** Exactly this name. */
  readonly name?: string;
  /** This name and all below it. */
  readonly below?: string;
  /** Address or prefix. */
  readonly client?: string;
  readonly outcome?: AaaaOutcome;
  readonly type?: number;
  readonly class?: PairClass;
  readonly node?: string;
}

/** all: whatever was asked. ready: names that somebody got native AAAA of. ipv4: AAAA was asked for, and nobody got a native one. */
export type TopBy = RankBy;

export interface TopQuestion {
  readonly where: Where;
  readonly kind: RankedKind;
  readonly by: TopBy;
  readonly limit: number;
}

export interface Scanned {
  /** Pairs in segments that were looked into, and segments that were not, for their headers told enough. */
  readonly rows: number;
  readonly segments: number;
  readonly skipped: number;
  readonly tookMs: number;
  /** Segments that could not be read. */
  readonly unreadable: number;
}

export interface TopAnswer {
  readonly rows: readonly { readonly key: string; readonly tally: Tally }[];
  /** Keys in all. */
  readonly keys: number;
  /** Of everything that was matched. */
  readonly total: Tally;
  /** pairs: counted from every pair. hours, days: from what is kept of each, for the pairs are gone. */
  readonly source: "pairs" | "hours" | "days";
  /** Counts at the bottom may be too low. */
  readonly inexact: boolean;
  readonly scanned: Scanned;
}

export interface OutcomesAnswer {
  /** Of the whole time, each exchange once. Names: tallies of roll-ups (TELESCREEN.md). */
  readonly total: Tally;
  readonly stepS: number;
  readonly series: readonly { readonly startMs: number; readonly tally: Tally }[];
  /** As seen at each capture point. */
  readonly points: Readonly<Record<string, Tally>>;
  /** What agents counted: packets, drops, parse errors; and what never came. By node. */
  readonly capture: Readonly<Record<string, Tally>>;
  /** In this time, the oldest first. */
  readonly gaps: readonly DnsGap[];
  readonly source: "pairs" | "minutes" | "hours" | "days";
}

export interface PairView {
  readonly timeMs: number;
  readonly node: string;
  readonly point: string;
  readonly class: PairClass;
  readonly half: string;
  readonly transport: string;
  readonly client: string;
  readonly clientPort: number;
  readonly server: string;
  readonly name: string;
  readonly type: number;
  readonly rcode: number | null;
  readonly outcome: AaaaOutcome;
  readonly latencyUs: number | null;
  readonly querySize: number | null;
  readonly responseSize: number | null;
  readonly retries: number;
  /** TYPE RDATA, in their order. */
  readonly answers: readonly string[];
  /** Seen elsewhere too, and not counted here. */
  readonly duplicate: boolean;
}

export interface TailAnswer {
  /** Newest last. */
  readonly pairs: readonly PairView[];
  /** To be given back for what came since. */
  readonly cursor: number;
  readonly scanned: Scanned;
}
