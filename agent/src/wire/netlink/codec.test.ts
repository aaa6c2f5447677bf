import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type AddressMessage, decodeAddress, encodeAddress } from "./address.ts";
import { AF_INET6, NLM_F, NLMSG, RTM, SEG6_IPTUN_MODES } from "./constants.ts";
import type { Encap } from "./encap.ts";
import { NetlinkDecodeError, NetlinkEncodeError } from "./errors.ts";
import { formatIp6 } from "./ip-text.ts";
import { decodeLink, encodeLink, type LinkMessage } from "./link.ts";
import { decodeMessages, decodeVerdict } from "./message.ts";
import { decodeNeighbour, encodeNeighbour, type NeighbourMessage } from "./neighbour.ts";
import { decodeNexthop, encodeNexthop, type NexthopMessage } from "./nexthop.ts";
import { decodeCounter } from "./nft-counter.ts";
import { decodeRoute, encodeRoute, type RouteMessage } from "./route.ts";
import { decodeRule, encodeRule, type RuleMessage } from "./rule.ts";
import { NetlinkWriter } from "./writer.ts";

const u8 = fc.integer({ min: 0, max: 0xff });
const u32 = fc.integer({ min: 0, max: 0xffffffff });
const u64 = fc.bigInt({ min: 0n, max: (1n << 64n) - 1n });
const ip6 = fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => formatIp6(bytes, 0));
const prefix = fc.tuple(ip6, fc.integer({ min: 0, max: 128 })).map(([address, n]) => `${address}/${n}`);
const name = fc.stringMatching(/^[a-z][a-z0-9.-]{0,14}$/);
const family = fc.constant(AF_INET6);

const seg6: fc.Arbitrary<Encap> = fc.record({
  kind: fc.constant("seg6" as const),
  mode: fc.constantFrom(...SEG6_IPTUN_MODES),
  segments: fc.array(ip6, { minLength: 1, maxLength: 16 }),
});
const seg6local: fc.Arbitrary<Encap> = fc.record(
  {
    kind: fc.constant("seg6local" as const),
    action: u32,
    nextHop: ip6,
    table: u32,
    vrfTable: u32,
    interfaceIndex: u32,
    inputInterfaceIndex: u32,
    counters: fc.record({ packets: u64, bytes: u64, errors: u64 }),
  },
  { requiredKeys: ["kind", "action"] },
);
const otherEncap: fc.Arbitrary<Encap> = fc.record({
  kind: fc.constant("other" as const),
  type: fc.integer({ min: 8, max: 0xffff }),
  bytes: fc.uint8Array({ maxLength: 64 }),
});
const encap = fc.oneof(seg6, seg6local, otherEncap);
const weight = fc.integer({ min: 1, max: 256 });

