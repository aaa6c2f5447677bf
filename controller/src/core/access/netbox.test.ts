import assert from "node:assert/strict";
import { test } from "node:test";
import { formatPrefix, type Prefix, parsePrefix } from "@vsix/shared/net/prefix.ts";
import fc from "fast-check";
import {
  type NetboxPrefix,
  type NetboxWish,
  type OwnPool,
  readNetbox,
  readPrefix,
  showWish,
  wishOfPool,
  wishOfPrefix,
} from "./netbox-forms.ts";
import { isInLine, planSync } from "./netbox-plan.ts";

const POOL: OwnPool = {
  name: "home",
  prefix: "2001:db8:100::/40",
  purpose: "tunnel",
  site: "kote",
  note: "",
};
const ROW = {
  prefix: "2001:db8:100::/60",
  pool: "home",
  state: "active",
  account: "alice",
  project: "lab",
  application: 7,
  note: "router",
} as const;
const ALL = { sites: new Set(["kote"]), tenants: new Set(["lab"]), roles: new Set(["tunnel"]) };
const POOLS = [{ name: "home", prefix: parsed("2001:db8:100::/40") }];

function parsed(text: string): Prefix {
  const prefix = parsePrefix(text);
  assert.ok(prefix !== undefined);
  return prefix;
}

function there(prefix: string, change: Partial<NetboxPrefix> = {}): NetboxPrefix {
  const none = { description: "", site: null, tenant: null, role: null, ours: false };
  return { id: 1, prefix: parsed(prefix), status: "active", ...none, ...change };
}

function own(wish: NetboxWish, adopted = false) {
  return { wish, adopted };
}

test("a prefix is read in the forms of NetBox before and after scopes, and what is of no use is skipped with a reason", () => {
  const nested = { id: 3, slug: "kote" };
  const both = [
    {
      id: 1,
      prefix: "2001:DB8::/48",
      status: { value: "active", label: "Active" },
      site: nested,
      tags: [{ slug: "vsix" }],
    },
    {
      id: 1,
      prefix: "2001:db8::/48",
      status: "active",
      scope_type: "dcim.site",
      scope: nested,
      tags: [{ slug: "vsix" }],
    },
  ];
  const read = readNetbox({ count: 2, next: null, previous: null, results: both });
  assert.deepEqual(read.prefixes[0], read.prefixes[1]);
  assert.deepEqual([read.prefixes[0]?.site, read.prefixes[0]?.ours], ["kote", true]);
  const bad = [
    { prefix: "192.0.2.0/24" },
    { prefix: "2001:db8::1/48" },
    { prefix: "2001:db8::/48", vrf: { id: 1 } },
    7,
    null,
  ];
  assert.deepEqual(
    readNetbox([...bad, { prefix: "2001:db8::/48", status: "odd" }]).skipped.map(({ reason }) => reason),
    [
      "is of IPv4",
      "is no IPv6 prefix",
      "is in a VRF",
      "has no field `prefix`",
      "has no field `prefix`",
      'has the status "odd", which is none of NetBox\'s own',
    ],
  );
});

test("nothing that somebody sends makes the reader throw", () => {
  fc.assert(fc.property(fc.jsonValue(), (value) => void readNetbox(value)));
  const half = fc.record(
    {
      prefix: fc.constantFrom("::/0", "2001:db8::/32"),
      status: fc.jsonValue(),
      tags: fc.jsonValue(),
      scope: fc.jsonValue(),
    },
    { requiredKeys: [] },
  );
  fc.assert(fc.property(half, (value) => void readPrefix(value)));
});

