import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { pino } from "pino";
import type { BgpEngine } from "../resources/bgp/engine.ts";
import { PeerSwitches } from "./peer-switches.ts";

/** A fake engine whose calls end when the test says so. */
function fakeEngine() {
  const calls: { readonly enabled: boolean; end(error?: Error): void }[] = [];
  const refuse = () => Promise.reject(new Error("not asked for"));
  const engine: BgpEngine = {
    reconcile: refuse,
    plan: refuse,
    sessions: refuse,
    watch: refuse,
    told: refuse,
    routesTowards: refuse,
    choices: refuse,
    setPeerEnabled: (_address, enabled) =>
      new Promise((resolve, reject) => {
        calls.push({ enabled, end: (error) => (error === undefined ? resolve() : reject(error)) });
      }),
  };
  return { engine, calls, asked: () => calls.map(({ enabled }) => enabled) };
}

const ADDRESS = "2001:db8::1";

test("a flapping link's calls do not overtake each other, and the last word counts", async () => {
  const { engine, calls, asked } = fakeEngine();
  const switches = new PeerSwitches(engine, pino({ enabled: false }));
  switches.set(ADDRESS, false, "down");
  switches.set(ADDRESS, true, "up");
  switches.set(ADDRESS, false, "down");
  switches.set(ADDRESS, true, "up");
  assert.deepEqual(asked(), [false]);
  calls[0]?.end();
  await setImmediate();
  assert.deepEqual(asked(), [false, true]);
  calls[1]?.end();
  await setImmediate();
  assert.equal(calls.length, 2);
});

test("what failed, or what somebody else switched, is told again at the next look", async () => {
  const { engine, calls, asked } = fakeEngine();
  const switches = new PeerSwitches(engine, pino({ enabled: false }));
  switches.set(ADDRESS, false, "down");
  calls[0]?.end(new Error("no such neighbour yet"));
  await setImmediate();
  switches.check([{ address: ADDRESS, admin: "up" }]);
  assert.deepEqual(asked(), [false, false]);
  calls[1]?.end();
  await setImmediate();
  switches.check([{ address: ADDRESS, admin: "down" }]);
  switches.check([{ address: "2001:db8::2", admin: "down" }]);
  assert.deepEqual(asked(), [false, false, true]);
});
