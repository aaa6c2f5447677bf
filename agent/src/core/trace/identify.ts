import type { HopAnswer, TraceProtocol } from "@vsix/shared/paths/trace.ts";
import { readU32 } from "../../wire/checksum.ts";
import type { Icmp6Message } from "../../wire/icmp6.ts";
import { NEXT_HEADER } from "../../wire/ip6.ts";
import type { QuotedPacket } from "../../wire/quoted.ts";
import { decodeTcpPorts, type SynAnswer } from "../../wire/tcp.ts";
import { decodeUdp, UDP_HEADER } from "../../wire/udp.ts";
import { NOTE_AT } from "./flow-identity.ts";

/** What a received packet says of one probe, before it is known whether the probe was ours. */
export interface Evidence {
  /** See {@link flowKey}. */
  readonly flow: string;
  /** Sequence number of an echo, checksum of UDP, sequence number of TCP (32 bit; or the last that is acknowledged). */
  readonly word: number;
  /** Where it is visible; TCP has none. */
  readonly token?: number;
  /** Behind the token of an echo, when it is not 0. */
  readonly note?: number;
  /** Source of the probe, where it is quoted. */
  readonly source?: string;
  /** The probe was still within another packet when it met this: what is told may be about that one. */
  readonly inside?: true;
  readonly answer: Omit<HopAnswer, "rttUs">;
}

/**
 * Flows that are under way at the same time never have the same key.
 * @param local identifier of the echo or source port.
 */
export function flowKey(
  protocol: TraceProtocol,
  target: string,
  local: number,
  destinationPort: number,
): string {
  return protocol === "icmp6"
    ? `icmp6 ${target} ${local}`
    : `${protocol} ${target} ${local} ${destinationPort}`;
}

/** Undefined when it answers no probe. @param from who sent it. */
export function identifyIcmp6(from: string, message: Icmp6Message): Evidence | undefined {
  switch (message.type) {
    case "echo-reply":
      return {
        flow: flowKey("icmp6", from, message.id, 0),
        word: message.sequence,
        ...(message.payload.length < 4 ? {} : { token: readU32(message.payload, 0) }),
        ...noteIn(message.payload),
        answer: { address: from, kind: "echo-reply" },
      };
    case "time-exceeded":
      // Code 1 is about fragments that did not come together (RFC 4443 section 3.3): no hop.
      return message.code === 0
        ? quoted({ address: from, kind: "time-exceeded" }, message.quoted)
        : undefined;
    case "unreachable":
      return quoted({ address: from, kind: "unreachable", detail: message.code }, message.quoted);
    case "packet-too-big":
      return quoted({ address: from, kind: "too-big", detail: message.mtu ?? 0 }, message.quoted);
    default:
      return undefined;
  }
}

export function identifyTcp(from: string, segment: SynAnswer): Evidence {
  return {
    flow: flowKey("tcp", from, segment.destinationPort, segment.sourcePort),
    word: (segment.acknowledgement + 0xffffffff) % 2 ** 32,
    answer: { address: from, kind: segment.kind === "rst" ? "tcp-rst" : "tcp-syn-ack" },
  };
}

/** The innermost packet that could be a probe: it may have been encapsulated, also by this machine. */
function quoted(answer: Evidence["answer"], packet: QuotedPacket | undefined): Evidence | undefined {
  if (packet === undefined) return undefined;
  const inner = quoted(answer, packet.inner);
  return inner === undefined ? ofPacket(answer, packet) : { ...inner, inside: true };
}

function noteIn(payload: Uint8Array): { readonly note?: number } {
  const note = payload.length < NOTE_AT + 4 ? 0 : readU32(payload, NOTE_AT);
  return note === 0 ? {} : { note };
}

function ofPacket(answer: Evidence["answer"], packet: QuotedPacket): Evidence | undefined {
  const { upper, nextHeader, echo, source } = packet;
  const target = packet.finalDestination ?? packet.destination;
  if (upper === undefined) return undefined;
  const tokenAt = (at: number): { readonly token?: number } =>
    upper.length >= at + 4 ? { token: readU32(upper, at) } : {};
  if (nextHeader === NEXT_HEADER.ICMP6 && echo !== undefined && upper[0] === 128)
    return {
      flow: flowKey("icmp6", target, echo.id, 0),
      word: echo.sequence,
      ...tokenAt(8),
      source,
      answer,
    };
  if (nextHeader === NEXT_HEADER.UDP) {
    const udp = decodeUdp(upper);
    if (udp === undefined) return undefined;
    const flow = flowKey("udp", target, udp.sourcePort, udp.destinationPort);
    return { flow, word: udp.checksum, ...tokenAt(UDP_HEADER), source, answer };
  }
  const tcp = nextHeader === NEXT_HEADER.TCP ? decodeTcpPorts(upper) : undefined;
  if (tcp === undefined) return undefined;
  const flow = flowKey("tcp", target, tcp.sourcePort, tcp.destinationPort);
  return { flow, word: tcp.sequence, source, answer };
}
