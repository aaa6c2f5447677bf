import assert from "node:assert/strict";
import { test } from "node:test";
import { Attempts } from "./attempts.ts";

test("so many attempts are let through within a window, and counts begin anew with the next", () => {
  const attempts = new Attempts(3, 1000);
  for (let i = 0; i < 3; i++) assert.ok(attempts.take("a", 0));
  assert.ok(!attempts.take("a", 999));
  assert.equal(attempts.waitS(1), 1);
  assert.ok(attempts.take("a", 1000));
});

test("who succeeds is not counted, and nobody gets more back than was taken", () => {
  const attempts = new Attempts(2, 1000);
  for (let i = 0; i < 10; i++) {
    assert.ok(attempts.take("a", 0));
    attempts.giveBack("a", 0);
  }
  attempts.giveBack("a", 0);
  assert.ok(attempts.take("a", 0));
  assert.ok(attempts.take("a", 0));
  assert.ok(!attempts.take("a", 0));
});

test("a flood of other names makes nobody's count lower", () => {
  const attempts = new Attempts(2, 1000);
  attempts.take("victim", 0);
  attempts.take("victim", 0);
  for (let i = 0; i < 20_000; i++) attempts.take(`name-${i}`, 1);
  assert.ok(!attempts.take("victim", 2));
});
