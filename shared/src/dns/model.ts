/** A captured DNS transaction as values: what the capture saw of one question and of its answer. */

/** Octets of an address: 4 (IPv4) or 16 (IPv6). */
export type IpBytes = Uint8Array;

/** Of which messages a pair was made. A half is joined in the controller with what another node saw. */
export const HALVES = ["whole", "query", "response"] as const;
export type Half = (typeof HALVES)[number];

/** Who asks whom: `authority` is a resolver asking authoritative servers, outside the totals of users. */
export const PAIR_CLASSES = ["client", "authority"] as const;
export type PairClass = (typeof PAIR_CLASSES)[number];

export const TRANSPORTS = ["udp", "tcp"] as const;
export type Transport = (typeof TRANSPORTS)[number];

/**
 * What became of a question for AAAA, in the order in which it is counted everywhere. `translated`: every AAAA lies in a configured
 * Pref64 (RFC 6052); `other`: refused, truncated, malformed or any further RCODE.
 */
export const AAAA_RESULTS = [
  "native",
  "translated",
  "nodata",
  "nxdomain",
  "servfail",
  "unanswered",
  "other",
] as const;
/** `none` where something else was asked. */
export const AAAA_OUTCOMES = ["none", ...AAAA_RESULTS] as const;
export type AaaaOutcome = (typeof AAAA_OUTCOMES)[number];

/** Record types by the numbers of RFC 1035, 3596, 6891, 9460. */
export const TYPE = {
  A: 1,
  NS: 2,
  CNAME: 5,
  SOA: 6,
  PTR: 12,
  MX: 15,
  TXT: 16,
  AAAA: 28,
  SRV: 33,
  NAPTR: 35,
  DNAME: 39,
  OPT: 41,
  SVCB: 64,
  HTTPS: 65,
} as const;

/** RCODEs of RFC 1035 section 4.1.1. */
export const RCODE = { NOERROR: 0, FORMERR: 1, SERVFAIL: 2, NXDOMAIN: 3, NOTIMP: 4, REFUSED: 5 } as const;

/** Bits of the second word of the header (RFC 1035 section 4.1.1, RFC 4035). */
export const FLAG = {
  QR: 0x8000,
  AA: 0x0400,
  TC: 0x0200,
  RD: 0x0100,
  RA: 0x0080,
  AD: 0x0020,
  CD: 0x0010,
} as const;

/** OPT pseudo-record (RFC 6891). */
export interface Edns {
  readonly udpSize: number;
  readonly version: number;
  readonly dnssecOk: boolean;
}

export interface DnsRecord {
  /** Wire form, lower case, uncompressed. */
  readonly owner: Uint8Array;
  readonly type: number;
  readonly ttlS: number;
  /** Wire form; names in it are uncompressed. */
  readonly rdata: Uint8Array;
}

export interface DnsQuestion {
  /** Wire form, lower case: length-prefixed labels with the root at the end. See name.ts. */
  readonly name: Uint8Array;
  readonly type: number;
  readonly class: number;
}

export interface DnsQueryFacts {
  /** Second word of the header: opcode and flags. */
  readonly flags: number;
  readonly edns: Edns | undefined;
  /** Octets of the DNS message. */
  readonly size: number;
}

export interface DnsResponseFacts extends DnsQueryFacts {
  /** 12 bits: with the extension of EDNS (RFC 6891 section 6.1.3). */
  readonly rcode: number;
  /** The answer section in its order, so that a chain of CNAMEs can be followed. */
  readonly answers: readonly DnsRecord[];
  /** Answers that were there but are not in `answers`: behind a malformed record, or more than is kept. */
  readonly answersLeft: number;
}

export interface DnsPair {
  /** Kernel's receive time, UTC, of the query; of the response where only that was seen. */
  readonly timeNs: bigint;
  readonly half: Half;
  readonly class: PairClass;
  readonly transport: Transport;
  readonly client: IpBytes;
  readonly clientPort: number;
  readonly server: IpBytes;
  readonly serverPort: number;
  /** Message id. */
  readonly id: number;
  /** Interface on which it was captured. */
  readonly point: string;
  readonly question: DnsQuestion;
  /** Absent where only the response was seen. */
  readonly query: DnsQueryFacts | undefined;
  /** Absent where only the query was seen. */
  readonly response: DnsResponseFacts | undefined;
  /** From the first query to the response; absent for halves. */
  readonly latencyUs: number | undefined;
  /** How often the same query was seen again before the response or the end of waiting; at most 255. */
  readonly retries: number;
  readonly outcome: AaaaOutcome;
  /** 32 bits of what is kept of the message of a half: tells one packet seen twice from two. 0 for whole pairs. */
  readonly messageHash: number;
}

export const opcodeOf = (flags: number): number => (flags >> 11) & 15;
