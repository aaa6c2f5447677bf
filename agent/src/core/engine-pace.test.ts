import assert from "node:assert/strict";
import { test } from "node:test";
import { EnginePace } from "./engine-pace.ts";

const UP = { state: "established", admin: "up" };
const DOWN = { state: "active", admin: "up" };

/** An engine that listens, with these sessions since time 0. */
function since0(...sessions: readonly (typeof UP)[]): EnginePace {
  const pace = new EnginePace();
  pace.listening = true;
  pace.looked(0);
  pace.seen(sessions, 0);
  return pace;
}

/** Looks made in so many seconds of asking every second, when each sees the same. */
function looks(pace: EnginePace, fromS: number, toS: number, ...sessions: readonly (typeof UP)[]): number {
  let count = 0;
  for (let s = fromS; s < toS; s++) {
    if (pace.mayRest(s * 1000)) continue;
    count++;
    pace.looked(s * 1000);
    pace.seen(sessions, s * 1000);
  }
  return count;
}

test("an engine is asked every second until nothing has changed for a while, then every five", () => {
  const pace = since0(UP, UP);
  assert.equal(looks(pace, 0, 10, UP, UP), 10);
  assert.equal(looks(pace, 10, 60, UP, UP), 10);
});

test("what stirs, a session that changes and a count that changes have it asked every second again", () => {
  const pace = since0(UP);
  looks(pace, 0, 60, UP);
  pace.stir(60_000);
  assert.equal(looks(pace, 60, 70, UP), 10);
  looks(pace, 70, 100, UP);
  pace.seen([DOWN], 100_000);
  assert.equal(looks(pace, 100, 110, DOWN), 10);
});

test("while a session is not up it is asked every second for longer than any graceful restart; one shut down is none", () => {
  assert.equal(looks(since0(UP, DOWN), 0, 180, UP, DOWN), 180);
  assert.equal(
    looks(since0(UP, { state: "idle", admin: "down" }), 10, 60, UP, { state: "idle", admin: "down" }),
    10,
  );
});

test("an engine that tells nothing by itself is asked every second", () => {
  const pace = since0(UP);
  looks(pace, 0, 60, UP);
  pace.listening = false;
  assert.equal(looks(pace, 60, 90, UP), 30);
});

test("nothing is at rest before the first answer", () => {
  const pace = new EnginePace();
  pace.listening = true;
  assert.equal(pace.mayRest(1_000_000), false);
});
