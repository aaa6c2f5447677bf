/**
 * What a capture counts, in the order of their numbers in a segment: only ever added to at the end. A segment has what was
 * counted since the one before it, so that sums are right whatever was sent twice or is still to come.
 */
export const CAPTURE_COUNTERS = [
  /** Packets that the kernel put into the ring. */
  "packets",
  /** Packets that did not fit into it: lost. */
  "kernelDrops",
  /** Times that the ring was full. */
  "ringFreezes",
  /** Octets of those packets, as they were on the link. */
  "octets",
  /** Passed by the kernel's filter, and no DNS after all. */
  "notDns",
  /** Cut short by the capture. */
  "truncated",
  /** Headers of link, IP, UDP or TCP that make no sense. */
  "badHeaders",
  "fragments",
  /** Datagrams put together from fragments. */
  "reassembled",
  /** Fragments that were given up: the rest did not come in time, there were too many, they overlapped. */
  "fragmentsLost",
  "tcpSegments",
  "tcpConnections",
  /** Octets that were missing amid a connection. */
  "tcpGaps",
  /** Connections given up for want of room. */
  "tcpEvicted",
  "queries",
  "responses",
  /** DNS messages that could not be read, by what is wrong with them. */
  "messageShort",
  "messageCount",
  "messageName",
  "messagePointer",
  "messageRecord",
  /** Other than one question; and opcodes without one. */
  "messageOpcode",
  "pairs",
  /** Queries without response until the end of waiting. */
  "unanswered",
  /** Queries given up earlier, for want of room. */
  "evicted",
  /** Responses without query. */
  "unmatched",
  /** A query seen again before its response. */
  "retransmitted",
  /** A response seen again. */
  "duplicates",
  /** Rows that nobody could take. */
  "rowsLost",
  /** The same packet, seen at another interface of this machine. */
  "otherPoint",
  /** Packets that were not in the journal: had the agent been killed, their rows would have been lost. */
  "notJournaled",
  /** Packets whose octets the end of a killed agent's journal had not whole: lost. */
  "journalTorn",
] as const;
export type CaptureCounter = (typeof CAPTURE_COUNTERS)[number];
export type CaptureCounters = Record<CaptureCounter, number>;

export function noCounters(): CaptureCounters {
  return Object.fromEntries(CAPTURE_COUNTERS.map((name) => [name, 0])) as CaptureCounters;
}

/** What was counted after `before`. */
export function countedSince(now: CaptureCounters, before: CaptureCounters): CaptureCounters {
  return Object.fromEntries(
    CAPTURE_COUNTERS.map((name) => [name, now[name] - before[name]]),
  ) as CaptureCounters;
}
