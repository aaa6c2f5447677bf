import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  type BackboneFacts,
  beginRedirect,
  endOfRedirect,
  insideOf,
  LONGEST_MS,
  QUIET_MS,
  type Redirect,
  type RedirectState,
} from "./redirect.ts";

const well = (plane: string, change: Partial<BackboneFacts> = {}): BackboneFacts => ({
  name: `${plane}-sfc`,
  address: `2001:db8::${plane}`,
  plane,
  usable: true,
  established: true,
  accepted: 10_008,
  tellsDefault: true,
  ...change,
});
const BOTH = [well("blue"), well("green")];
const GREEN: Redirect = { plane: "green", to: "2001:db8::green", sinceMs: 1000 };

function stateOf(change: Partial<RedirectState> = {}): RedirectState {
  return {
    wanted: "green",
    neighbours: BOTH,
    quietMs: 0,
    count: () => ({ all: 10_000, remaining: 10_000 }),
    ...change,
  };
}

test("routes are led to the wanted plane's neighbour that tells most", () => {
  const small = well("green", { name: "green-two", address: "2001:db8::2", accepted: 10_000 });
  const beginning = beginRedirect("green", [small, ...BOTH], 1000);
  assert.deepEqual(beginning, { ok: true, redirect: GREEN });
});

test("what cannot be shown to carry is not used, and the reason is said", () => {
  const reasons = (
    [
      { usable: false },
      { established: false },
      { tellsDefault: false },
      { accepted: 8_000 },
    ] satisfies Partial<BackboneFacts>[]
  ).map((change) => {
    const beginning = beginRedirect("green", [well("blue"), well("green", change)], 0);
    return beginning.ok ? "" : beginning.reason;
  });
  assert.deepEqual(reasons, [
    "the link to green-sfc is not usable",
    "the session to green-sfc is not established",
    "green-sfc is not known to tell ::/0",
    "green-sfc tells 8000 prefixes, the other plane 10008",
  ]);
  assert.equal(beginRedirect("red", BOTH, 0).ok, false);
  assert.equal(beginRedirect("green", [well("green")], 0).ok, false);
});

test("small tables differ by what each plane's own routers tell", () => {
  assert.equal(
    beginRedirect("green", [well("blue", { accepted: 30 }), well("green", { accepted: 8 })], 0).ok,
    true,
  );
});

test("a redirect lasts until BGP has followed and has been quiet for a while", () => {
  const followed = () => ({ all: 10_000, remaining: 100 });
  const none = () => assert.fail("counted before it was quiet");
  assert.equal(endOfRedirect(GREEN, stateOf({ count: none }), 5000), undefined);
  assert.equal(endOfRedirect(GREEN, stateOf({ quietMs: QUIET_MS, count: none }), 1500), undefined);
  assert.equal(endOfRedirect(GREEN, stateOf({ quietMs: QUIET_MS }), 5000), undefined);
  assert.match(
    endOfRedirect(GREEN, stateOf({ quietMs: QUIET_MS, count: followed }), 5000) ?? "",
    /100 routes/,
  );
});

test("a redirect ends at once when its neighbour cannot carry or another plane is wanted", () => {
  for (const change of [
    { usable: false },
    { established: false },
    { tellsDefault: false },
    { plane: "red" },
  ]) {
    const state = stateOf({ neighbours: [well("blue"), well("green", change)] });
    assert.notEqual(endOfRedirect(GREEN, state, 1000), undefined);
  }
  assert.notEqual(endOfRedirect(GREEN, stateOf({ wanted: "blue" }), 1000), undefined);
  assert.notEqual(endOfRedirect(GREEN, stateOf({ wanted: undefined }), 1000), undefined);
  assert.notEqual(endOfRedirect(GREEN, stateOf({ neighbours: [well("blue")] }), 1000), undefined);
});

const neighbour: fc.Arbitrary<BackboneFacts> = fc
  .record({
    plane: fc.constantFrom("blue", "green"),
    address: fc.constantFrom("2001:db8::1", "2001:db8::2", "2001:db8::3"),
    usable: fc.boolean(),
    established: fc.boolean(),
    accepted: fc.nat(20_000),
    tellsDefault: fc.boolean(),
  })
  .map((one) => ({ ...one, name: one.address }));
const neighbours = fc.uniqueArray(neighbour, { selector: ({ address }) => address });

test("whatever is seen, a redirect leads to a neighbour of the wanted plane that can carry, or nowhere", () => {
  fc.assert(
    fc.property(neighbours, fc.constantFrom("blue", "green"), (seen, wanted) => {
      const beginning = beginRedirect(wanted, seen, 7);
      if (!beginning.ok) return;
      const target = seen.find(({ address }) => address === beginning.redirect.to);
      assert.ok(target?.usable && target.established && target.tellsDefault && target.plane === wanted);
      assert.equal(endOfRedirect(beginning.redirect, stateOf({ wanted, neighbours: seen }), 7), undefined);
    }),
  );
});

test("whatever is seen, no redirect outlives its longest time, nor a target that cannot carry", () => {
  const state = fc.record({
    wanted: fc.constantFrom("blue", "green", undefined),
    neighbours,
    quietMs: fc.nat(60_000),
    count: fc.record({ all: fc.nat(20_000), remaining: fc.nat(20_000) }).map((counts) => () => counts),
  });
  const redirect: Redirect = { plane: "green", to: "2001:db8::2", sinceMs: 0 };
  fc.assert(
    fc.property(state, fc.nat(2 * LONGEST_MS), (one, nowMs) => {
      if (endOfRedirect(redirect, one, nowMs) !== undefined) return;
      const target = one.neighbours.find(({ address }) => address === redirect.to);
      assert.ok(nowMs < LONGEST_MS && target?.usable && target.established && target.tellsDefault);
    }),
  );
});

test("inside is what lies in our own prefixes; the default route never is", () => {
  const isInside = insideOf(["2001:db8::/32", "2001:db8:ff01::/48"]);
  assert.deepEqual(
    ["2001:db8::/32", "2001:db8:ff00::3/128", "2001::/16", "3fff::/20", "::/0", "nonsense"].map(isInside),
    [true, true, false, false, false, false],
  );
});
