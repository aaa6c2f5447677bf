/** DNS on the wire in all the forms in which it comes, for tests: messages, packets, frames. */

export type Octets = Uint8Array;

const concat = (...parts: readonly (Octets | readonly number[])[]): Octets =>
  Uint8Array.from(parts.flatMap((part) => [...part]));
const u16 = (n: number): number[] => [(n >> 8) & 0xff, n & 0xff];
const u32 = (n: number): number[] => [...u16(n >>> 16), ...u16(n & 0xffff)];

export const TYPES = { A: 1, CNAME: 5, AAAA: 28, HTTPS: 65 } as const;

export function wireName(text: string): Octets {
  const labels = text === "." ? [] : text.split(".");
  return concat(...labels.map((label) => [label.length, ...Buffer.from(label, "latin1")]), [0]);
}

export interface Answer {
  /** Default: a pointer to the question's name. */
  readonly owner?: Octets;
  readonly type: number;
  readonly ttl?: number;
  readonly rdata: Octets;
}

export interface MessageParts {
  readonly id: number;
  readonly name: string;
  readonly type: number;
  readonly flags?: number;
  readonly answers?: readonly Answer[];
  readonly edns?: boolean;
  /** Filled up with a TXT record to at least so many octets. */
  readonly octets?: number;
}

export function dnsMessage({
  id,
  name,
  type,
  flags = 0x0100,
  answers = [],
  edns = true,
  octets = 0,
}: MessageParts): Octets {
  const record = ({ owner = Uint8Array.of(0xc0, 12), type: of, ttl = 60, rdata }: Answer): Octets =>
    concat(owner, u16(of), u16(1), u32(ttl), u16(rdata.length), rdata);
  const head = (count: number): Octets =>
    concat(
      u16(id),
      u16(flags),
      u16(1),
      u16(count),
      u16(0),
      u16(edns ? 1 : 0),
      wireName(name),
      u16(type),
      u16(1),
    );
  const opt = edns ? [0, 0, 41, 4, 208, 0, 0, 0x80, 0, 0, 0] : [];
  const records = answers.map(record);
  const size = head(0).length + records.reduce((sum, one) => sum + one.length, 0) + opt.length;
  for (let missing = octets - size; missing > 0; missing -= 268) {
    records.push(record({ type: 16, rdata: Uint8Array.of(255, ...new Uint8Array(255).fill(120)) }));
  }
  return concat(head(records.length), ...records, opt);
}

export interface Flow {
  /** 4 or 16 octets each. */
  readonly source: Octets;
  readonly destination: Octets;
  readonly sourcePort: number;
  readonly destinationPort: number;
}

export const reversed = ({ source, destination, sourcePort, destinationPort }: Flow): Flow => ({
  source: destination,
  destination: source,
  sourcePort: destinationPort,
  destinationPort: sourcePort,
});

export const udp = ({ sourcePort, destinationPort }: Flow, payload: Octets): Octets =>
  concat(u16(sourcePort), u16(destinationPort), u16(payload.length + 8), u16(0xffff), payload);

export const SYN = 2;
export const ACK = 16;
export const FIN = 17;

export const tcp = (
  { sourcePort, destinationPort }: Flow,
  sequence: number,
  payload: Octets,
  flags = ACK,
): Octets =>
  concat(
    u16(sourcePort),
    u16(destinationPort),
    u32(sequence >>> 0),
    u32(0),
    [0x50, flags],
    u16(4096),
    u16(0),
    u16(0),
    payload,
  );

/** A message as TCP carries it. */
export const framed = (message: Octets): Octets => concat(u16(message.length), message);

/** One extension header: its number, and its octets behind the first (next header). */
export interface Extension {
  readonly number: number;
  readonly rest: Octets;
}

