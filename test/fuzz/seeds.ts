import { readdirSync, readFileSync } from "node:fs";
import { encodeEndOfRib, encodeUpdate } from "../../agent/src/wire/bgp/encode-update.ts";
import { encodeKeepalive } from "../../agent/src/wire/bgp/message.ts";
import { encodeNotification } from "../../agent/src/wire/bgp/notification.ts";
import { encodeOpen } from "../../agent/src/wire/bgp/open.ts";
import { encodeEchoRequest } from "../../agent/src/wire/icmp6.ts";
import { encodeAddress } from "../../agent/src/wire/netlink/address.ts";
import { AF_INET6, RTM } from "../../agent/src/wire/netlink/constants.ts";
import { encodeNeighbour } from "../../agent/src/wire/netlink/neighbour.ts";
import { encodeNexthop } from "../../agent/src/wire/netlink/nexthop.ts";
import { encodeRoute } from "../../agent/src/wire/netlink/route.ts";
import { NetlinkWriter } from "../../agent/src/wire/netlink/writer.ts";

/** Well-formed inputs of each decoder, to be spoiled. */

const VECTORS = new URL("../../shared/vectors/v1/", import.meta.url);

interface Vector {
  readonly text: string;
  readonly type?: string;
  readonly publicKeys?: readonly string[];
}

/** Texts of the recorded vectors whose file names begin so. */
export function vectors(prefix: string): readonly Vector[] {
  return readdirSync(VECTORS)
    .filter((name) => name.startsWith(prefix))
    .map((name) => JSON.parse(readFileSync(new URL(name, VECTORS), "utf8")) as Vector);
}

export function vectorBytes(prefix: string): readonly Uint8Array[] {
  return vectors(prefix).map(({ text }) => Buffer.from(text));
}

const bytes16 = (last: number): Uint8Array =>
  Uint8Array.from({ length: 16 }, (_, i) => (i === 15 ? last : 0x20 + i));

/** Whole messages, header and all. */
export function bgpMessages(): readonly Uint8Array[] {
  return [
    encodeOpen({
      asn: 4200000001,
      routerId: "10.0.1.1",
      holdS: 9,
      ipv6Unicast: true,
      gracefulRestart: { restarting: false, restartS: 30, ipv6: { forwarding: true } },
    }),
    encodeKeepalive(),
    encodeEndOfRib(),
    encodeNotification(6, 4),
    encodeUpdate({
      reach: [
        { bits: 48, address: bytes16(1) },
        { bits: 0, address: bytes16(0) },
        { bits: 128, address: bytes16(2) },
      ],
      withdraw: [{ bits: 64, address: bytes16(3) }],
      nextHop: bytes16(9),
      attributes: {
        origin: "igp",
        asPath: [
          { type: "confed-sequence", asns: [64600] },
          { type: "sequence", asns: [2500, 64502] },
        ],
        med: 100,
        localPref: 100,
        communities: ["65000:1"],
        largeCommunities: ["4690:80:5", "4690:91:3"],
      },
    }),
  ];
}

/** Datagrams of rtnetlink. */
export function netlinkDatagrams(): readonly Uint8Array[] {
  const datagram = (write: (writer: NetlinkWriter) => void): Uint8Array => {
    const writer = new NetlinkWriter();
    write(writer);
    return writer.bytes().slice();
  };
  const route = { family: AF_INET6, table: 254, protocol: 118, scope: 0, type: 1, flags: 0, metric: 20 };
  return [
    datagram((writer) => {
      encodeRoute(writer, RTM.NEWROUTE, 0, 1, { ...route, destination: "2001:db8::/32", nexthopId: 7 });
      encodeRoute(writer, RTM.NEWROUTE, 0, 2, {
        ...route,
        destination: "2001:db8:1::/48",
        gateway: "fe80::1",
        interfaceIndex: 3,
        source: "2001:db8::1",
        mtu: 1400,
        encap: { kind: "seg6", mode: "encap.red", segments: ["2001:db8:f::1", "2001:db8:f::2"] },
      });
      encodeRoute(writer, RTM.NEWROUTE, 0, 3, {
        ...route,
        destination: "::/0",
        paths: [
          { interfaceIndex: 2, gateway: "fe80::2", weight: 1 },
          { interfaceIndex: 3, gateway: "fe80::3", weight: 256 },
        ],
      });
    }),
    datagram((writer) => {
      encodeNexthop(writer, RTM.NEWNEXTHOP, 0, 4, {
        id: 9,
        family: AF_INET6,
        protocol: 118,
        scope: 0,
        flags: 0,
        gateway: "fe80::9",
        interfaceIndex: 4,
      });
      encodeAddress(writer, RTM.NEWADDR, 0, 5, {
        family: AF_INET6,
        prefixLength: 64,
        flags: 0,
        scope: 0,
        interfaceIndex: 1,
        address: "2001:db8::5",
      });
      encodeNeighbour(writer, RTM.NEWNEIGH, 0, 6, {
        family: AF_INET6,
        interfaceIndex: 4,
        state: 2,
        flags: 0,
        address: "fe80::9",
        linkAddress: Uint8Array.of(2, 0, 0, 0, 0, 9),
      });
    }),
  ];
}

/** An object of nf_tables, without its header: counter `in-a` of table `vsix`, nested data and all. */
export function nftObject(): Uint8Array {
  const attribute = (type: number, body: readonly number[]): number[] => {
    const padding = (4 - (body.length % 4)) % 4;
    return [body.length + 4, 0, type, type === 4 ? 0x80 : 0, ...body, ...new Array<number>(padding).fill(0)];
  };
  const text = (value: string): number[] => [...Buffer.from(`${value}\0`)];
  const values = [...attribute(1, [0, 0, 0, 0, 0, 0, 3, 0xe8]), ...attribute(2, [0, 0, 0, 0, 0, 0, 0, 10])];
  const object = [
    ...attribute(1, text("vsix")),
    ...attribute(2, text("in-a")),
    ...attribute(3, [0, 0, 0, 1]),
    ...attribute(4, values),
    ...attribute(5, [0, 0, 0, 2]),
  ];
  return Uint8Array.from([1, 0, 0, 0, ...object]);
}

/** What a raw ICMPv6 socket may be given. */
export function icmp6Messages(): readonly Uint8Array[] {
  const echo = encodeEchoRequest(7, 8, new Uint8Array(24));
  const reply = Uint8Array.from(echo);
  reply[0] = 129;
  const inner = Uint8Array.from([
    0x60,
    0,
    0,
    0,
    0,
    echo.length,
    58,
    1,
    ...bytes16(1),
    ...bytes16(2),
    ...echo,
  ]);
  const error = (type: number, code: number, value: number): Uint8Array =>
    Uint8Array.from([type, code, 0, 0, 0, 0, value >> 8, value & 0xff, ...inner]);
  return [echo, reply, error(3, 0, 0), error(1, 4, 0), error(2, 0, 1400)];
}