const tunnel = fc.record({
  local: ip6,
  remote: ip6,
  hopLimit: u8,
  encapLimit: u8,
  flags: u32,
  protocol: u8,
});
const ofKind = fc.oneof(
  fc.constant({}),
  fc.record({ kind: fc.constantFrom("veth", "wireguard") }),
  fc.record({ kind: fc.constant("ip6tnl"), tunnel }),
);
const bareLinks: fc.Arbitrary<LinkMessage> = fc.record(
  {
    family: fc.constantFrom(0, 7),
    index: fc.integer({ min: 0, max: 0x7fffffff }),
    flags: u32,
    change: u32,
    name,
    mtu: u32,
    master: u32,
    operState: u8,
    carrier: fc.boolean(),
    group: u32,
  },
  { requiredKeys: ["family", "index", "flags", "change"] },
);
const links = fc.tuple(bareLinks, ofKind).map(([link, kind]): LinkMessage => ({ ...link, ...kind }));
const addresses: fc.Arbitrary<AddressMessage> = fc.record(
  { family, interfaceIndex: u32, address: ip6, prefixLength: u8, flags: u32, scope: u8, protocol: u8 },
  { requiredKeys: ["family", "interfaceIndex", "address", "prefixLength", "flags", "scope"] },
);
const routes: fc.Arbitrary<RouteMessage> = fc.record(
  {
    family,
    table: u32,
    protocol: u8,
    scope: u8,
    type: u8,
    flags: u32,
    destination: prefix,
    metric: u32,
    nexthopId: u32,
    gateway: ip6,
    interfaceIndex: u32,
    source: ip6,
    mtu: u32,
    encap,
    paths: fc.array(
      fc.record(
        { interfaceIndex: u32, gateway: ip6, weight },
        { requiredKeys: ["interfaceIndex", "weight"] },
      ),
      {
        maxLength: 4,
      },
    ),
  },
  { requiredKeys: ["family", "table", "protocol", "scope", "type", "flags", "destination", "metric"] },
);
const neighbours: fc.Arbitrary<NeighbourMessage> = fc.record(
  {
    family,
    interfaceIndex: u32,
    state: fc.integer({ min: 0, max: 0xffff }),
    flags: u8,
    address: ip6,
    linkAddress: fc.uint8Array({ maxLength: 32 }),
  },
  { requiredKeys: ["family", "interfaceIndex", "state", "flags"] },
);
const rules: fc.Arbitrary<RuleMessage> = fc.record(
  {
    family,
    priority: u32,
    table: u32,
    action: u8,
    flags: u32,
    protocol: u8,
    iif: name,
    oif: name,
    from: prefix,
    to: prefix,
    mark: u32,
  },
  { requiredKeys: ["family", "priority", "table", "action", "flags"] },
);
const nexthops: fc.Arbitrary<NexthopMessage> = fc.record(
  {
    id: u32,
    family,
    protocol: u8,
    scope: u8,
    flags: u32,
    blackhole: fc.constant(true),
    gateway: ip6,
    interfaceIndex: u32,
    encap,
    group: fc.array(fc.record({ id: u32, weight }), { maxLength: 8 }),
  },
  { requiredKeys: ["id", "family", "protocol", "scope", "flags"] },
);

function lawful<T>(
  title: string,
  values: fc.Arbitrary<T>,
  encode: (writer: NetlinkWriter, type: number, flags: number, sequence: number, value: T) => void,
  decode: (payload: Uint8Array) => T,
): void {
  test(`${title}: what was encoded is decoded, several in one datagram`, () => {
    const writer = new NetlinkWriter(64); // grows, and is dirty from the run before
    fc.assert(
      fc.property(fc.array(values, { minLength: 1, maxLength: 4 }), (drawn) => {
        const wanted = structuredClone(drawn); // plain prototypes, as decoders make them
        writer.clear();
        for (const [i, value] of wanted.entries()) encode(writer, 99, NLM_F.REQUEST, i, value);
        const found = [...decodeMessages(writer.bytes())];
        assert.deepEqual(
          found.map(({ type, flags, sequence }) => [type, flags, sequence]),
          wanted.map((_, i) => [99, 1, i]),
        );
        assert.deepEqual(
          found.map(({ payload }) => decode(payload)),
          wanted,
        );
      }),
    );
  });

  test(`${title}: random, cut and altered bytes give NetlinkDecodeError and nothing else`, () => {
    const writer = new NetlinkWriter();
    const attempt = (bytes: Uint8Array): void => {
      try {
        decode(bytes);
      } catch (error) {
        if (!(error instanceof NetlinkDecodeError)) throw error;
      }
    };
    fc.assert(
      fc.property(
        values,
        fc.array(fc.tuple(fc.nat(400), u8), { maxLength: 6 }),
        fc.nat(400),
        (value, edits, cut) => {
          writer.clear();
          encode(writer, 99, 0, 0, value);
          const bytes = writer.bytes().slice(16);
          attempt(bytes.subarray(0, cut));
          for (const [at, to] of edits) if (at < bytes.length) bytes[at] = to;
          attempt(bytes);
        },
      ),
    );
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), attempt));
  });
}

