import assert from "node:assert/strict";
import { test } from "node:test";
import { afterEnd, afterLook, goodLooksWanted, type Health, newHealth } from "./health.ts";

const GOOD = { ok: true, reason: "" };
const BAD = { ok: false, reason: "ETIMEOUT" };

function looks(health: Health, ...oks: readonly boolean[]): Health {
  return oks.reduce((before, ok, i) => afterLook(before, ok ? GOOD : BAD, i * 500), health);
}

test("one bad look is no reason to go, two in a row are", () => {
  const working = newHealth(true, 0);
  assert.ok(looks(working, false, true, false, true, false).working);
  const fallen = looks(working, true, false, false);
  assert.ok(!fallen.working);
  assert.equal(fallen.reason, "ETIMEOUT");
});

test("a service that begins has to answer three times in a row", () => {
  const fresh = newHealth(false, 0);
  assert.ok(!looks(fresh, true, true, false, true, true).working);
  assert.ok(looks(fresh, true, true, true).working);
});

test("its program's end needs no question", () => {
  const ended = afterEnd(newHealth(true, 0), "unbound has ended (SIGKILL)", 10);
  assert.ok(!ended.working);
  assert.match(ended.reason, /SIGKILL/);
});

test("who falls again and again comes back ever more slowly, to a bound, and is forgiven after ten quiet minutes", () => {
  let health = newHealth(true, 0);
  const wanted: number[] = [];
  for (let fall = 0; fall < 8; fall++) {
    health = afterEnd(health, "gone", fall * 1000);
    wanted.push(goodLooksWanted(health));
    for (let left = goodLooksWanted(health); left > 0; left--) {
      assert.ok(!health.working, "not before its time");
      health = afterLook(health, GOOD, fall * 1000);
    }
    assert.ok(health.working);
  }
  assert.deepEqual(wanted, [3, 6, 12, 24, 48, 96, 96, 96]);
  assert.equal(goodLooksWanted(afterEnd(health, "gone", 7000 + 600_001)), 3);
});
