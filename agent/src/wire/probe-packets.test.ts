import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { forceChecksum, readU16, upperLayerSum, writeChecksum } from "./checksum.ts";
import { IP6_HEADER, NEXT_HEADER, writeIp6Header } from "./ip6.ts";
import { decodeSynAnswer, decodeTcpPorts, SYN_LENGTH, writeSyn } from "./tcp.ts";
import { decodeUdp, writeUdpHeader } from "./udp.ts";

const address = fc.uint8Array({ minLength: 16, maxLength: 16 });
const u16 = fc.nat(0xffff);
const u32 = fc.nat(2 ** 32 - 1);

function hex(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text.replaceAll(/\s/g, ""), "hex"));
}

test("an IPv6 header has its fields where RFC 8200 has them", () => {
  fc.assert(
    fc.property(
      address,
      address,
      fc.nat(0xfffff),
      fc.nat(255),
      fc.nat(2000),
      (source, destination, flowLabel, hopLimit, more) => {
        const packet = new Uint8Array(IP6_HEADER + more);
        writeIp6Header(packet, { source, destination, flowLabel, hopLimit, nextHeader: 17 });
        const view = new DataView(packet.buffer);
        assert.equal(view.getUint32(0), 0x60000000 + flowLabel);
        assert.deepEqual([view.getUint16(4), packet[6], packet[7]], [more, 17, hopLimit]);
        assert.deepEqual([packet.slice(8, 24), packet.slice(24, 40)], [source, destination]);
      },
    ),
  );
});

test("the checksum of an echo is that of its words added up by hand", () => {
  const packet = hex(`600a 8f8e 0010 3a40 2001 0db8 0001 0000 0000 0000 0000 0001
    2001 0db8 0001 0000 0000 0000 0000 0002 8000 0000 0007 0001 0102 0304 0506 0708`);
  writeChecksum(packet, NEXT_HEADER.ICMP6, IP6_HEADER + 2);
  // By hand: the words of addresses (2 x 0x2001, 2 x 0x0db8, 2 x 1, 1, 2), length 0x10, 0x3a, then the message.
  const words = [
    0x2001, 0xdb8, 1, 1, 0x2001, 0xdb8, 1, 2, 0x10, 0x3a, 0x8000, 7, 1, 0x102, 0x304, 0x506, 0x708,
  ];
  let sum = words.reduce((total, word) => total + word, 0);
  sum = (sum & 0xffff) + (sum >> 16);
  assert.equal(readU16(packet, IP6_HEADER + 2), ~sum & 0xffff);
});

test("a written checksum is right, a forced one as well, whatever the packet holds and however long it is", () => {
  fc.assert(
    fc.property(
      address,
      address,
      fc.uint8Array({ minLength: 16, maxLength: 9000 }),
      fc.integer({ min: 1, max: 0xfffe }),
      fc.constantFrom(NEXT_HEADER.UDP, NEXT_HEADER.TCP, NEXT_HEADER.ICMP6),
      (source, destination, body, wanted, nextHeader) => {
        const packet = new Uint8Array(IP6_HEADER + body.length);
        writeIp6Header(packet, { source, destination, flowLabel: 0, hopLimit: 1, nextHeader });
        packet.set(body, IP6_HEADER);
        packet.fill(0, IP6_HEADER + 6, IP6_HEADER + 8);
        writeChecksum(packet, nextHeader, IP6_HEADER + 6);
        assert.equal(upperLayerSum(packet, nextHeader), 0xffff);
        packet.fill(0, IP6_HEADER + 12, IP6_HEADER + 14);
        forceChecksum(packet, nextHeader, IP6_HEADER + 6, IP6_HEADER + 12, wanted);
        assert.equal(upperLayerSum(packet, nextHeader), 0xffff);
        assert.equal(readU16(packet, IP6_HEADER + 6), wanted);
      },
    ),
  );
});

test("UDP and TCP headers come back from their bytes", () => {
  fc.assert(
    fc.property(u16, u16, u32, (sourcePort, destinationPort, sequence) => {
      const udp = new Uint8Array(20);
      writeUdpHeader(udp, 0, { sourcePort, destinationPort });
      assert.deepEqual(decodeUdp(udp), { sourcePort, destinationPort, checksum: 0 });
      assert.equal(readU16(udp, 4), 20);
      const syn = new Uint8Array(SYN_LENGTH);
      writeSyn(syn, 0, { sourcePort, destinationPort, sequence });
      assert.deepEqual(decodeTcpPorts(syn), { sourcePort, destinationPort, sequence });
      assert.deepEqual([syn[12], syn[13], [...syn.slice(20)]], [0x60, 2, [2, 4, 4, 196]]);
    }),
  );
});

test("SYN-ACK and reset are told from other segments, from short ones, and from a reset that acknowledges nothing", () => {
  const segment = (flags: number): Uint8Array =>
    hex(`01bb f000 0000 0007 1000 0001 50 ${flags.toString(16).padStart(2, "0")} ffff 0000 0000`);
  const answer = { sourcePort: 443, destinationPort: 0xf000, acknowledgement: 0x10000001 };
  assert.deepEqual(decodeSynAnswer(segment(0x12)), { kind: "syn-ack", ...answer });
  assert.deepEqual(decodeSynAnswer(segment(0x14)), { kind: "rst", ...answer });
  for (const flags of [0x02, 0x04, 0x10, 0x11, 0x18])
    assert.equal(decodeSynAnswer(segment(flags)), undefined);
  assert.equal(decodeSynAnswer(segment(0x12).subarray(0, 19)), undefined);
  assert.equal(decodeTcpPorts(new Uint8Array(7)), undefined);
  assert.equal(decodeUdp(new Uint8Array(7)), undefined);
});
