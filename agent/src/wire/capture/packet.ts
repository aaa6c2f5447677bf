/** Packets from the network header on, whatever the link was: IPv4, IPv6 with its extension headers, IP in IP. */

export const ETHERTYPE = { ipv4: 0x0800, ipv6: 0x86dd, vlans: [0x8100, 0x88a8, 0x9100] } as const;

/** IANA protocol numbers; `extensions` all have next header and length in units of 8 octets first (RFC 6564). */
export const NEXT_HEADER = {
  ipv4: 4,
  tcp: 6,
  udp: 17,
  ipv6: 41,
  fragment: 44,
  authentication: 51,
  /** Hop-by-hop, routing, destination, mobility, HIP, shim6. */
  extensions: [0, 43, 60, 135, 139, 140],
} as const;

/** What decode() found. */
export const FOUND = { nothing: 0, udp: 1, tcp: 2, fragment: 3, damaged: 4, truncated: 5 } as const;

/** IP headers inside each other, and extension headers of one packet, that are looked through. */
const MAX_HEADERS = 32;

/** The last packet decoded. Fields stay until the next; nothing is allocated. Offsets are into the octets given. */
export class PacketDecoder {
  /** Octets of an address: 4 or 16. */
  addressLength = 0;
  sourceAt = 0;
  destinationAt = 0;
  sourcePort = 0;
  destinationPort = 0;
  /** Payload of UDP or TCP; of a fragment what it carries. */
  at = 0;
  end = 0;
  /** Of TCP. */
  sequence = 0;
  tcpFlags = 0;
  /** Of a fragment: octets before it, whether more follow, what it is part of, and what kind of header comes first. */
  fragmentOffset = 0;
  fragmentMore = false;
  fragmentId = 0;
  fragmentNext = 0;

