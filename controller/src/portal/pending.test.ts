import assert from "node:assert/strict";
import { test } from "node:test";
import { Pending } from "./pending.ts";

test("what a browser began is there for its cookie, once", () => {
  const pending = new Pending<string>({ patienceMs: 100, most: 10 });
  const [mine, other] = [pending.put("mine", 0), pending.put("other", 1)];
  assert.notEqual(mine, other);
  assert.equal(pending.take("A".repeat(43), 2), undefined);
  assert.equal(pending.take(undefined, 2), undefined);
  assert.equal(pending.take(mine, 2), "mine");
  assert.equal(pending.take(mine, 2), undefined);
  assert.equal(pending.take(other, 2), "other");
});

test("nothing waits longer than its time", () => {
  const pending = new Pending<string>({ patienceMs: 100, most: 10 });
  const [one, two] = [pending.put("one", 0), pending.put("two", 0)];
  assert.equal(pending.take(one, 99), "one");
  assert.equal(pending.take(two, 100), undefined);
});

test("of more than there may be the oldest are forgotten, however many come", () => {
  const pending = new Pending<number>({ patienceMs: 100, most: 3 });
  const secrets = [0, 1, 2, 3, 4].map((value) => pending.put(value, value));
  assert.deepEqual(
    secrets.map((secret) => pending.take(secret, 5)),
    [undefined, undefined, 2, 3, 4],
  );
});
