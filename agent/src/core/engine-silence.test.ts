import assert from "node:assert/strict";
import { test } from "node:test";
import { EngineSilence } from "./engine-silence.ts";

test("an engine that always answered is followed at once", () => {
  const silence = new EngineSilence();
  assert.equal(silence.withhold("2001:db8::/32"), false);
  assert.equal(silence.release([0], 10_000, 30_000), undefined);
});

test("withdrawals after a silence wait until every session has stood for two seconds since the first answer", () => {
  const silence = new EngineSilence();
  silence.begin();
  assert.equal(silence.withhold("a"), true);
  assert.equal(silence.withhold("b"), true);
  // Sessions that still look established: the engine has not looked at its timers yet.
  assert.equal(silence.release([0, 0], 13_000, 30_000), undefined);
  assert.equal(silence.release([0, null], 14_000, 30_000), undefined);
  silence.reach("b");
  assert.equal(silence.release([0, 20_000], 21_900, 30_000), undefined);
  assert.deepEqual(silence.release([0, 20_000], 22_000, 30_000), ["a"]);
  assert.equal(silence.lasts, false);
  assert.equal(silence.withhold("c"), false);
});

test("a session that never comes back holds withdrawals no longer than the patience", () => {
  const silence = new EngineSilence();
  silence.begin();
  silence.withhold("a");
  assert.equal(silence.release([null], 1_000, 30_000), undefined);
  assert.equal(silence.release([null], 30_999, 30_000), undefined);
  assert.deepEqual(silence.release([null], 31_000, 30_000), ["a"]);
});

test("a second silence begins anew and keeps what was withheld", () => {
  const silence = new EngineSilence();
  silence.begin();
  silence.withhold("a");
  silence.release([0], 1_000, 30_000);
  silence.begin();
  assert.equal(silence.release([0], 50_000, 30_000), undefined);
  assert.deepEqual(silence.release([0], 52_000, 30_000), ["a"]);
});
