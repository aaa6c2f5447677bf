import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ForwardingOrder, type OfferedPath } from "./forwarding-order.ts";

const AS = 64500;
const IDS = new Map([
  ["old", 5],
  ["low", 3],
  ["high", 7],
]);
const RULE = { as: AS, idOf: IDS, atLeast: 0, byMed: false, wanted: undefined };
const PREFIX = "2001:db8:1::/48";

function path(nextHop: string, med: number, guards: readonly number[] = []): OfferedPath {
  return {
    prefix: PREFIX,
    nextHop,
    localPref: 100,
    med,
    asPath: [{ type: "sequence", asns: [65001] }],
    largeCommunities: guards.map((id) => `${AS}:91:${id}`),
  };
}

/** A way through `old` that has carried packets for ten seconds. */
function proven(med = 20): ForwardingOrder<OfferedPath> {
  const order = new ForwardingOrder<OfferedPath>(RULE);
  assert.equal(order.offer(path("old", med, [1, 2]), 0), true);
  return order;
}

test("a better way waits a step for every router that the news came through", () => {
  const order = proven();
  assert.equal(order.offer(path("new", 10, [3, 4]), 10_000), false);
  assert.deepEqual(order.ripe(10_499), []);
  assert.deepEqual(
    order.ripe(10_500).map(({ nextHop }) => nextHop),
    ["new"],
  );
  assert.equal(order.heldCount, 0);
});

test("a path that takes the place of one that waits is waited for anew, but not for ever", () => {
  const order = proven(60);
  assert.equal(order.offer(path("direct", 30, [3]), 10_000), false);
  assert.equal(order.offer(path("round", 20, [3, 4]), 10_010), false);
  assert.deepEqual([order.ripe(10_250).length, order.ripe(10_509).length], [0, 0]);
  assert.deepEqual(
    order.ripe(10_510).map(({ nextHop }) => nextHop),
    ["round"],
  );
  const restless = proven(60);
  for (let i = 0; i < 30; i++)
    assert.equal(restless.offer(path(i % 2 === 0 ? "a" : "b", 20, [3, 4, 5, 6, 7]), 10_000 + i * 100), false);
  assert.deepEqual([restless.ripe(12_499).length, restless.ripe(12_500).length], [0, 1]);
});

test("who hears it from an External Edge waits for that one; who hears it outside waits for nobody", () => {
  const order = proven();
  const fromBorder: OfferedPath = {
    ...path("new", 10),
    asPath: [
      { type: "confed-sequence", asns: [64700] },
      { type: "sequence", asns: [65001] },
    ],
  };
  assert.equal(order.offer(fromBorder, 10_000), false);
  assert.deepEqual([order.ripe(10_249).length, order.ripe(10_250).length], [0, 1]);
  assert.equal(proven().offer(path("new", 10), 10_000), true);
});

test("a tie is a better way only where the engine's own rule, the lower router id, explains it", () => {
  assert.equal(proven().offer(path("low", 20, [3]), 10_000), false);
  assert.equal(proven().offer(path("high", 20, [3]), 10_000), true);
});

test("an Edge hears no guards and waits for the router that tells it all the same", () => {
  const order = new ForwardingOrder<OfferedPath>({ ...RULE, atLeast: 2 });
  order.offer(path("old", 20), 0);
  assert.equal(order.offer(path("new", 10), 10_000), false);
  assert.deepEqual([order.ripe(10_499).length, order.ripe(10_500).length], [0, 1]);
});

test("an Edge that was asked to move does so at once, but only once", () => {
  const order = new ForwardingOrder<OfferedPath>({ ...RULE, atLeast: 2 });
  order.offer(path("old", 200), 0);
  order.askedToMove(10_000);
  assert.equal(order.offer(path("low", 100), 10_050), true, "the move");
  assert.equal(order.offer(path("old", 200), 13_000), true, "the wanted plane fails");
  assert.equal(order.offer(path("low", 100), 20_000), false, "it comes back: its router is waited for");
});

test("where Edges are steered by MED a path that is new waits, and a move by both MEDs does not", () => {
  const begin = (): ForwardingOrder<OfferedPath> => {
    const order = new ForwardingOrder<OfferedPath>({ ...RULE, atLeast: 2, byMed: true });
    order.offer(path("old", 200), 0);
    return order;
  };
  assert.equal(begin().offer(path("low", 100), 10_000), false, "a plane that returns");
  const steered = begin();
  assert.equal(steered.offer(path("old", 1000), 10_000), true);
  assert.equal(steered.offer(path("low", 100), 10_050), true, "the old path was made worse first");
  assert.equal(begin().offer(path("low", 200), 10_000), true, "the new one was made better first");
});

test("a worse way, an equal one of an unknown neighbour, and one that follows a failure are taken at once", () => {
  assert.equal(proven().offer(path("new", 30, [3]), 10_000), true);
  assert.equal(proven().offer(path("new", 20, [3]), 10_000), true);
  const hunting = proven();
  assert.equal(hunting.offer(path("worse", 30, [3]), 10_000), true);
  assert.equal(hunting.offer(path("best", 10, [4]), 10_050), true);
});

test("the neighbour's own path that has become worse is what counts, not what it was", () => {
  const order = proven(20);
  assert.equal(order.offer(path("old", 5, [1, 2]), 5_000), true);
  assert.equal(order.offer(path("new", 10, [3]), 10_000), true);
});

test("a withdrawal forgets what was held", () => {
  const order = proven();
  order.offer(path("new", 10, [3]), 10_000);
  order.withdraw(PREFIX);
  assert.deepEqual(order.flush(10_001), []);
});

test("whatever is offered, the last word is followed within five steps, and nothing is held twice", () => {
  const event = fc.record({
    nextHop: fc.constantFrom("a", "b", "c"),
    med: fc.nat(40),
    guards: fc.uniqueArray(fc.nat(9), { maxLength: 8 }),
    afterMs: fc.nat(8_000),
  });
  fc.assert(
    fc.property(fc.array(event, { minLength: 1, maxLength: 30 }), (events) => {
      const order = new ForwardingOrder<OfferedPath>(RULE);
      let nowMs = 0;
      let followed = "";
      const follow = (paths: readonly OfferedPath[]): void => {
        for (const { nextHop } of paths) followed = nextHop;
      };
      for (const { nextHop, med, guards, afterMs } of events) {
        nowMs += afterMs;
        follow(order.ripe(nowMs));
        const offered = path(nextHop, med, guards);
        if (order.offer(offered, nowMs)) follow([offered]);
        assert.ok(order.heldCount <= 1);
      }
      follow(order.ripe(nowMs + 1_250));
      assert.equal(followed, events.at(-1)?.nextHop);
      assert.equal(order.heldCount, 0);
    }),
  );
});
