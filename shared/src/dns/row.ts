import { AAAA_OUTCOMES, HALVES, PAIR_CLASSES, TRANSPORTS } from "./model.ts";

/** Positions in the lists of model.ts, as the hot path and the columns have them. */
export const HALF = { whole: 0, query: 1, response: 2 } as const;
export const CLASS = { client: 0, authority: 1 } as const;
export const TRANSPORT = { udp: 0, tcp: 1 } as const;
export const OUTCOME = {
  none: 0,
  native: 1,
  translated: 2,
  nodata: 3,
  nxdomain: 4,
  servfail: 5,
  unanswered: 6,
  other: 7,
} as const;

export const halfOf = (kind: number) => HALVES[kind & 3] ?? "whole";
export const classOf = (kind: number) => PAIR_CLASSES[(kind >> 2) & 1] ?? "client";
export const transportOf = (kind: number) => TRANSPORTS[(kind >> 3) & 7] ?? "udp";
export const outcomeName = (outcome: number) => AAAA_OUTCOMES[outcome] ?? "other";
export const kindOf = (half: number, pairClass: number, transport: number): number =>
  half | (pairClass << 2) | (transport << 3);

/** One row before it is in columns. One such object is used again and again. */
export interface PairRow {
  /** Seconds and nanoseconds, UTC, of the query, or of the response where only that was seen. */
  second: number;
  nanosecond: number;
  /** -1 where there is none. */
  latencyUs: number;
  client: number;
  clientPort: number;
  server: number;
  id: number;
  kind: number;
  question: number;
  /** -1 where there is none. */
  reply: number;
  ttls: number;
  point: number;
  retries: number;
  hash: number;
}

export function emptyRow(): PairRow {
  return {
    second: 0,
    nanosecond: 0,
    latencyUs: -1,
    client: 0,
    clientPort: 0,
    server: 0,
    id: 0,
    kind: 0,
    question: 0,
    reply: -1,
    ttls: 0,
    point: 0,
    retries: 0,
    hash: 0,
  };
}
