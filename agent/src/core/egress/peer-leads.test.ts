import assert from "node:assert/strict";
import { test } from "node:test";
import { PeerLeads } from "./peer-leads.ts";

const up = (...names: readonly string[]) => names.map((neighbour) => ({ neighbour, established: true }));

test("a peer is led to while its session is up, and after a return only once it has been up for the hold", () => {
  const leads = new PeerLeads(false);
  leads.configure(["wide", "alpha"], 10_000, 0);
  assert.match(leads.reason("wide", 0) ?? "", /not been seen/);
  assert.equal(leads.seen(up("wide", "alpha"), 100), true);
  assert.equal(leads.reason("wide", 100), undefined);
  assert.equal(leads.nextMs(100), undefined);
  assert.equal(leads.seen(up("alpha"), 200), true);
  assert.match(leads.reason("wide", 200) ?? "", /is down/);
  assert.equal(leads.reason("alpha", 200), undefined);
  assert.equal(leads.seen(up("wide", "alpha"), 1000), true);
  assert.match(leads.reason("wide", 1000) ?? "", /back and held for 10 s/);
  assert.equal(leads.nextMs(4000), 7000);
  assert.equal(leads.reason("wide", 11_000), undefined);
  assert.equal(leads.nextMs(11_000), undefined);
});

test("a peer that flaps faster than the hold is never led to", () => {
  const leads = new PeerLeads(false);
  leads.configure(["wide"], 10_000, 0);
  leads.seen(up("wide"), 0);
  leads.seen([], 1000);
  for (let now = 2000; now < 100_000; now += 10_000) {
    leads.seen(up("wide"), now);
    assert.notEqual(leads.reason("wide", now + 8999), undefined);
    leads.seen([], now + 9000);
  }
});

test("after a restart of the agent a peer is led to as before until the engine says otherwise", () => {
  const leads = new PeerLeads(true);
  leads.configure(["wide"], 10_000, 0);
  assert.equal(leads.reason("wide", 0), undefined);
  leads.seen([], 10);
  assert.match(leads.reason("wide", 10) ?? "", /is down/);
});

test("who is no peer, or no longer, is nobody's business", () => {
  const leads = new PeerLeads(false);
  leads.configure(["wide"], 10_000, 0);
  leads.configure(["alpha"], 10_000, 0);
  assert.equal(leads.reason("wide", 0), undefined);
  assert.equal(leads.reason("blue-sfc", 0), undefined);
});
