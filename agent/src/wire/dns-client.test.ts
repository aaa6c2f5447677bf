import assert from "node:assert/strict";
import { test } from "node:test";
import { DnsDecodeError, decodeDnsAnswer, dnsOverTcp, encodeDnsQuery } from "./dns-client.ts";

const question = { id: 0x1234, name: "Old.Example.", type: "AAAA" } as const;
const query = encodeDnsQuery(question) ?? new Uint8Array();
const asked = query.subarray(12, query.length - 11);
const ADDRESS = [0x20, 1, 0xd, 0xb8, 0, 0x64, 0, 0, 0, 0, 0, 0, 0xc0, 0, 2, 80];

function answer(flags: number, records: readonly (readonly number[])[], of = asked): Uint8Array {
  const head = [0x12, 0x34, flags >> 8, flags & 0xff, 0, 1, 0, records.length, 0, 0, 0, 0];
  return Uint8Array.from([...head, ...of, ...records.flat()]);
}

const record = (owner: readonly number[], type: number, data: readonly number[]): readonly number[] => [
  ...owner,
  ...[0, type, 0, 1, 0, 0, 0, 60, data.length >> 8, data.length & 0xff],
  ...data,
];
const SELF = [0xc0, 12];

test("a question has one name, its type and EDNS, with DO where DNSSEC is asked for", () => {
  assert.equal(
    Buffer.from(query).toString("hex"),
    "123401000001000000000001036f6c64076578616d706c6500001c000100002904d0000000000000",
  );
  const signed = encodeDnsQuery({ ...question, dnssec: true }) ?? new Uint8Array();
  assert.deepEqual([signed[3], signed.at(-4), signed.at(-3)], [0x20, 0x80, 0]);
  for (const name of [
    "",
    "a..b",
    `${"x".repeat(64)}.example`,
    "a b.example",
    `${"abcdefg.".repeat(40)}x`,
    "ü.example",
  ])
    assert.equal(encodeDnsQuery({ ...question, name }), undefined, name);
});

test("addresses are those at the end of the aliases, whoever's else stand beside them", () => {
  const alias = record(SELF, 5, [3, 0x57, 0x77, 0x77, 0xc0, 16]);
  const target = [0xc0, 12 + asked.length + 12];
  const bytes = answer(0x81a0, [alias, record(target, 28, ADDRESS), record(target, 1, [192, 0, 2, 1])]);
  assert.deepEqual(decodeDnsAnswer(bytes, question), {
    rcode: 0,
    truncated: false,
    authentic: true,
    addresses: ["2001:db8:64::c000:250"],
    aliases: ["www.example"],
  });
});

test("an alias of itself, and two that lead to each other, end", () => {
  const own = record(SELF, 5, SELF);
  assert.deepEqual(decodeDnsAnswer(answer(0x8180, [own]), question).addresses, []);
});

test("what answers another question, or another number, is no answer", () => {
  const other = encodeDnsQuery({ ...question, name: "new.example" })?.subarray(12, -11) ?? asked;
  const wrong = [
    answer(0x8180, [], other),
    answer(0x0100, []),
    answer(0x8180, []).with(1, 0x35),
    encodeDnsQuery({ ...question, type: "A" })?.with(2, 0x81) ?? query,
    new Uint8Array(11),
  ];
  for (const bytes of wrong) assert.throws(() => decodeDnsAnswer(bytes, question), DnsDecodeError);
});

test("names that go in circles, forwards or too far, and records that are cut off, are refused", () => {
  const whole = answer(0x8180, [record(SELF, 28, ADDRESS)]);
  const owner = 12 + asked.length;
  const circle = whole.with(owner, 0xc0).with(owner + 1, owner);
  const forward = whole.with(owner + 1, owner + 4);
  const cases = [circle, forward, whole.subarray(0, -1), whole.with(owner, 0x80)];
  for (const bytes of cases) assert.throws(() => decodeDnsAnswer(bytes, question), DnsDecodeError);
});

test("a server's refusal needs no question, and octets of a strange name cannot reach a terminal", () => {
  const refused = Uint8Array.from([0x12, 0x34, 0x81, 0x85, 0, 0, 0, 0, 0, 0, 0, 0]);
  assert.equal(decodeDnsAnswer(refused, question).rcode, 5);
  const strange = record(SELF, 5, [4, 0x1b, 0x5b, 0x32, 0x4a, 0]);
  assert.deepEqual(decodeDnsAnswer(answer(0x8180, [strange]), question).aliases, ["\\027[2j"]);
});

test("over TCP an answer is there once all of it is", () => {
  const bytes = answer(0x8180, []);
  const framed = Uint8Array.from([0, bytes.length, ...bytes, 9]);
  assert.equal(dnsOverTcp(framed.subarray(0, bytes.length + 1)), undefined);
  assert.deepEqual(dnsOverTcp(framed), bytes);
  assert.equal(dnsOverTcp(Uint8Array.of(1)), undefined);
});
