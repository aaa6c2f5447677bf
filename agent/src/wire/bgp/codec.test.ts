import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { PathAttributes } from "./attributes.ts";
import { BgpDecodeError } from "./decode-error.ts";
import { encodeEndOfRib, encodeUpdate } from "./encode-update.ts";
import { encodeKeepalive, encodeMessage, HEADER_LENGTH, KEEPALIVE, MessageFramer } from "./message.ts";
import { decodeNotification, describeNotification, encodeNotification } from "./notification.ts";
import { decodeOpen, encodeOpen } from "./open.ts";
import { addressText, prefixText } from "./prefix-text.ts";
import { decodeUpdate } from "./update.ts";

const u32 = fc.nat(0xffffffff);
const large = fc.tuple(u32, u32, u32).map((c) => c.join(":"));
const community = fc.tuple(fc.nat(65535), fc.nat(65535)).map((c) => c.join(":"));
const segment = fc
  .record({
    type: fc.constantFrom("set", "sequence", "confed-sequence", "confed-set" as const),
    asns: fc.array(u32, { minLength: 1, maxLength: 20 }),
  })
  .map((s) => ({ ...s }));
const attributes: fc.Arbitrary<PathAttributes> = fc
  .record({
    origin: fc.constantFrom("igp", "egp", "incomplete" as const),
    asPath: fc.array(segment, { maxLength: 4 }),
    communities: fc.array(community, { maxLength: 80 }),
    largeCommunities: fc.array(large, { maxLength: 30 }),
  })
  .chain((base) =>
    fc
      .record({ med: u32, localPref: u32 }, { requiredKeys: [] })
      .map((more) => ({ ...base, ...more }) as PathAttributes),
  );
const wirePrefix = fc.record({
  bits: fc.nat(128),
  address: fc.uint8Array({ minLength: 16, maxLength: 16 }),
});
const hop = fc.uint8Array({ minLength: 16, maxLength: 16 });

test("An UPDATE decodes to what was encoded", () => {
  fc.assert(
    fc.property(
      attributes,
      fc.array(wirePrefix, { minLength: 1, maxLength: 40 }),
      fc.array(wirePrefix, { maxLength: 40 }),
      hop,
      (given, reach, withdraw, nextHop) => {
        const bytes = encodeUpdate({ reach, withdraw, nextHop, attributes: given });
        const decoded = decodeUpdate(bytes.subarray(HEADER_LENGTH));
        assert.deepEqual(decoded.attributes, given);
        assert.deepEqual(
          decoded.reach,
          reach.map((p) => prefixText(p.address, 0, p.bits)),
        );
        assert.deepEqual(
          decoded.withdraw,
          withdraw.map((p) => prefixText(p.address, 0, p.bits)),
        );
        assert.equal(decoded.nextHop, addressText(nextHop, 0));
        assert.equal(decoded.endOfRib, false);
      },
    ),
  );
});

test("Random bytes give a BgpDecodeError or a value, and nothing else", () => {
  const attempt = (run: () => unknown): void => {
    try {
      run();
    } catch (error) {
      assert.ok(error instanceof BgpDecodeError, String(error));
    }
  };
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      attempt(() => decodeUpdate(bytes));
      attempt(() => decodeOpen(bytes));
      attempt(() => new MessageFramer().push(bytes));
    }),
    { numRuns: 2000 },
  );
});

test("An UPDATE with any octet changed gives a BgpDecodeError or a value, and nothing else", () => {
  fc.assert(
    fc.property(
      attributes,
      fc.array(wirePrefix, { minLength: 1, maxLength: 5 }),
      hop,
      fc.array(fc.tuple(fc.nat(400), fc.nat(255)), { minLength: 1, maxLength: 4 }),
      (given, reach, nextHop, changes) => {
        const bytes = encodeUpdate({ reach, withdraw: [], nextHop, attributes: given });
        for (const [at, value] of changes)
          bytes[HEADER_LENGTH + (at % (bytes.length - HEADER_LENGTH))] = value;
        try {
          const decoded = decodeUpdate(bytes.subarray(HEADER_LENGTH));
          if (decoded.treatedAsWithdraw !== undefined) assert.deepEqual(decoded.reach, []);
        } catch (error) {
          assert.ok(error instanceof BgpDecodeError);
        }
      },
    ),
  );
});

