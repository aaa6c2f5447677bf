import assert from "node:assert/strict";
import { test } from "node:test";
import { DeviceLedger } from "./device-ledger.ts";

test("a replaced object moves every route that uses it, and BGP's own move afterwards is none", () => {
  const ledger = new DeviceLedger();
  ledger.nexthop(1, 10);
  ledger.nexthop(2, 20);
  assert.equal(ledger.route("3fff::/48", 1), true);
  ledger.route("3fff:1::/48", 1);
  ledger.route("3fff:2::/48", 2);
  assert.equal(ledger.nexthop(1, 20), 2);
  assert.equal(ledger.nexthop(1, 20), 0);
  assert.equal(ledger.route("3fff::/48", 2), false);
  assert.equal(ledger.nexthop(1, 10), 1);
  assert.equal(ledger.route("3fff:1::/48", 2), true);
});

test("a route or an object that goes and comes back has moved", () => {
  const ledger = new DeviceLedger();
  ledger.nexthop(1, 10);
  ledger.route("3fff::/48", 1);
  ledger.route("3fff::/48", undefined);
  assert.equal(ledger.route("3fff::/48", 1), true);
  assert.equal(ledger.nexthop(1, undefined), 1);
  assert.equal(ledger.nexthop(1, 10), 1);
});
