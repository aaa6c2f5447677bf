import {
  AUTHENTICATION,
  DESTINATION,
  dnsMessage,
  FIN,
  type Flow,
  fragments4,
  fragments6,
  frame,
  framed,
  HOP_BY_HOP,
  ip4,
  ip6,
  type Octets,
  packetOf,
  ROUTING,
  reversed,
  SYN,
  TYPES,
  tcp,
  udp,
  wireName,
} from "./dns-packets.ts";

/** DNS transactions in every form that a link may show them: what each sends, and how many pairs must come of it. */
export interface Kind {
  readonly name: string;
  readonly frames: (n: number) => readonly Octets[];
  readonly pairs: number;
}

const client6 = (n: number): Octets =>
  Uint8Array.of(0x20, 1, 0xd, 0xb8, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, n >> 8, n & 0xff);
const server6 = Uint8Array.of(0x20, 1, 0xd, 0xb8, 0, 0x53, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x53);
const client4 = (n: number): Octets => Uint8Array.of(192, 0, 2 + (n >> 8), n & 0xff);
const server4 = Uint8Array.of(198, 51, 100, 53);
const outer = { source: client6(0xfff0), destination: client6(0xfff1) };

const flow6 = (n: number, port = 20_000): Flow => ({
  source: client6(n),
  destination: server6,
  sourcePort: port + n,
  destinationPort: 53,
});
const flow4 = (n: number): Flow => ({
  source: client4(n),
  destination: server4,
  sourcePort: 20_000 + n,
  destinationPort: 53,
});

const query = (n: number, name: string): Octets =>
  dnsMessage({ id: n, name: `${name}-${n % 50}.example.org`, type: TYPES.AAAA });
const answer = (n: number, name: string, octets = 0): Octets =>
  dnsMessage({
    id: n,
    name: `${name}-${n % 50}.example.org`,
    type: TYPES.AAAA,
    flags: 0x8180,
    octets,
    answers: [
      { type: TYPES.CNAME, rdata: Uint8Array.of(...wireName("alias").subarray(0, 6), 0xc0, 12) },
      {
        owner: Uint8Array.of(...wireName("alias").subarray(0, 6), 0xc0, 12),
        type: TYPES.AAAA,
        rdata: client6(n),
      },
    ],
  });

/** Both directions, each message in the packets that `wrap` makes of a UDP datagram. */
function both(
  name: string,
  flow: (n: number) => Flow,
  wrap: (flow: Flow, payload: Octets, n: number) => readonly Octets[],
  octets = 0,
): Kind {
  return {
    name,
    pairs: 1,
    frames: (n) => [
      ...wrap(flow(n), udp(flow(n), query(n, name)), n),
      ...wrap(reversed(flow(n)), udp(reversed(flow(n)), answer(n, name, octets)), n),
    ],
  };
}

