import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { decodeIcmp6, encodeEchoRequest, Icmp6DecodeError } from "./icmp6.ts";
import { formatIp6 } from "./netlink/ip-text.ts";
import type { QuotedPacket } from "./quoted.ts";

const u16 = fc.integer({ min: 0, max: 0xffff });
const address = fc.uint8Array({ minLength: 16, maxLength: 16 });

/** An IPv6 packet around `body`. */
function packet(
  source: Uint8Array,
  destination: Uint8Array,
  nextHeader: number,
  flowLabel: number,
  body: readonly number[],
): number[] {
  const label = [0x60, flowLabel >> 16, (flowLabel >> 8) & 0xff, flowLabel & 0xff];
  return [...label, body.length >> 8, body.length & 0xff, nextHeader, 3, ...source, ...destination, ...body];
}

test("an echo request comes back from its bytes", () => {
  fc.assert(
    fc.property(u16, u16, fc.uint8Array({ maxLength: 100 }), (id, sequence, payload) => {
      const bytes = encodeEchoRequest(id, sequence, payload);
      assert.deepEqual(decodeIcmp6(bytes), { type: "echo-request", id, sequence, payload });
      bytes[0] = 129;
      assert.equal(decodeIcmp6(bytes).type, "echo-reply");
    }),
  );
});

test("an error tells which of our echoes it is about, also behind extension headers and encapsulations", () => {
  const wrappers = fc.array(fc.constantFrom("hop-by-hop", "srh", "first fragment", "ipv6"), { maxLength: 3 });
  fc.assert(
    fc.property(
      address,
      address,
      u16,
      u16,
      fc.nat(0xfffff),
      wrappers,
      fc.constantFrom(1, 2, 3),
      (source, destination, id, sequence, flowLabel, outside, type) => {
        let body = [...encodeEchoRequest(id, sequence, new Uint8Array(4))];
        let next = 58;
        for (const wrapper of outside) {
          if (wrapper === "hop-by-hop") [body, next] = [[next, 0, 1, 4, 0, 0, 0, 0, ...body], 0];
          else if (wrapper === "srh")
            [body, next] = [[next, 2, 4, 0, 0, 0, 0, 0, ...destination, ...body], 43];
          else if (wrapper === "first fragment") [body, next] = [[next, 0, 0, 1, 0, 0, 0, 1, ...body], 44];
          else [body, next] = [packet(source, destination, next, flowLabel, body), 41];
        }
        const quoted = packet(source, destination, next, flowLabel, body);
        const message = decodeIcmp6(new Uint8Array([type, 0, 0, 0, 0, 0, 5, 220, ...quoted]));
        assert.ok(
          message.type === "unreachable" ||
            message.type === "time-exceeded" ||
            message.type === "packet-too-big",
        );
        assert.equal(message.mtu, type === 2 ? 1500 : undefined);
        let found: QuotedPacket | undefined = message.quoted;
        assert.equal(found?.hopLimit, 3);
        assert.equal(found?.flowLabel, flowLabel);
        while (found?.inner !== undefined) found = found.inner;
        assert.equal(found?.source, formatIp6(source, 0));
        assert.equal(found?.destination, formatIp6(destination, 0));
        assert.equal(found?.nextHeader, 58);
        assert.deepEqual(found?.echo, { id, sequence });
      },
    ),
  );
});

test("a later fragment and a quotation cut short say only what they hold", () => {
  const none = new Uint8Array(16);
  const fragment = packet(none, none, 44, 0, [58, 0, 0x05, 0xa8, 0, 0, 0, 1, 128, 0, 0, 0, 0, 7, 0, 9]);
  const later = decodeIcmp6(new Uint8Array([3, 0, 0, 0, 0, 0, 0, 0, ...fragment]));
  assert.ok(later.type === "time-exceeded" && later.quoted !== undefined && later.quoted.echo === undefined);
  assert.equal(later.quoted.nextHeader, undefined);
  const short = decodeIcmp6(new Uint8Array([3, 1, 0, 0, 0, 0, 0, 0, ...fragment.slice(0, 39)]));
  assert.deepEqual(short, { type: "time-exceeded", code: 1 });
});

test("random bytes give a message or Icmp6DecodeError and nothing else", () => {
  const hostile = fc.uint8Array({ maxLength: 300 });
  fc.assert(
    fc.property(
      hostile,
      fc.constantFrom(1, 2, 3, 128, 129, 255),
      fc.constantFrom(0, 41, 43, 44, 58, 60),
      (bytes, type, next) => {
        const shaped = Uint8Array.from(bytes);
        shaped[0] = type;
        if (shaped.length > 14) {
          shaped[8] = 0x60;
          shaped[14] = next;
        }
        for (const input of [bytes, shaped]) {
          try {
            decodeIcmp6(input);
          } catch (error) {
            if (!(error instanceof Icmp6DecodeError)) throw error;
          }
        }
      },
    ),
    { numRuns: 1000 },
  );
});
