/** How packets of a trace look; flow label, ports and identifiers stay the same for all packets of one flow. */
export type TraceProtocol = "icmp6" | "udp" | "tcp";

/** One answer to one probe. */
export interface HopAnswer {
  /** Who answered. */
  readonly address: string;
  /** Microseconds from sending to the kernel's receive time. */
  readonly rttUs: number;
  readonly kind: "time-exceeded" | "echo-reply" | "unreachable" | "too-big" | "tcp-syn-ack" | "tcp-rst";
  /** ICMPv6 code of `unreachable` (RFC 4443 section 3.1); MTU of `too-big`. */
  readonly detail?: number;
}

/** All probes of one flow with one hop limit. */
export interface TraceHop {
  /** Hop limit, from 1. */
  readonly hop: number;
  readonly sent: number;
  /** In the order of arrival; at most one per probe. More than one address: the path changed meanwhile, or it is balanced per packet. */
  readonly answers: readonly HopAnswer[];
  /** It answers some but not all probes of a burst while hops behind it answer all: it limits its rate, the path loses nothing. */
  readonly rateLimited: boolean;
}

/** Why a flow's trace ended. */
export type TraceEnd =
  | { readonly kind: "reached"; readonly hop: number }
  | { readonly kind: "unreachable"; readonly hop: number; readonly address: string; readonly code: number }
  /** Hops from here on said nothing. */
  | { readonly kind: "silent"; readonly fromHop: number }
  | { readonly kind: "too-long"; readonly maxHops: number }
  | { readonly kind: "failed"; readonly reason: string };

/** One flow. */
export interface TraceFlow {
  /** 0 to flows - 1; decides flow label and ports. */
  readonly flow: number;
  readonly flowLabel: number;
  readonly sourcePort?: number;
  readonly destinationPort?: number;
  readonly hops: readonly TraceHop[];
  readonly end: TraceEnd;
}

/** One trace: several flows from one node to one target, over the same seconds. */
export interface Trace {
  readonly version: 1;
  readonly source: string;
  readonly sourceAddress: string;
  readonly target: string;
  readonly targetAddress: string;
  readonly protocol: TraceProtocol;
  /** Wall clock, milliseconds. */
  readonly startedAt: number;
  readonly endedAt: number;
  readonly flows: readonly TraceFlow[];
  /** Largest packet that reached the target, octets; absent when it was not measured. */
  readonly pathMtu?: number;
  /** Confidence that every equal-cost path was seen, 0 to 1 (MDA stopping rule); absent for one flow. */
  readonly allPathsSeen?: number;
}