export const DNS_KINDS: readonly Kind[] = [
  both("udp6", flow6, (flow, payload) => [frame(packetOf(flow, 17, payload))]),
  both("udp4", flow4, (flow, payload) => [frame(packetOf(flow, 17, payload))]),
  both("options4", flow4, (flow, payload) => [
    frame(ip4(flow, 17, payload, { options: Uint8Array.of(7, 7, 4, 0, 0, 0, 0, 0) })),
  ]),
  both("padding", flow4, (flow, payload) => [
    frame(Uint8Array.from([...packetOf(flow, 17, payload), 0, 0, 0, 0, 0, 0])),
  ]),
  both("extensions", flow6, (flow, payload) => [
    frame(ip6(flow, 17, payload, [HOP_BY_HOP, DESTINATION, ROUTING, AUTHENTICATION])),
  ]),
  both("many-extensions", flow6, (flow, payload) => [
    frame(ip6(flow, 17, payload, new Array(11).fill(DESTINATION))),
  ]),
  both(
    "fragments6",
    flow6,
    (flow, payload, n) => fragments6(flow, 17, payload, 400, n).map((one) => frame(one)),
    1500,
  ),
  both(
    "fragments4",
    flow4,
    (flow, payload, n) =>
      fragments4(flow, 17, payload, 400, n + 1)
        .reverse()
        .map((one) => frame(one)),
    1500,
  ),
  both(
    "fragment-extensions",
    flow6,
    (flow, payload, n) => {
      const [first = new Uint8Array(), ...rest] = fragments6(
        flow,
        60,
        Uint8Array.of(17, ...DESTINATION.rest, ...payload),
        320,
        n,
      );
      return [...rest, first].map((one) => frame(one));
    },
    1300,
  ),
  both("vlan", flow6, (flow, payload) => [frame(packetOf(flow, 17, payload), [[0x8100, 100]])]),
  both("qinq", flow4, (flow, payload) => [
    frame(packetOf(flow, 17, payload), [
      [0x88a8, 100],
      [0x8100, 0x6123],
    ]),
  ]),
  both("ip6-in-ip6", flow6, (flow, payload) => [frame(ip6(outer, 41, packetOf(flow, 17, payload)))]),
  both("ip4-in-ip6-srv6", flow4, (flow, payload) => [
    frame(ip6(outer, 4, packetOf(flow, 17, payload), [ROUTING])),
  ]),
  both("ip6-in-ip4", flow6, (flow, payload) => [
    frame(ip4({ source: client4(1), destination: client4(2) }, 41, packetOf(flow, 17, payload))),
  ]),
  tcpKind("tcp-one", 1, (segments) => segments),
  tcpKind("tcp-pipelined", 5, (segments) => segments),
  tcpKind("tcp-torn", 5, tearUp),
];

/** A connection with so many transactions, the segments of each direction as `change` makes them. */
function tcpKind(
  name: string,
  pairs: number,
  change: (segments: readonly Segment[]) => readonly Segment[],
): Kind {
  return {
    name,
    pairs,
    frames: (n) => {
      const flow = flow6(n, 30_000);
      const numbers = Array.from({ length: pairs }, (_, i) => (n * 8 + i) & 0xffff);
      const stream = (message: (id: number) => Octets): Octets =>
        Uint8Array.from(numbers.flatMap((id) => [...framed(message(id))]));
      // Sequence numbers pass zero on the way.
      const start = 0xffff_ff80;
      const there = [{ at: start + 1, octets: stream((id) => query(id, name)) }];
      const back = [{ at: start + 1, octets: stream((id) => answer(id, name)) }];
      const send = (of: Flow, { at, octets }: Segment): Octets => frame(packetOf(of, 6, tcp(of, at, octets)));
      const empty = new Uint8Array();
      return [
        frame(packetOf(flow, 6, tcp(flow, start, empty, SYN))),
        frame(packetOf(reversed(flow), 6, tcp(reversed(flow), start, empty, SYN | 16))),
        ...change(there).map((segment) => send(flow, segment)),
        ...change(back).map((segment) => send(reversed(flow), segment)),
        frame(packetOf(flow, 6, tcp(flow, start + 1 + (there[0]?.octets.length ?? 0), empty, FIN))),
      ];
    },
  };
}

interface Segment {
  readonly at: number;
  readonly octets: Octets;
}

/** Small segments, out of order, some again, some overlapping. */
function tearUp(segments: readonly Segment[]): readonly Segment[] {
  return segments.flatMap(({ at, octets }) => {
    const pieces: Segment[] = [];
    for (let from = 0; from < octets.length; from += 37)
      pieces.push({ at: at + from, octets: octets.subarray(from, from + 37) });
    const swapped = pieces.flatMap((piece, i) =>
      i % 4 === 1 ? [] : i % 4 === 2 ? [piece, pieces[i - 1] ?? piece] : [piece],
    );
    if (pieces.length % 4 === 2) swapped.push(pieces.at(-1) ?? { at, octets });
    const overlap = { at: at + 20, octets: octets.subarray(20, 90) };
    return [...swapped.slice(0, 6), overlap, ...swapped.slice(3)];
  });
}
