import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { FrameScanner, rulesForBroker, rulesForClients } from "./frame-scanner.ts";

function frame(first: number, length: number): Uint8Array {
  const head = [first];
  let rest = length;
  do {
    const octet = rest % 128;
    rest = Math.floor(rest / 128);
    head.push(rest > 0 ? octet | 0x80 : octet);
  } while (rest > 0);
  return Uint8Array.from([...head, ...new Uint8Array(length)]);
}

const CONNACK = frame(0x20, 2);

test("packets up to the limit pass however they are cut, and one more octet does not", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 500 }), { maxLength: 8 }),
      fc.integer({ min: 1, max: 64 }),
      (lengths, cut) => {
        const bytes = Buffer.concat([...lengths.map((length) => frame(0x30, length)), frame(0x30, 501)]);
        const scanner = new FrameScanner(rulesForClients(500));
        const good = bytes.length - 501 - 1;
        for (let i = 0; i < bytes.length; i += cut)
          if (scanner.scan(bytes.subarray(i, i + cut)) !== undefined) return i + cut >= good;
        return false;
      },
    ),
    { numRuns: 50 },
  );
});

test("any octets get the same verdict at the same octet, however they are cut", () => {
  const octets = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc
      .array(fc.tuple(fc.constantFrom(0x20, 0x30, 0x32, 0x40, 0x90), fc.integer({ min: 0, max: 300 })), {
        maxLength: 6,
      })
      .map((frames) => Buffer.concat([CONNACK, ...frames.map(([first, length]) => frame(first, length))])),
  );
  fc.assert(
    fc.property(octets, fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }), (bytes, cuts) => {
      for (const rule of [() => rulesForClients(200), () => rulesForBroker(200)]) {
        const single = new FrameScanner(rule());
        let at = bytes.length;
        for (let i = 0; i < bytes.length && at === bytes.length; i++)
          if (single.scan(bytes.subarray(i, i + 1)) !== undefined) at = i;
        const verdict = single.scan(new Uint8Array());
        const cutUp = new FrameScanner(rule());
        for (let i = 0, n = 0; i < bytes.length; n++) {
          const end = i + (cuts[n % cuts.length] ?? 1);
          const fault = cutUp.scan(bytes.subarray(i, end));
          assert.equal(fault !== undefined, at < Math.min(end, bytes.length));
          i = end;
        }
        const other = cutUp.scan(new Uint8Array());
        assert.deepEqual([other?.code, other?.message], [verdict?.code, verdict?.message]);
      }
    }),
  );
});

test("a remaining length of five octets is malformed, one of four is not", () => {
  const scanner = () => new FrameScanner(rulesForClients(2 ** 28));
  assert.equal(scanner().scan(Uint8Array.from([0x30, 0x80, 0x80, 0x80, 0x01])), undefined);
  const fault = scanner().scan(Uint8Array.from([0x30, 0x80, 0x80, 0x80, 0x80, 1]));
  assert.equal(fault?.code, "mqtt-malformed-length");
});

test("a broker may send one CONNACK, first, then answers and PUBLISH of QoS 0 and 1, and nothing else", () => {
  const code = (...frames: readonly Uint8Array[]) =>
    new FrameScanner(rulesForBroker(1000)).scan(Buffer.concat(frames))?.code;
  assert.equal(
    code(CONNACK, frame(0x31, 1000), frame(0x33, 1000), frame(0x90, 4), frame(0xd0, 0)),
    undefined,
  );
  assert.equal(code(CONNACK, frame(0x30, 1001)), "mqtt-frame-too-large");
  assert.equal(code(CONNACK, frame(0x90, 1000)), "mqtt-frame-too-large");
  for (const frames of [
    [frame(0x30, 10)],
    [CONNACK, CONNACK],
    [CONNACK, frame(0x34, 10)],
    [CONNACK, frame(0x36, 10)],
    [CONNACK, frame(0x10, 10)],
    [CONNACK, frame(0x62, 2)],
    [frame(0x00, 0)],
  ])
    assert.equal(code(...frames), "mqtt-unexpected-packet");
});
