import assert from "node:assert/strict";
import { test } from "node:test";
import { ReceiveClock } from "./receive-clock.ts";

/** Wall clock minus monotonic clock, microseconds. */
const OFFSET = 1_767_225_600_000_000;

function stamp(atUs: number, offset = OFFSET): bigint {
  return BigInt(atUs + offset) * 1000n;
}

test("a packet read late came when its stamp says, once one was read at once", () => {
  const clock = new ReceiveClock();
  assert.equal(clock.arrival(stamp(1000), 1020, OFFSET + 1020), 1020);
  assert.equal(clock.arrival(stamp(2000), 80_000, OFFSET + 80_000), 2020);
  assert.equal(clock.arrival(stamp(90_000), 90_010, OFFSET + 90_010), 90_010);
  assert.equal(clock.arrival(stamp(100_000), 150_000, OFFSET + 150_000), 100_010);
});

test("a clock that was set, forwards or back, is followed with the next packet", () => {
  for (const moved of [-3_600_000_000, 3_600_000_000]) {
    const clock = new ReceiveClock();
    clock.arrival(stamp(1000), 1010, OFFSET + 1010);
    assert.equal(clock.arrival(stamp(2000, OFFSET + moved), 2010, OFFSET + moved + 2010), 2010);
    assert.equal(clock.arrival(stamp(3000, OFFSET + moved), 3500, OFFSET + moved + 3500), 3010);
  }
});

test("a clock that is slowed down is followed within two periods", () => {
  const clock = new ReceiveClock();
  let worst = 0;
  for (let second = 0; second < 60; second++) {
    const atUs = second * 1_000_000;
    const offset = OFFSET - second * 500; // 500 parts in a million, the most that adjtimex(2) slews
    worst = Math.max(worst, atUs + 10 - clock.arrival(stamp(atUs, offset), atUs + 10, offset + atUs + 10));
  }
  assert.ok(worst <= 12 * 500, `${worst} us`);
});
