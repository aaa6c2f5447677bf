import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeIcmp6 } from "../../wire/icmp6.ts";
import { encodeProbe, flowIdentity, synSequence } from "./flow-identity.ts";
import { flowKey, identifyIcmp6 } from "./identify.ts";

const SOURCE = "2001:db8::1";
const TARGET = "2001:db8:99::1";
const ROUTER = "2001:db8:a::1";
const MARK = { number: 4711, token: 0xdeadbeef };

function probe(protocol: "icmp6" | "udp" | "tcp"): { readonly packet: Uint8Array; readonly key: string } {
  const identity = flowIdentity({ protocol, sourceAddress: SOURCE, targetAddress: TARGET, port: 443 }, 3);
  assert.ok(identity !== undefined);
  const key = flowKey(protocol, TARGET, identity.local, 443);
  return { packet: encodeProbe(identity, MARK, 5, 64), key };
}

function exceeded(quotation: Uint8Array, lengthWords = 0, behind: readonly number[] = []): Uint8Array {
  return Uint8Array.from([3, 0, 0, 0, lengthWords, 0, 0, 0, ...quotation, ...behind]);
}

for (const protocol of ["icmp6", "udp", "tcp"] as const) {
  const { packet, key } = probe(protocol);
  const word = protocol === "tcp" ? synSequence(MARK) : MARK.number;
  const identify = (bytes: Uint8Array) => identifyIcmp6(ROUTER, decodeIcmp6(bytes));

  test(`${protocol}: a quotation of the header and 8 octets says which probe it was, more says whose`, () => {
    const short = identify(exceeded(packet.subarray(0, 48)));
    const answer = { address: ROUTER, kind: "time-exceeded" };
    assert.deepEqual(short, { flow: key, word, source: SOURCE, answer });
    const token = protocol === "tcp" ? {} : { token: MARK.token };
    assert.deepEqual(identify(exceeded(packet)), { flow: key, word, ...token, source: SOURCE, answer });
    assert.equal(identify(exceeded(packet.subarray(0, 47))), undefined);
  });

  test(`${protocol}: what stands behind the quotation by RFC 4884 is not taken for the packet`, () => {
    const padded = new Uint8Array(128);
    padded.set(packet.subarray(0, 50));
    const extension = [0x20, 0, 0, 0, 0, 8, 1, 1, 0, 1, 2, 3];
    const found = identify(exceeded(padded, 16, extension));
    assert.deepEqual([found?.flow, found?.word], [key, word]);
    const behind = identify(exceeded(packet.subarray(0, 40), 5, [...packet.subarray(40)]));
    assert.equal(behind, undefined, "what would be a probe is an extension");
    const wrong = identify(exceeded(packet, 255, extension));
    assert.equal(wrong?.flow, key, "a length that cannot be is none");
  });

  test(`${protocol}: a segment list that was put into the packet hides neither target nor probe`, () => {
    const inserted = new Uint8Array(packet.length + 40);
    inserted.set(packet.subarray(0, 40));
    inserted[6] = 43;
    inserted.set([packet[6] ?? 0, 4, 4, 1, 1, 0, 0, 0], 40);
    inserted.set(packet.subarray(24, 40), 48); // Segment List[0]: the last, our target
    inserted.set(packet.subarray(8, 24), 64);
    inserted.set(packet.subarray(8, 24), 24); // under way to the first
    inserted.set(packet.subarray(40), 80);
    const found = identify(exceeded(inserted));
    assert.deepEqual([found?.flow, found?.word], [key, word]);
    assert.equal(identify(exceeded(inserted.subarray(0, 63))), undefined, "cut off within the list");
  });

  test(`${protocol}: an error about reassembly is no hop`, () => {
    const bytes = exceeded(packet);
    bytes[1] = 1;
    assert.equal(identify(bytes), undefined);
  });
}
