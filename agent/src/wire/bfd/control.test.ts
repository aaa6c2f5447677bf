import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { BFD_LENGTH, type BfdControl, type BfdState, decodeBfd, encodeBfd } from "./control.ts";

const word = fc.nat({ max: 0xffffffff });
const packets: fc.Arbitrary<BfdControl> = fc
  .record<BfdControl>({
    diagnostic: fc.nat({ max: 31 }),
    state: fc.constantFrom<BfdState>("admin-down", "down", "init", "up"),
    poll: fc.boolean(),
    final: fc.boolean(),
    independent: fc.boolean(),
    authenticated: fc.constant(false),
    demand: fc.boolean(),
    detectMultiplier: fc.integer({ min: 1, max: 255 }),
    myDiscriminator: fc.integer({ min: 1, max: 0xffffffff }),
    yourDiscriminator: word,
    desiredMinTxUs: word,
    requiredMinRxUs: word,
    requiredMinEchoRxUs: word,
  })
  .map((fields) => ({ ...fields }))
  .filter(
    ({ state, yourDiscriminator }) => yourDiscriminator !== 0 || state === "down" || state === "admin-down",
  );

const altered = (bytes: Uint8Array, at: number, value: number): Uint8Array => {
  const copy = bytes.slice();
  copy[at] = value;
  return copy;
};
const fault = (bytes: Uint8Array): string | undefined => {
  const decoded = decodeBfd(bytes);
  return decoded.ok ? undefined : decoded.fault;
};

test("what was written is read back, also with octets behind it", () => {
  fc.assert(
    fc.property(packets, fc.uint8Array({ maxLength: 8 }), (packet, tail) => {
      const bytes = new Uint8Array([...encodeBfd(packet), ...tail]);
      assert.deepEqual(decodeBfd(bytes), { ok: true, packet });
    }),
  );
});

test("a packet of RFC 5880 section 4.1, octet by octet", () => {
  const bytes = Uint8Array.from([
    0x21, 0xe8, 3, 24, 0, 0, 0, 7, 0x80, 0, 0, 1, 0, 3, 0x0d, 0x40, 0, 0x0f, 0x42, 0x40, 0, 0, 0, 0,
  ]);
  const packet: BfdControl = {
    diagnostic: 1,
    state: "up",
    poll: true,
    final: false,
    independent: true,
    authenticated: false,
    demand: false,
    detectMultiplier: 3,
    myDiscriminator: 7,
    yourDiscriminator: 0x80000001,
    desiredMinTxUs: 200_000,
    requiredMinRxUs: 1_000_000,
    requiredMinEchoRxUs: 0,
  };
  assert.deepEqual(decodeBfd(bytes), { ok: true, packet });
  assert.deepEqual(encodeBfd(packet), bytes);
});

test("every truncation is a fault of length", () => {
  fc.assert(
    fc.property(packets, fc.nat({ max: BFD_LENGTH - 1 }), (packet, length) => {
      assert.equal(fault(encodeBfd(packet).subarray(0, length)), "length");
    }),
  );
});

test("a length that lies is refused, whichever way", () => {
  fc.assert(
    fc.property(packets, fc.nat({ max: 255 }), (packet, length) => {
      const bytes = altered(encodeBfd(packet), 3, length);
      assert.equal(fault(bytes), length === BFD_LENGTH ? undefined : "length");
    }),
  );
});

test("with the authentication bit 24 octets are too few, 26 are enough", () => {
  const plain = new Uint8Array(26);
  plain.set([0x20, 0x44, 3, 24, 0, 0, 0, 7]);
  assert.equal(fault(plain), "length");
  const decoded = decodeBfd(altered(plain, 3, 26));
  assert.ok(decoded.ok && decoded.packet.authenticated);
});

test("the other reasons of section 6.8.6 are told in its order", () => {
  const good = encodeBfd({
    diagnostic: 0,
    state: "up",
    poll: false,
    final: false,
    independent: false,
    authenticated: false,
    demand: false,
    detectMultiplier: 3,
    myDiscriminator: 1,
    yourDiscriminator: 2,
    desiredMinTxUs: 1,
    requiredMinRxUs: 1,
    requiredMinEchoRxUs: 0,
  });
  const unknownToSender = altered(good, 11, 0);
  assert.equal(fault(unknownToSender), "your-discriminator");
  assert.equal(fault(altered(unknownToSender, 1, 0x80)), "your-discriminator", "Init");
  assert.equal(fault(altered(unknownToSender, 1, 0x40)), undefined, "Down may not know us yet");
  const nobody = altered(unknownToSender, 7, 0);
  assert.equal(fault(nobody), "my-discriminator");
  const multipoint = altered(nobody, 1, 0xc1);
  assert.equal(fault(multipoint), "multipoint");
  const neverDetected = altered(multipoint, 2, 0);
  assert.equal(fault(neverDetected), "detect-multiplier");
  const long = altered(neverDetected, 3, 25);
  assert.equal(fault(long), "length");
  for (const version of [0, 2, 7]) assert.equal(fault(altered(long, 0, version << 5)), "version");
});

test("any octets are a packet or a fault, and nothing is thrown", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      const decoded = decodeBfd(bytes);
      if (!decoded.ok) return;
      assert.ok(bytes.length >= BFD_LENGTH && decoded.packet.detectMultiplier > 0);
      assert.notEqual(decoded.packet.myDiscriminator, 0);
    }),
    { numRuns: 20_000 },
  );
});
