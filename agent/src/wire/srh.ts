import { IP6_HEADER, NEXT_HEADER, writeIp6Header } from "./ip6.ts";

/** Segment Routing Header, RFC 8754 section 2, and what it is put around. */

const SRH_FIXED = 8;
const SEGMENT = 16;
const SEGMENT_ROUTING = 4;

/** Octets around a packet that is sent over so many segments, reduced (RFC 8754 section 4.1.1): one segment needs no SRH. */
export function encapsulation(segments: number): number {
  return IP6_HEADER + (segments > 1 ? SRH_FIXED + SEGMENT * (segments - 1) : 0);
}

/**
 * Writes the headers of H.Encaps.Red (RFC 8986 section 5.2) before an inner IPv6 packet that begins at
 * {@link encapsulation} octets and fills the rest of `packet`. The first segment is the destination, and is not in the list.
 * @param segments 16 octets each, in the order in which they are visited.
 */
export function writeEncapsulation(
  packet: Uint8Array,
  of: {
    readonly source: Uint8Array;
    readonly segments: readonly Uint8Array[];
    readonly flowLabel: number;
    readonly hopLimit: number;
  },
): void {
  const { source, segments, flowLabel, hopLimit } = of;
  const [destination = source] = segments;
  const nextHeader = segments.length > 1 ? NEXT_HEADER.ROUTING : NEXT_HEADER.IPV6;
  writeIp6Header(packet, { source, destination, flowLabel, hopLimit, nextHeader });
  if (segments.length < 2) return;
  const listed = segments.length - 1;
  // Header length in units of 8 octets without the first; Segments Left; Last Entry; no flags, no tag.
  packet.set([NEXT_HEADER.IPV6, 2 * listed, SEGMENT_ROUTING, listed, listed - 1, 0, 0, 0], IP6_HEADER);
  // Segment List[0] is the last one of the path.
  for (let i = 0; i < listed; i++)
    packet.set(
      (segments[listed - i] ?? destination).subarray(0, SEGMENT),
      IP6_HEADER + SRH_FIXED + SEGMENT * i,
    );
}
