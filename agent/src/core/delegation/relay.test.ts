import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  DHCP6_TYPE,
  Dhcp6Error,
  decodeClientMessage,
  decodeRelayReply,
  decodeServerMessage,
} from "../../wire/dhcp6.ts";
import type { DesiredDelegation } from "./desired.ts";
import { Relay } from "./relay.ts";

const PEER = "fe80::1234";
const DELEGATION: DesiredDelegation = {
  link: "2001:db8::1",
  server: "2001:db8::1",
  preferredS: 2700,
  validS: 5400,
  resolvers: [],
  tunnels: [
    { interface: "vxt-a", number: 1, prefixes: ["2001:db8:a::/60"] },
    { interface: "vxt-b", number: 2, prefixes: ["2001:db8:b::/60"] },
  ],
};

function bytesOf(...parts: readonly (string | Uint8Array)[]): Uint8Array {
  return Buffer.concat(parts.map((one) => (typeof one === "string" ? Buffer.from(one, "hex") : one)));
}

function option(code: number, ...body: readonly (string | Uint8Array)[]): Uint8Array {
  const inner = bytesOf(...body);
  const head = Buffer.alloc(4);
  head.writeUInt16BE(code, 0);
  head.writeUInt16BE(inner.length, 2);
  return bytesOf(head, inner);
}

const CLIENT = option(1, "000300010200000000aa");
const IA = "00000001" + "0000054600000870";
const solicit = (...more: readonly Uint8Array[]): Uint8Array =>
  bytesOf("01aabbcc", CLIENT, option(25, IA), ...more);
/** 2001:db8:X::/60 with a valid lifetime. */
const given = (hextet: string, validS: number): Uint8Array => {
  const lifetimes = Buffer.alloc(8);
  lifetimes.writeUInt32BE(Math.min(2700, validS), 0);
  lifetimes.writeUInt32BE(validS, 4);
  return option(26, lifetimes, "3c", `20010db8${hextet}${"00".repeat(10)}`);
};
const NONE = option(13, "0006", Buffer.from("no prefixes available"));
/** What a server answers within a relay's envelope. */
const answer = (name: string, inner: Uint8Array, type = "07"): Uint8Array =>
  bytesOf(
    "0d00",
    "00".repeat(16),
    `fe80${"00".repeat(12)}1234`,
    option(18, Buffer.from(name)),
    option(9, bytesOf(`${type}aabbcc`, CLIENT, option(25, IA, inner))),
  );

function relay(): Relay {
  const made = new Relay();
  made.configure(DELEGATION);
  return made;
}

test("a client's message reaches the server in an envelope that names its tunnel, and the answer goes back by it", () => {
  const one = relay();
  const forward = one.fromClient("vxt-a", PEER, solicit());
  assert.ok(forward.op === "forward");
  assert.equal(forward.message[0], DHCP6_TYPE.RELAY_FORW);
  const turned = Uint8Array.from(forward.message);
  turned[0] = DHCP6_TYPE.RELAY_REPL;
  const envelope = decodeRelayReply(turned);
  assert.deepEqual(
    { ...envelope, message: Buffer.from(envelope.message).toString("hex") },
    { peer: PEER, interfaceId: "vxt-a", message: Buffer.from(solicit()).toString("hex") },
  );
  const back = one.fromServer(answer("vxt-a", given("000a", 5400)), 0, 1_000);
  assert.ok(back.op === "answer");
  assert.deepEqual([back.interface, back.peer], ["vxt-a", PEER]);
  assert.deepEqual(one.leases, [
    { interface: "vxt-a", prefix: "2001:db8:a::/60", duid: "000300010200000000aa", untilMs: 5_401_000 },
  ]);
});

test("what is no client, by no tunnel of ours, too large or itself relayed goes no further", () => {
  const one = relay();
  assert.deepEqual(one.fromClient("eth0", PEER, solicit()), { op: "drop", why: "stranger" });
  for (const bytes of [
    solicit().subarray(0, 20),
    bytesOf("07aabbcc", CLIENT),
    bytesOf("0c00", "00".repeat(32), option(9, solicit())),
    solicit(option(16, "00".repeat(1300))),
    new Uint8Array(0),
  ])
    assert.deepEqual(one.fromClient("vxt-a", PEER, bytes), { op: "drop", why: "malformed" });
  assert.deepEqual(one.counters, {
    forwarded: 0,
    answered: 0,
    takenOver: 0,
    dropped: { malformed: 5, stranger: 1, "foreign-prefix": 0 },
  });
});

test("a prefix of another tunnel's is told to nobody", () => {
  const one = relay();
  assert.deepEqual(one.fromServer(answer("vxt-a", given("000b", 5400)), 0, 0), {
    op: "drop",
    why: "foreign-prefix",
  });
  assert.deepEqual(one.fromServer(answer("vxt-c", given("000a", 5400)), 0, 0), {
    op: "drop",
    why: "stranger",
  });
});

test("who finds the prefix of its tunnel taken by another router takes it over, and two do not do so without a pause", () => {
  const one = relay();
  const taken = { op: "take-over", interface: "vxt-a", prefixes: ["2001:db8:a::/60"] } as const;
  assert.deepEqual(one.fromServer(answer("vxt-a", NONE, "02"), 0, 0), taken);
  assert.equal(one.fromServer(answer("vxt-a", NONE, "02"), 4_999, 0).op, "answer", "told that there is none");
  assert.equal(
    one.fromServer(answer("vxt-b", NONE, "02"), 4_999, 0).op,
    "take-over",
    "each tunnel for itself",
  );
  assert.deepEqual(one.fromServer(answer("vxt-a", bytesOf(given("000a", 0), NONE)), 5_000, 0), taken);
  assert.equal(one.counters.takenOver, 3);
});

test("a second prefix that there is not is said to be none, and takes nothing away", () => {
  const one = relay();
  const both = bytesOf(given("000a", 5400), NONE);
  assert.equal(one.fromServer(answer("vxt-a", both), 0, 0).op, "answer");
});

test("tunnels that are gone are strangers, and what was known of them is forgotten", () => {
  const one = relay();
  one.fromServer(answer("vxt-a", given("000a", 5400)), 0, 0);
  one.configure({ ...DELEGATION, tunnels: DELEGATION.tunnels.slice(1) });
  assert.deepEqual(one.leases, []);
  assert.equal(one.fromClient("vxt-a", PEER, solicit()).op, "drop");
  one.configure(undefined);
  assert.equal(one.fromClient("vxt-b", PEER, solicit()).op, "drop");
});

test("any octets are a message or a typed error, and never more", () => {
  const whole = [solicit(), answer("vxt-a", given("000a", 1))];
  const damaged = fc.tuple(fc.constantFrom(...whole), fc.nat(120), fc.nat(255)).map(([bytes, at, value]) => {
    const copy = Uint8Array.from(bytes);
    copy[at % copy.length] = value;
    return copy;
  });
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), damaged), (bytes) => {
      for (const decode of [decodeClientMessage, decodeServerMessage, decodeRelayReply])
        try {
          decode(bytes);
        } catch (error) {
          assert.ok(error instanceof Dhcp6Error);
        }
      const one = relay();
      one.fromClient("vxt-a", PEER, bytes);
      one.fromServer(bytes, 0, 0);
    }),
  );
});
