import assert from "node:assert/strict";
import { test } from "node:test";
import { judge, UNWATCHED } from "./probation.ts";
import { alwaysReached, lostOf, type ReachFacts, reachOf } from "./reach.ts";

const SESSION = { neighbour: "blue-sfc", state: "established", received: 4, accepted: 3, bfd: "up" } as const;
const DOWN = { neighbour: "green-sfc", state: "idle", received: 0, accepted: 0 } as const;
const SERVICE = {
  name: "resolver",
  working: true,
  since: "",
  reason: "",
  running: true,
  starts: 1,
  looks: 1,
  failed: 0,
} as const;
const FACTS: ReachFacts = {
  agent: { controller: true, report: { converged: true, sessions: [SESSION, DOWN], services: [SERVICE] } },
  defaultRoutes: ["IPv6"],
  tunnels: [
    { name: "home0", remote: "2001:db8::1", answers: true },
    { name: "home1", remote: "2001:db8::2", answers: false },
    { name: "wg0", answers: false },
  ],
  pref64s: ["64:ff9b::/96"],
};

test("what is reached is told in words: what is down or silent is not among it", () => {
  assert.deepEqual(reachOf(FACTS), [
    "BFD with blue-sfc",
    "BGP session with blue-sfc",
    "DNS64 64:ff9b::/96",
    "IPv6 default route",
    "agent",
    "controller",
    "everything as the controller wants it",
    "far end 2001:db8::1 of tunnel home0",
    "routes of blue-sfc",
    "service resolver",
    "tunnel home0",
    "tunnel home1",
    "tunnel wg0",
  ]);
  assert.deepEqual(reachOf({ agent: undefined, defaultRoutes: [], tunnels: [], pref64s: [] }), []);
});

test("each thing that goes away is what is lost; what is new is not missed", () => {
  const before = reachOf(FACTS);
  const noRoutes = { ...FACTS.agent?.report, sessions: [{ ...SESSION, accepted: 0 }] };
  const now = reachOf({
    ...FACTS,
    ...{ pref64s: [], defaultRoutes: ["IPv4", "IPv6"], tunnels: [] },
    agent: { controller: false, report: { converged: true, ...noRoutes } },
  });
  assert.deepEqual(lostOf(before, now), [
    "DNS64 64:ff9b::/96",
    "controller",
    "far end 2001:db8::1 of tunnel home0",
    "routes of blue-sfc",
    "tunnel home0",
    "tunnel home1",
    "tunnel wg0",
  ]);
});

test("what comes and goes before an update is not asked of the new version", () => {
  assert.deepEqual(
    alwaysReached([
      ["a", "b", "c"],
      ["a", "c"],
      ["c", "a", "d"],
    ]),
    ["a", "c"],
  );
  assert.deepEqual(alwaysReached([]), []);
});

const TERMS = { before: ["a", "b"], withinMs: 60_000, holdMs: 10_000 };

/** The verdict of looks at seconds, each with who runs and what is reached. */
function verdictOf(looks: readonly (readonly [atS: number, life: string, reached: string])[]) {
  let watched = UNWATCHED;
  for (const [atS, life, reached] of looks) {
    const judged = judge(TERMS, watched, { life, reached: [...reached] }, atS * 1000);
    if (judged.verdict !== undefined) return { atS, ...judged.verdict };
    watched = judged.watched;
  }
  return undefined;
}

test("kept is what reaches everything for long enough, in one life", () => {
  assert.deepEqual(
    verdictOf([
      [0, "1", "ab"],
      [9, "1", "abc"],
      [10, "1", "ba"],
    ]),
    { atS: 10, ok: true },
  );
  assert.equal(
    verdictOf([
      [0, "1", "ab"],
      [9, "2", "ab"],
      [18, "2", "ab"],
    ]),
    undefined,
    "a new life begins anew",
  );
  assert.equal(
    verdictOf([
      [0, "1", "ab"],
      [5, "1", "a"],
      [6, "1", "ab"],
      [15, "1", "ab"],
    ]),
    undefined,
    "so does a gap",
  );
});

test("when time is over it goes back, and says what was missing, or that it did not last", () => {
  const missing = verdictOf([
    [0, "1", "a"],
    [30, "2", "a"],
    [60, "3", "a"],
  ]);
  assert.deepEqual(missing, {
    ...{ atS: 60, ok: false },
    reason: "of 2 that were reached before, 1 were not after 60 s: b; it started 2 times more",
  });
  const unsteady = verdictOf([
    [0, "1", "ab"],
    [30, "2", "ab"],
    [35, "2", "a"],
    [59, "2", "ab"],
    [60, "2", "ab"],
  ]);
  assert.match(
    JSON.stringify(unsteady),
    /reached everything, but not for 10 s within 60 s; it started 1 time more/,
  );
});
