import assert from "node:assert/strict";
import { type DnsPair, type DnsRecord, TYPE } from "@vsix/shared/dns/model.ts";
import { parseName } from "@vsix/shared/dns/name.ts";
import { outcomeOf } from "@vsix/shared/dns/outcome.ts";
import { isNameType } from "@vsix/shared/dns/segment-layout.ts";
import fc from "fast-check";

export const POINTS = ["blue0", "green0"];

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const address = fc.oneof(bytes(4), bytes(16));
const u16 = fc.nat(0xffff);
export const name = fc
  .array(fc.stringMatching(/^[a-z0-9_]{1,12}$/), { maxLength: 4 })
  .map((labels) => parseName(labels.length === 0 ? "." : labels.join(".")) ?? assert.fail());
const edns = fc.option(fc.record({ udpSize: u16, version: fc.nat(255), dnssecOk: fc.boolean() }), {
  nil: undefined,
});
const record: fc.Arbitrary<DnsRecord> = fc
  .record({
    owner: name,
    type: fc.constantFrom(1, 5, 28, 65, 16, 12),
    ttlS: fc.nat(),
    rdata: fc.uint8Array({ maxLength: 40 }),
    target: name,
  })
  .map(({ target, rdata, ...rest }) => ({ ...rest, rdata: isNameType(rest.type) ? target : rdata }));
const response = fc.record({
  flags: u16,
  rcode: fc.nat(4095),
  edns,
  size: u16,
  answers: fc.array(record, { maxLength: 5 }),
  answersLeft: fc.nat(9),
});
/** Any pair that a capture may make. */
export const pair: fc.Arbitrary<DnsPair> = fc
  .record({
    timeNs: fc.bigInt(1_790_000_000_000_000_000n, 1_790_000_100_000_000_000n),
    half: fc.constantFrom("whole", "query", "response"),
    class: fc.constantFrom("client", "authority"),
    transport: fc.constantFrom("udp", "tcp"),
    client: address,
    clientPort: u16,
    server: address,
    serverPort: u16,
    id: u16,
    point: fc.constantFrom(...POINTS),
    question: fc.record({ name, type: fc.constantFrom(1, 28, 65, 255, 65535), class: fc.constantFrom(1, 3) }),
    query: fc.record({ flags: u16, edns, size: u16 }),
    response,
    latencyUs: fc.nat(30_000_000),
    retries: fc.nat(255),
    messageHash: fc.nat(0xffff_ffff),
  })
  .map(({ query, response: answer, latencyUs, ...rest }) => ({
    ...rest,
    query: rest.half === "response" ? undefined : query,
    response: rest.half === "query" ? undefined : answer,
    latencyUs: rest.half === "whole" ? latencyUs : undefined,
    outcome:
      rest.half !== "query"
        ? outcomeOf(rest.question.type, answer.rcode, answer.flags, answer.answers, [])
        : rest.question.type === TYPE.AAAA
          ? "unanswered"
          : "none",
  }));