lawful("links", links, encodeLink, decodeLink);
lawful("addresses", addresses, encodeAddress, decodeAddress);
lawful("routes", routes, encodeRoute, decodeRoute);
lawful("neighbours", neighbours, encodeNeighbour, decodeNeighbour);
lawful("rules", rules, encodeRule, decodeRule);
lawful("nexthops", nexthops, encodeNexthop, decodeNexthop);

test("random datagrams give messages or NetlinkDecodeError, in bounded steps", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
      let count = 0;
      try {
        for (const message of decodeMessages(bytes)) {
          count++;
          if (message.type === NLMSG.ERROR || message.type === NLMSG.DONE) decodeVerdict(message);
        }
      } catch (error) {
        if (!(error instanceof NetlinkDecodeError)) throw error;
      }
      assert.ok(count <= bytes.length / 16);
    }),
  );
});

test("random verdicts give an errno or NetlinkDecodeError", () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 100 }),
      fc.constantFrom(NLMSG.ERROR, NLMSG.DONE),
      fc.nat(0x3ff),
      (payload, type, flags) => {
        try {
          assert.ok(decodeVerdict({ type, flags, sequence: 0, port: 0, payload }).errno >= 0);
        } catch (error) {
          if (!(error instanceof NetlinkDecodeError)) throw error;
        }
      },
    ),
  );
});

test("a refusal as the kernel sent it is decoded with its text", () => {
  // RTM_NEWNEXTHOP without a device, Linux 6.18, NETLINK_EXT_ACK and NETLINK_CAP_ACK on: errno 22 and a string.
  const text = "Device attribute required for non-blackhole, non-fdb nexthops";
  const writer = new NetlinkWriter();
  writer.begin(NLMSG.ERROR, NLM_F.CAPPED | NLM_F.ACK_TLVS, 7);
  writer.u32(0xffffffff - 21);
  writer.begin(RTM.NEWNEXTHOP, NLM_F.REQUEST, 7);
  writer.attributeName(1, text, 256);
  writer.attributeU32(2, 28);
  const payload = writer.bytes().subarray(16);
  assert.deepEqual(
    decodeVerdict({ type: NLMSG.ERROR, flags: NLM_F.CAPPED | NLM_F.ACK_TLVS, sequence: 7, port: 0, payload }),
    {
      errno: 22,
      message: text,
      offset: 28,
    },
  );
});

test("what has no netlink form is refused by the encoder", () => {
  const writer = new NetlinkWriter();
  const route: RouteMessage = {
    family: AF_INET6,
    table: 254,
    protocol: 118,
    scope: 0,
    type: 1,
    flags: 0,
    destination: "::/0",
    metric: 1,
  };
  for (const destination of ["", "::", "::/129", "x/3", "1.2.3.4/8"])
    assert.throws(() => encodeRoute(writer, 24, 0, 0, { ...route, destination }), NetlinkEncodeError);
  assert.throws(
    () => encodeRoute(writer, 24, 0, 0, { ...route, gateway: "fe80::1%eth0" }),
    NetlinkEncodeError,
  );
  assert.throws(
    () => encodeRoute(writer, 24, 0, 0, { ...route, encap: { kind: "seg6", mode: "encap", segments: [] } }),
    NetlinkEncodeError,
  );
  assert.throws(() => writer.attributeName(3, "a-name-of-sixteen"), NetlinkEncodeError);
});

test("counters of nftables: whatever the bytes, a counter, nothing or NetlinkDecodeError", () => {
  const attempt = (bytes: Uint8Array): void => {
    try {
      decodeCounter(bytes, "vsix");
    } catch (error) {
      if (!(error instanceof NetlinkDecodeError)) throw error;
    }
  };
  const attribute = fc
    .tuple(fc.nat(5), fc.uint8Array({ maxLength: 40 }), fc.nat(3))
    .map(([type, body, lie]) => [body.length + 4 + lie, 0, type, 0, ...body]);
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), attempt));
  fc.assert(
    fc.property(fc.array(attribute, { maxLength: 6 }), (attributes) =>
      attempt(Uint8Array.from([1, 0, 0, 0, ...attributes.flat()])),
    ),
  );
});
