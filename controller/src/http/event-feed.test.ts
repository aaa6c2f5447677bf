import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { EventFeed, GATHER_MS } from "./event-feed.ts";

interface Told {
  readonly type: string;
  readonly node: string;
  readonly number: number;
}

/** A feed whose events are told by hand, on a clock that is moved by hand. */
function makeFeed() {
  const hearers = new Set<(event: Told) => void>();
  const feed = new EventFeed<Told>({
    listen: (hear) => {
      hearers.add(hear);
      return () => hearers.delete(hear);
    },
    stateOf: ({ type, node }) => (type === "report" ? node : undefined),
  });
  const tell = (type: string, node: string, number: number): void => {
    for (const hear of hearers) hear({ type, node, number });
  };
  return { feed, tell, hearers };
}

/** What was written, each time: numbers of the events. */
function makeListener() {
  const written: number[][] = [];
  const write = (frames: string): void => {
    const told = frames.split("\n\n").filter((frame) => frame !== "");
    written.push(
      told.map((frame) => {
        const [, type, data = ""] = /^event: (\w+)\ndata: (.*)$/.exec(frame) ?? assert.fail(frame);
        const event = JSON.parse(data) as Told;
        assert.equal(event.type, type);
        return event.number;
      }),
    );
  };
  return { written, write };
}

test("the first event is told at once, what follows soon is told together and in its order", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const { feed, tell } = makeFeed();
  const [one, two] = [makeListener(), makeListener()];
  const leave = feed.join(one.write);
  feed.join(two.write);
  for (const number of [1, 2, 3]) tell("presence", "a", number);
  assert.deepEqual(one.written, [[1]]);
  t.mock.timers.tick(GATHER_MS);
  assert.deepEqual(one.written, [[1], [2, 3]]);
  tell("presence", "a", 4);
  assert.deepEqual(one.written.length, 2, "the pause goes on for as long as something happens");
  t.mock.timers.tick(GATHER_MS);
  assert.deepEqual(one.written, [[1], [2, 3], [4]]);
  assert.deepEqual(two.written, one.written);
  t.mock.timers.tick(GATHER_MS);
  tell("presence", "a", 5);
  assert.deepEqual(one.written.at(-1), [5], "after a pause at once again");
  leave();
});

test("of one node's reports the newest is told, after what came before it; nothing else is left out", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const { feed, tell } = makeFeed();
  const { written, write } = makeListener();
  feed.join(write);
  tell("report", "a", 1);
  tell("report", "a", 2);
  tell("report", "b", 3);
  tell("presence", "a", 4);
  tell("presence", "a", 5);
  tell("report", "a", 6);
  t.mock.timers.tick(GATHER_MS);
  assert.deepEqual(written, [[1], [3, 4, 5, 6]]);
});

test("who joins hears nothing of what was before, who leaves has heard all of it", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const { feed, tell, hearers } = makeFeed();
  const [early, late] = [makeListener(), makeListener()];
  const leaveEarly = feed.join(early.write);
  tell("presence", "a", 1);
  tell("presence", "a", 2);
  const leaveLate = feed.join(late.write);
  tell("presence", "a", 3);
  leaveEarly();
  leaveEarly();
  assert.deepEqual(early.written, [[1], [2], [3]]);
  assert.deepEqual(late.written, [[3]]);
  leaveLate();
  assert.equal(hearers.size, 0, "nobody is listened to for nobody");
  t.mock.timers.tick(GATHER_MS);
  const again = makeListener();
  feed.join(again.write);
  tell("presence", "a", 4);
  assert.deepEqual(again.written, [[4]]);
  assert.deepEqual(late.written, [[3]]);
});

test("however much is told, nobody is written to more often than every so many milliseconds", () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  try {
    const { feed, tell } = makeFeed();
    const { written, write } = makeListener();
    feed.join(write);
    for (let number = 0; number < 10_000; number++) {
      tell("presence", `n${number % 500}`, number);
      if (number % 10 === 9) mock.timers.tick(1);
    }
    mock.timers.tick(GATHER_MS);
    assert.equal(written.length, 1 + 1000 / GATHER_MS);
    assert.deepEqual(written.flat(), [...Array(10_000).keys()]);
  } finally {
    mock.timers.reset();
  }
});