test("what is shown of us is read back as what it was, and states have NetBox's words", () => {
  const wish = wishOfPrefix(ROW, POOL);
  const read = readPrefix(showWish(wish));
  assert.ok(typeof read !== "string");
  assert.deepEqual({ ...read, prefix: formatPrefix(read.prefix) }, { ...wish, id: undefined, ours: true });
  assert.equal(wish.description, "alice router (application 7)");
  assert.equal(wishOfPrefix({ ...ROW, state: "quarantine" }, POOL).status, "deprecated");
  assert.equal(wishOfPool(POOL).status, "container");
  assert.equal(wishOfPrefix({ ...ROW, note: "x".repeat(999) }, POOL).description.length, 200);
});

test("what is missing is made, what differs is changed, what is free here is removed, and then there is nothing to do", () => {
  const wishes = [own(wishOfPool(POOL)), own(wishOfPrefix(ROW, POOL))];
  const plan = planSync(POOLS, wishes, [there("2001:db8:100:99::/64", { id: 9, ours: true })], ALL);
  assert.deepEqual(
    plan.create.map(({ prefix }) => prefix),
    ["2001:db8:100::/40", "2001:db8:100::/60"],
  );
  assert.deepEqual(plan.remove, [{ id: 9, prefix: "2001:db8:100:99::/64" }]);
  const made = wishes.map(({ wish }, id) =>
    there(wish.prefix, { ...wish, prefix: parsed(wish.prefix), id, ours: true }),
  );
  assert.ok(isInLine(planSync(POOLS, wishes, made, ALL)));
  const [, second] = made;
  const changed = planSync(
    POOLS,
    wishes,
    [made[0] ?? there("::/0"), { ...(second ?? there("::/0")), status: "reserved", description: "?" }],
    ALL,
  );
  assert.deepEqual(
    changed.update.map(({ fields }) => fields),
    [["status", "description"]],
  );
  // A site that NetBox does not know is neither written nor missed.
  const unknown = { ...ALL, sites: new Set<string>() };
  assert.equal(planSync(POOLS, wishes, [], unknown).create[0]?.site, null);
  assert.ok(isInLine(planSync(POOLS, wishes, made, unknown)));
});

test("what people enter in our pools is reserved here while it is there, and nothing of theirs is changed", () => {
  const entered = there("2001:db8:100:10::/60", { id: 5, description: "a lab" });
  const plan = planSync(
    POOLS,
    [own(wishOfPool(POOL))],
    [entered, there("2001:db8:1::/48"), there("2001:db8:100:20::/60", { status: "container" })],
    ALL,
  );
  assert.deepEqual(plan.adopt, [{ prefix: "2001:db8:100:10::/60", pool: "home", description: "a lab" }]);
  assert.deepEqual([plan.update, plan.remove, plan.conflicts], [[], [], []]);
  const adopted = own(
    { ...wishOfPrefix({ ...ROW, state: "reserved" }, POOL), prefix: "2001:db8:100:10::/60" },
    true,
  );
  assert.ok(isInLine(planSync(POOLS, [adopted], [entered], ALL)));
  assert.deepEqual(planSync(POOLS, [adopted], [], ALL).release, ["2001:db8:100:10::/60"]);
});

test("addresses that both sides gave out are a conflict, wherever one lies in the other", () => {
  const ours = own(wishOfPrefix({ ...ROW, prefix: "2001:db8:100:10::/60" }, POOL));
  for (const prefix of ["2001:db8:100:1f::/64", "2001:db8:100::/56", "2001:db8:100:10::/61"]) {
    const { conflicts, adopt } = planSync(POOLS, [ours], [there(prefix)], ALL);
    assert.deepEqual([conflicts.length, adopt], [1, []], prefix);
    assert.match(conflicts[0]?.reason ?? "", /2001:db8:100:10::\/60 was given out here/);
  }
  const same = planSync(POOLS, [ours], [there("2001:db8:100:10::/60", { status: "reserved" })], ALL);
  assert.match(same.conflicts[0]?.reason ?? "", /is active here and reserved in NetBox/);
  for (const free of ["2001:db8:100:20::/60", "2001:db8:100::/60"])
    assert.equal(planSync(POOLS, [ours], [there(free)], ALL).adopt.length, 1, free);
});