test("A stream cut anywhere gives the same messages", () => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ minLength: 4, maxLength: 60 }), { minLength: 1, maxLength: 8 }),
      fc.integer({ min: 1, max: 30 }),
      (bodies, step) => {
        const stream = new Uint8Array(bodies.flatMap((body) => [...encodeMessage(2, body)]));
        const framer = new MessageFramer();
        const got: number[][] = [];
        for (let at = 0; at < stream.length; at += step)
          for (const message of framer.push(stream.subarray(at, at + step))) got.push([...message.body]);
        assert.deepEqual(
          got,
          bodies.map((body) => [...body]),
        );
      },
    ),
  );
});

test("An OPEN decodes to what was encoded", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 0xffffffff }),
      fc.integer({ min: 3, max: 65535 }),
      fc.boolean(),
      fc.nat(4095),
      fc.boolean(),
      (asn, holdS, restarting, restartS, forwarding) => {
        const open = {
          asn,
          holdS,
          routerId: "10.0.0.1",
          ipv6Unicast: true,
          gracefulRestart: { restarting, restartS, ipv6: { forwarding } },
        };
        const bytes = encodeOpen(open);
        assert.deepEqual(decodeOpen(bytes.subarray(HEADER_LENGTH)), { ...open, fourOctetAs: true });
      },
    ),
  );
});

test("Prefix text is RFC 5952 with host bits masked", () => {
  const bytes = Uint8Array.from([0x20, 0x01, 0x0d, 0xb8, 0, 0, 0xff, 0xff, 0, 0, 0, 0, 0, 1, 0, 1]);
  assert.equal(prefixText(bytes, 0, 0), "::/0");
  assert.equal(prefixText(bytes, 0, 32), "2001:db8::/32");
  assert.equal(prefixText(bytes, 0, 52), "2001:db8:0:f000::/52");
  assert.equal(prefixText(bytes, 0, 128), "2001:db8:0:ffff::1:1/128");
  assert.equal(addressText(new Uint8Array(16), 0), "::");
});

test("Header faults carry the subcodes of RFC 4271 section 6.1", () => {
  const marker = encodeKeepalive();
  marker[3] = 0;
  const short = encodeKeepalive();
  short[17] = 18;
  const long = encodeKeepalive();
  long[16] = 0x20;
  const type = encodeKeepalive();
  type[18] = 9;
  const subcodes = [marker, short, long, type].map((bytes) => {
    try {
      new MessageFramer().push(bytes);
    } catch (error) {
      return error instanceof BgpDecodeError ? [error.notify, error.subcode] : error;
    }
    return "accepted";
  });
  assert.deepEqual(subcodes, [
    [1, 1],
    [1, 2],
    [1, 2],
    [1, 3],
  ]);
  assert.equal(new MessageFramer().push(encodeKeepalive())[0]?.type, KEEPALIVE);
});

test("A malformed attribute withdraws the routes that came with it", () => {
  const bytes = encodeUpdate({
    reach: [{ bits: 32, address: Uint8Array.of(0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0) }],
    withdraw: [],
    nextHop: new Uint8Array(16).fill(1),
    attributes: { origin: "igp", asPath: [], communities: [], largeCommunities: [] },
  });
  const body = bytes.slice(HEADER_LENGTH);
  body[7] = 7; // ORIGIN's value
  const decoded = decodeUpdate(body);
  assert.deepEqual(decoded.withdraw, ["2001:db8::/32"]);
  assert.equal(decoded.treatedAsWithdraw?.subcode, 6);
});

test("A 32-octet next hop gives the global address and the link-local one", () => {
  const nextHop = new Uint8Array(32);
  nextHop.set([0x20, 1, 0xd, 0xb8], 0);
  nextHop.set([0xfe, 0x80], 16);
  nextHop[31] = 7;
  const bytes = encodeUpdate({
    reach: [{ bits: 0, address: new Uint8Array(16) }],
    withdraw: [],
    nextHop,
    attributes: { origin: "igp", asPath: [], communities: [], largeCommunities: [] },
  });
  const decoded = decodeUpdate(bytes.subarray(HEADER_LENGTH));
  assert.equal(decoded.nextHop, "2001:db8::");
  assert.equal(decoded.linkLocalNextHop, "fe80::7");
  assert.deepEqual(decoded.reach, ["::/0"]);
});

test("End-of-RIB is seen as such, IPv4's is not", () => {
  assert.equal(decodeUpdate(encodeEndOfRib().subarray(HEADER_LENGTH)).endOfRib, true);
  assert.equal(decodeUpdate(Uint8Array.of(0, 0, 0, 0)).endOfRib, false);
});

test("A NOTIFICATION is named for people", () => {
  const body = encodeNotification(6, 2).subarray(HEADER_LENGTH);
  assert.equal(describeNotification(decodeNotification(body)), "cease, administrative shutdown");
});
