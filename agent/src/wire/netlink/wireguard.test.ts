import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { PeerChange, PeerSettings } from "../wireguard/device.ts";
import { formatKey, formatKeyHex, isNoKey, parseKey, parseKeyHex } from "../wireguard/key.ts";
import { NetlinkDecodeError, NetlinkEncodeError } from "./errors.ts";
import { decodeFamily, encodeFamily, type GenericFamily } from "./generic.ts";
import { formatIp6, formatPrefix6 } from "./ip-text.ts";
import { decodeMessages } from "./message.ts";
import { decodeDevice, encodeDevice, encodePeers, joinFragments } from "./wireguard.ts";
import { packPeers } from "./wireguard-pack.ts";
import { NetlinkWriter } from "./writer.ts";

const key = fc.uint8Array({ minLength: 32, maxLength: 32 }).filter((octets) => !isNoKey(octets));
const ip6 = fc.uint8Array({ minLength: 16, maxLength: 16 }).map((octets) => formatIp6(octets, 0));
const prefix = fc
  .tuple(fc.uint8Array({ minLength: 16, maxLength: 16 }), fc.nat(128))
  .map(([octets, length]) => formatPrefix6(octets, 0, length));
const u16 = fc.nat(0xffff);
const peer: fc.Arbitrary<PeerSettings> = fc.record(
  {
    publicKey: key,
    presharedKey: key,
    endpoint: fc.record({ address: ip6, port: u16 }),
    keepaliveS: u16,
    allowedIps: fc.array(prefix, { maxLength: 30 }),
  },
  { requiredKeys: ["publicKey", "keepaliveS", "allowedIps"] },
);
const change: fc.Arbitrary<PeerChange> = fc.oneof(
  { weight: 4, arbitrary: peer.map((value): PeerChange => ({ op: "set", peer: value })) },
  { weight: 1, arbitrary: key.map((publicKey): PeerChange => ({ op: "remove", publicKey })) },
);

const payloadsOf = (changes: readonly PeerChange[], octets: number): Uint8Array[] =>
  packPeers(changes, octets).map(({ pieces }) => {
    const writer = new NetlinkWriter();
    encodePeers(writer, 30, 0, 1, "vxw-a", pieces);
    const [message] = decodeMessages(writer.bytes());
    assert.ok(message);
    return message.payload;
  });

test("peers that are told in as many messages as it takes read back as what was told", () => {
  fc.assert(
    fc.property(
      fc.array(peer, { maxLength: 8 }),
      fc.integer({ min: 1, max: 3000 }),
      fc.nat(0xffffffff),
      (peers, octets, fwmark) => {
        const writer = new NetlinkWriter();
        const privateKey = new Uint8Array(32).fill(7);
        encodeDevice(writer, 30, 0, 1, "vxw-a", { privateKey, listenPort: 51820, fwmark });
        const [first] = decodeMessages(writer.bytes());
        assert.ok(first);
        const changes = peers.map((value): PeerChange => ({ op: "set", peer: value }));
        const device = joinFragments([first.payload, ...payloadsOf(changes, octets)].map(decodeDevice));
        assert.ok(device);
        assert.deepEqual({ ...device, peers: [] }, { privateKey, listenPort: 51820, fwmark, peers: [] });
        // Two peers of one key in a row are one peer to whoever reads.
        const unique = peers.filter(
          (one, i) => formatKey(one.publicKey) !== formatKey(peers[i - 1]?.publicKey ?? new Uint8Array()),
        );
        if (unique.length !== peers.length) return;
        assert.deepEqual(
          device.peers.map(({ handshakeMs, rxOctets, txOctets, ...rest }) => {
            assert.deepEqual([handshakeMs, rxOctets, txOctets], [0, 0, 0]);
            return rest;
          }),
          structuredClone(peers),
        );
      },
    ),
  );
});

test("no message is longer than its bound, no change is left out, and their order stays", () => {
  fc.assert(
    fc.property(
      fc.array(change, { maxLength: 40 }),
      fc.integer({ min: 400, max: 20_000 }),
      (changes, octets) => {
        const messages = packPeers(changes, octets);
        assert.deepEqual(
          messages.flatMap((message) => message.changes).filter((index, i, all) => all[i - 1] !== index),
          changes.map((_, i) => i),
        );
        for (const payload of payloadsOf(changes, octets)) assert.ok(payload.length <= octets + 64);
      },
    ),
  );
});

test("whatever the kernel's answer was turned into, it is a device or NetlinkDecodeError", () => {
  const attempt = (octets: Uint8Array): void => {
    try {
      joinFragments([decodeDevice(octets)]);
      decodeFamily(octets);
    } catch (error) {
      if (!(error instanceof NetlinkDecodeError)) throw error;
    }
  };
  fc.assert(
    fc.property(
      fc.array(change, { minLength: 1, maxLength: 3 }),
      fc.array(fc.tuple(fc.nat(600), fc.nat(255)), { maxLength: 8 }),
      fc.nat(600),
      (changes, edits, cut) => {
        for (const payload of payloadsOf(changes, 4000)) {
          const octets = payload.slice();
          for (const [at, to] of edits) if (at < octets.length) octets[at] = to;
          attempt(octets);
          attempt(octets.subarray(0, cut));
        }
      },
    ),
  );
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), attempt));
});

test("a key of another length is refused, and the error does not show it", () => {
  const writer = new NetlinkWriter();
  const privateKey = new Uint8Array(31).fill(0xab);
  assert.throws(
    () => encodeDevice(writer, 30, 0, 1, "vxw-a", { privateKey, listenPort: 1, fwmark: 0 }),
    (error) => error instanceof NetlinkEncodeError && !/ab|171|q6ur/.test(error.message),
  );
});

test("families read back as they were told", () => {
  const family: fc.Arbitrary<GenericFamily> = fc.record({
    id: fc.integer({ min: 16, max: 0xffff }),
    name: fc.stringMatching(/^[a-z][a-z0-9_]{0,14}$/),
    version: fc.nat(255),
    maxAttribute: fc.nat(255),
  });
  fc.assert(
    fc.property(family, (value) => {
      const writer = new NetlinkWriter();
      encodeFamily(writer, 0, 1, value);
      assert.deepEqual(decodeFamily(writer.bytes().subarray(16)), { ...value });
    }),
  );
});

test("keys keep their octets through both texts, and only their own text is a key", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (octets) => {
      assert.equal(formatKey(octets), Buffer.from(octets).toString("base64"));
      assert.deepEqual(parseKey(formatKey(octets)), octets);
      assert.deepEqual(parseKeyHex(formatKeyHex(octets)), octets);
    }),
  );
  const text = Buffer.alloc(32, 0xff).toString("base64");
  for (const bad of [
    "",
    text.slice(1),
    `${text}=`,
    ` ${text.slice(1)}`,
    text.replace("8=", "9="),
    text.replaceAll("/", "_"),
  ])
    assert.equal(parseKey(bad), undefined, bad);
});
