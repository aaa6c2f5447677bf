import assert from "node:assert/strict";
import { test } from "node:test";
import type { Alive } from "@vsix/shared/contract/up.ts";
import { isOnline, renew } from "./presence.ts";

const alive = (change: Partial<Alive> = {}): Alive => ({
  version: 1,
  node: "a",
  state: "online",
  beat: 5,
  agentVersion: "1",
  instance: "i",
  ...change,
});
const live = (atMs: number) => ({ atMs, replayed: false });

test("a retained message proves nothing; a beat that grows does", () => {
  const kept = renew(undefined, alive(), { atMs: 0, replayed: true });
  assert.equal(isOnline(kept, 0, 100), false);
  assert.equal(isOnline(renew(kept, alive(), live(1)), 1, 100), false, "the same beat");
  assert.equal(isOnline(renew(kept, alive({ beat: 6 }), live(1)), 1, 100), true);
});

test("a lease runs out, and neither an old beat nor a last will renews or ends it", () => {
  const first = renew(undefined, alive(), live(0));
  assert.equal(isOnline(first, 99, 100), true);
  assert.equal(isOnline(first, 100, 100), false);
  assert.equal(renew(first, alive({ beat: 4 }), live(50)).renewedAtMs, 0);
  assert.equal(isOnline(renew(first, alive({ state: "offline", beat: 6 }), live(50)), 60, 100), true);
});

test("a restarted agent begins its beats anew", () => {
  const first = renew(undefined, alive(), live(0));
  assert.equal(renew(first, alive({ instance: "j", beat: 0 }), live(50)).renewedAtMs, 50);
});
