import assert from "node:assert/strict";
import { test } from "node:test";
import { encodeEndOfRib, encodeUpdate, type WirePrefix } from "../wire/bgp/encode-update.ts";
import { encodeKeepalive, encodeMessage, UPDATE } from "../wire/bgp/message.ts";
import { encodeNotification } from "../wire/bgp/notification.ts";
import { encodeOpen } from "../wire/bgp/open.ts";
import { type FeedEvent, ReceiverSession, SessionEnd } from "./bgp-session.ts";

const SETTINGS = { asn: 65101, routerId: "250.0.0.1", holdS: 30 };
const OPEN = { asn: 65101, holdS: 9, routerId: "10.0.0.1", ipv6Unicast: true };
const attributes = { origin: "igp" as const, asPath: [], communities: [], largeCommunities: ["4690:80:3"] };
const nextHop = Uint8Array.of(0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1);

function prefix(n: number): WirePrefix {
  const address = new Uint8Array(16);
  address.set([0x20, 1, 0x0d, 0xb8, 0, n]);
  return { bits: 48, address };
}

function joined(...messages: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(messages.flatMap((message) => [...message]));
}

function established(): ReceiverSession {
  const session = new ReceiverSession(SETTINGS);
  assert.equal(session.receive(encodeOpen(OPEN)).send.length, 2);
  assert.deepEqual(session.receive(encodeKeepalive()).events, [{ type: "up", routerId: "10.0.0.1" }]);
  return session;
}

function endOf(run: () => unknown): readonly [number, number] | undefined {
  try {
    run();
  } catch (error) {
    assert.ok(error instanceof SessionEnd, String(error));
    return error.notify;
  }
  throw new assert.AssertionError({ message: "the session went on" });
}

test("The smaller hold time counts", () => {
  assert.equal(established().holdS, 9);
});

test("One read is one batch, and the last word about a prefix counts", () => {
  const announce = (...n: number[]) =>
    encodeUpdate({ reach: n.map(prefix), withdraw: [], nextHop, attributes });
  const withdraw = (...n: number[]) => encodeUpdate({ reach: [], withdraw: n.map(prefix) });
  const { events } = established().receive(
    joined(announce(1, 2), withdraw(1, 3), announce(3), encodeEndOfRib(), announce(4)),
  );
  const short = events.map((event: FeedEvent) =>
    event.type === "routes" ? [event.reach.map((route) => route.prefix), event.withdraw] : event.type,
  );
  assert.deepEqual(short, [
    [["2001:db8:2::/48", "2001:db8:3::/48"], ["2001:db8:1::/48"]],
    "end-of-rib",
    [["2001:db8:4::/48"], []],
  ]);
});

test("A wrong AS number, a missing capability, and messages out of order end the session with their codes", () => {
  const fresh = (bytes: Uint8Array) => endOf(() => new ReceiverSession(SETTINGS).receive(bytes));
  assert.deepEqual(fresh(encodeOpen({ ...OPEN, asn: 65102 })), [2, 2]);
  assert.deepEqual(fresh(encodeOpen({ ...OPEN, ipv6Unicast: false })), [2, 7]);
  assert.deepEqual(fresh(encodeKeepalive()), [5, 0]);
  assert.deepEqual(fresh(encodeEndOfRib()), [5, 0]);
  assert.deepEqual(
    endOf(() => established().receive(encodeOpen(OPEN))),
    [5, 0],
  );
  assert.deepEqual(
    endOf(() => established().receive(encodeMessage(UPDATE, Uint8Array.of(0, 9, 0, 0)))),
    [3, 1],
  );
});

test("A NOTIFICATION ends the session with its reason and is not answered", () => {
  const session = established();
  assert.throws(() => session.receive(encodeNotification(6, 2)), {
    message: "cease, administrative shutdown",
    notify: undefined,
  });
});
