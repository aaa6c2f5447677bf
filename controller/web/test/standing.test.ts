import assert from "node:assert/strict";
import { test } from "node:test";
import { standingOf, type Told } from "../src/model/standing.ts";

const ACTIVE: Told = {
  state: "active",
  reason: "",
  suspendedBy: null,
  held: null,
  lacks: null,
  waiting: null,
  routers: [],
};
const at = (state: string, router = "pe-1", since = "2026-01-01T00:00:00.000Z", reason = "") => ({
  ...{ router, state, since, reason },
});

test("a connection is applied only when every router has said so, since the last of them did", () => {
  const first = at("served", "pe-1", "2026-01-01T00:00:00.000Z");
  assert.deepEqual(standingOf({ ...ACTIVE, routers: [first, at("pending", "pe-2")] }), {
    ...{ kind: "applying", applied: 1, routers: 2 },
  });
  const last = at("served", "pe-2", "2026-01-01T00:05:00.000Z");
  assert.deepEqual(standingOf({ ...ACTIVE, routers: [last, first] }), {
    ...{ kind: "applied", routers: 2, since: "2026-01-01T00:05:00.000Z" },
  });
});

test("one router that fails is told, with its reason, though others serve", () => {
  const failed = at("failed", "pe-2", undefined, "no such device");
  assert.deepEqual(standingOf({ ...ACTIVE, routers: [at("served"), failed] }), {
    ...{ kind: "failed", router: "pe-2", reason: "no such device" },
  });
});

test("what people decided or still have to say comes before routers; what is given back is over when routers have ended it", () => {
  const routers = [at("served")];
  assert.equal(standingOf({ ...ACTIVE, state: "applied" }).kind, "asked");
  assert.equal(standingOf({ ...ACTIVE, state: "approved", lacks: "endpoint" }).kind, "lacks");
  assert.deepEqual(standingOf({ ...ACTIVE, state: "suspended", reason: "unpaid", routers }), {
    ...{ kind: "held", reason: "unpaid" },
  });
  assert.equal(standingOf({ ...ACTIVE, state: "suspended", suspendedBy: "user" }).kind, "paused");
  assert.deepEqual(standingOf({ ...ACTIVE, held: "its project is suspended", routers }), {
    ...{ kind: "held", reason: "its project is suspended" },
  });
  assert.equal(standingOf({ ...ACTIVE, state: "revoked", routers: [at("ending")] }).kind, "ending");
  assert.equal(standingOf({ ...ACTIVE, state: "revoked" }).kind, "over");
  assert.deepEqual(standingOf({ ...ACTIVE, waiting: "no point has room" }), {
    ...{ kind: "waiting", reason: "no point has room" },
  });
});