export const HOP_BY_HOP: Extension = { number: 0, rest: Uint8Array.of(0, 1, 4, 0, 0, 0, 0) };
export const DESTINATION: Extension = { number: 60, rest: Uint8Array.of(1, 1, 12, ...new Uint8Array(12)) };
/** SRH with two segments (RFC 8754). */
export const ROUTING: Extension = {
  number: 43,
  rest: Uint8Array.of(4, 4, 1, 1, 0, 0, 0, ...new Uint8Array(32).fill(0xfd)),
};
export const AUTHENTICATION: Extension = { number: 51, rest: Uint8Array.of(4, 0, 0, ...new Uint8Array(20)) };

export function ip6(
  { source, destination }: Pick<Flow, "source" | "destination">,
  next: number,
  payload: Octets,
  extensions: readonly Extension[] = [],
): Octets {
  const headers = extensions.map(({ rest }, i) => concat([extensions[i + 1]?.number ?? next], rest));
  const body = concat(...headers, payload);
  return concat(
    [0x60, 0, 0, 0],
    u16(body.length),
    [extensions[0]?.number ?? next, 64],
    source,
    destination,
    body,
  );
}

export function ip4(
  { source, destination }: Pick<Flow, "source" | "destination">,
  protocol: number,
  payload: Octets,
  {
    id = 1,
    fragment = 0,
    options = new Uint8Array(),
  }: { id?: number; fragment?: number; options?: Octets } = {},
): Octets {
  const length = 20 + options.length;
  const header = concat(
    [0x40 | (length / 4), 0],
    u16(length + payload.length),
    u16(id),
    u16(fragment),
    [64, protocol, 0, 0],
    source,
    destination,
    options,
  );
  let sum = 0;
  for (let at = 0; at < length; at += 2) sum += ((header[at] ?? 0) << 8) | (header[at + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
  header.set(u16(~sum & 0xffff), 10);
  return concat(header, payload);
}

/** A datagram of a flow's family. */
export const packetOf = (flow: Flow, protocol: number, payload: Octets): Octets =>
  flow.source.length === 4 ? ip4(flow, protocol, payload) : ip6(flow, protocol, payload);

/** Fragments of what would be the payload of one IPv6 packet, `size` octets each (a multiple of 8). */
export function fragments6(flow: Flow, next: number, payload: Octets, size: number, id = 7): Octets[] {
  const out: Octets[] = [];
  for (let at = 0; at < payload.length; at += size) {
    const more = at + size < payload.length;
    const rest = concat([0], u16(at | (more ? 1 : 0)), u32(id));
    out.push(ip6(flow, next, payload.subarray(at, at + size), [{ number: 44, rest }]));
  }
  return out;
}

export function fragments4(flow: Flow, protocol: number, payload: Octets, size: number, id = 7): Octets[] {
  const out: Octets[] = [];
  for (let at = 0; at < payload.length; at += size) {
    const more = at + size < payload.length ? 0x2000 : 0;
    out.push(ip4(flow, protocol, payload.subarray(at, at + size), { id, fragment: more | (at / 8) }));
  }
  return out;
}

/** An Ethernet frame, with VLAN tags from the outside in. */
export function frame(packet: Octets, tags: readonly (readonly [type: number, id: number])[] = []): Octets {
  const type = (packet[0] ?? 0) >> 4 === 6 ? 0x86dd : 0x0800;
  return concat(
    [2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1],
    ...tags.map(([of, id]) => [...u16(of), ...u16(id)]),
    u16(type),
    packet,
  );
}

export interface CapturedFrame {
  readonly frame: Octets;
  readonly second: number;
  readonly microsecond: number;
}

/** A pcap file of Ethernet frames. */
export function pcapFile(frames: readonly CapturedFrame[]): Octets {
  const little = (...words: number[]): Octets => new Uint8Array(Uint32Array.from(words).buffer);
  return Buffer.concat([
    little(0xa1b2c3d4, 0x00040002, 0, 0, 262_144, 1),
    ...frames.flatMap(({ frame: octets, second, microsecond }) => [
      little(second, microsecond, octets.length, octets.length),
      octets,
    ]),
  ]);
}