  /**
   * @param at the network header, or a VLAN tag where `protocol` (an EtherType) says so.
   * @param end of what was captured. @returns one of FOUND.
   */
  decode(bytes: Uint8Array, at: number, end: number, protocol: number): number {
    let type = protocol;
    let ip = at;
    // A tag that is still there: TCI, then the type of what follows. Kernels differ in whether `protocol` is the tag's type or
    // that of the packet behind it, and going out the tag may have been left out: what fits as a packet is one.
    for (let tags = 0; tags < 3 && ip + 4 <= end && !fits(bytes, ip, end, type); tags++) {
      const inner = word(bytes, ip + 2);
      if (inner !== ETHERTYPE.ipv6 && inner !== ETHERTYPE.ipv4 && !isVlan(inner)) break;
      type = inner;
      ip += 4;
    }
    if (ip >= end) return FOUND.truncated;
    const version = (bytes[ip] as number) >> 4;
    if (type !== ETHERTYPE.ipv4 && type !== ETHERTYPE.ipv6 && !isVlan(type)) return FOUND.nothing;
    return this.#headers(
      bytes,
      ip,
      end,
      version === 6 ? NEXT_HEADER.ipv6 : version === 4 ? NEXT_HEADER.ipv4 : -1,
    );
  }

  /** What comes behind the IP headers, put together from fragments: addresses as at the last of them. */
  continue(bytes: Uint8Array, at: number, end: number, next: number): number {
    return this.#headers(bytes, at, end, next);
  }

  #headers(bytes: Uint8Array, from: number, captured: number, first: number): number {
    let at = from;
    let end = captured;
    let next = first;
    for (let headers = 0; headers < MAX_HEADERS; headers++) {
      switch (next) {
        case NEXT_HEADER.udp:
          return this.#udp(bytes, at, end, captured);
        case NEXT_HEADER.tcp:
          return this.#tcp(bytes, at, end);
        case NEXT_HEADER.ipv6: {
          if (at + 40 > end) return FOUND.truncated;
          if ((bytes[at] as number) >> 4 !== 6) return FOUND.damaged;
          this.addressLength = 16;
          this.sourceAt = at + 8;
          this.destinationAt = at + 24;
          const length = word(bytes, at + 4);
          next = bytes[at + 6] as number;
          at += 40;
          // Behind it there may be padding of the link. 0: a jumbogram (RFC 2675) or a segment not yet cut (GSO).
          if (length !== 0 && at + length < end) end = at + length;
          continue;
        }
        case NEXT_HEADER.ipv4: {
          if (at + 20 > end) return FOUND.truncated;
          if ((bytes[at] as number) >> 4 !== 4) return FOUND.damaged;
          const header = ((bytes[at] as number) & 15) * 4;
          if (header < 20) return FOUND.damaged;
          const length = word(bytes, at + 2);
          if (length !== 0 && length < header) return FOUND.damaged;
          this.addressLength = 4;
          this.sourceAt = at + 12;
          this.destinationAt = at + 16;
          if (length !== 0 && at + length < end) end = at + length;
          next = bytes[at + 9] as number;
          const fragment = word(bytes, at + 6);
          if ((fragment & 0x3fff) !== 0) {
            this.fragmentOffset = (fragment & 0x1fff) * 8;
            this.fragmentMore = (fragment & 0x2000) !== 0;
            this.fragmentId = word(bytes, at + 4);
            return this.#fragment(at + header, end, next, length !== 0 && at + length > captured);
          }
          at += header;
          continue;
        }
        case NEXT_HEADER.fragment: {
          if (at + 8 > end) return FOUND.truncated;
          next = bytes[at] as number;
          const fragment = word(bytes, at + 2);
          at += 8;
          // Neither before nor behind it is anything missing: RFC 6946.
          if ((fragment & 0xfff9) === 0) continue;
          this.fragmentOffset = fragment & 0xfff8;
          this.fragmentMore = (fragment & 1) !== 0;
          this.fragmentId = ((word(bytes, at - 4) << 16) | word(bytes, at - 2)) >>> 0;
          return this.#fragment(at, end, next, false);
        }
        case NEXT_HEADER.authentication:
          if (at + 8 > end) return FOUND.truncated;
          next = bytes[at] as number;
          at += ((bytes[at + 1] as number) + 2) * 4;
          continue;
        case -1:
          return FOUND.damaged;
        default:
          if (!isExtension(next)) return FOUND.nothing;
          if (at + 8 > end) return FOUND.truncated;
          next = bytes[at] as number;
          at += ((bytes[at + 1] as number) + 1) * 8;
      }
    }
    return FOUND.damaged;
  }

  #fragment(at: number, end: number, next: number, cut: boolean): number {
    if (cut || at > end) return FOUND.truncated;
    this.at = at;
    this.end = end;
    this.fragmentNext = next;
    return FOUND.fragment;
  }

  #udp(bytes: Uint8Array, at: number, end: number, captured: number): number {
    if (at + 8 > end) return FOUND.truncated;
    this.sourcePort = word(bytes, at);
    this.destinationPort = word(bytes, at + 2);
    const length = word(bytes, at + 4);
    if (length !== 0 && length < 8) return FOUND.damaged;
    this.at = at + 8;
    this.end = length === 0 ? end : at + length;
    if (this.end > end) return end < captured ? FOUND.damaged : FOUND.truncated;
    return FOUND.udp;
  }

  #tcp(bytes: Uint8Array, at: number, end: number): number {
    if (at + 20 > end) return FOUND.truncated;
    const header = ((bytes[at + 12] as number) >> 4) * 4;
    if (header < 20) return FOUND.damaged;
    if (at + header > end) return FOUND.truncated;
    this.sourcePort = word(bytes, at);
    this.destinationPort = word(bytes, at + 2);
    this.sequence = ((word(bytes, at + 4) << 16) | word(bytes, at + 6)) >>> 0;
    this.tcpFlags = bytes[at + 13] as number;
    this.at = at + header;
    this.end = end;
    return FOUND.tcp;
  }
}

/** Version and length of an IP packet are those that its type and room allow. */
function fits(bytes: Uint8Array, at: number, end: number, type: number): boolean {
  const version = (bytes[at] as number) >> 4;
  if (type === ETHERTYPE.ipv6) return version === 6 && at + 40 + word(bytes, at + 4) <= end;
  return type === ETHERTYPE.ipv4 && version === 4 && at + word(bytes, at + 2) <= end;
}

function word(bytes: Uint8Array, at: number): number {
  return ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
}

function isVlan(type: number): boolean {
  return type === 0x8100 || type === 0x88a8 || type === 0x9100;
}

function isExtension(next: number): boolean {
  return next === 0 || next === 43 || next === 60 || next === 135 || next === 139 || next === 140;
}
