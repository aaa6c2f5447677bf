import assert from "node:assert/strict";
import { test } from "node:test";
import { isClockTrusted, RELEASED_MS, renewAtMs, retryAfterMs } from "./identity-times.ts";
import { judgeServer } from "./server-check.ts";

const DAY_MS = 86_400_000;
const good = {
  issuedByCa: true,
  isCa: false,
  usages: ["1.3.6.1.5.5.7.3.1"],
  nameFits: true,
  notBeforeMs: RELEASED_MS,
  notAfterMs: RELEASED_MS + DAY_MS,
};

test("a clock before anything that has happened is not trusted", () => {
  assert.equal(isClockTrusted(0, []), false);
  assert.equal(isClockTrusted(RELEASED_MS, []), true);
  assert.equal(isClockTrusted(RELEASED_MS, [RELEASED_MS + 1]), false);
});

test("a server is judged by chain, kind, usage, name and dates", () => {
  const now = { nowMs: RELEASED_MS + 1, trusted: true };
  assert.equal(judgeServer(good, now), undefined);
  assert.equal(judgeServer({ ...good, issuedByCa: false }, now), "server-foreign");
  assert.equal(judgeServer({ ...good, isCa: true }, now), "server-is-ca");
  assert.equal(judgeServer({ ...good, usages: ["1.3.6.1.5.5.7.3.2"] }, now), "server-usage");
  assert.equal(judgeServer({ ...good, nameFits: false }, now), "server-name");
  assert.equal(judgeServer(good, { ...now, nowMs: RELEASED_MS - 1 }), "server-not-yet-valid");
  assert.equal(judgeServer(good, { ...now, nowMs: RELEASED_MS + 2 * DAY_MS }), "server-expired");
});

test("a clock that is not trusted waives the dates and nothing else", () => {
  const woken = { nowMs: 0, trusted: false };
  assert.equal(judgeServer(good, woken), undefined);
  assert.equal(judgeServer({ ...good, issuedByCa: false }, woken), "server-foreign");
  assert.equal(judgeServer({ ...good, isCa: true }, woken), "server-is-ca");
  assert.equal(judgeServer({ ...good, usages: [] }, woken), "server-usage");
  assert.equal(judgeServer({ ...good, nameFits: false }, woken), "server-name");
});

test("renewal begins at two thirds of the life and is over well before its end", () => {
  const life = { notBeforeMs: 0, notAfterMs: 90 * DAY_MS };
  assert.equal(renewAtMs(life, 0), 60 * DAY_MS);
  assert.equal(renewAtMs(life, 1), 69 * DAY_MS);
});

test("failures wait longer, up to hours, and differently on every node", () => {
  assert.equal(retryAfterMs(1, 0), 30_000);
  assert.equal(retryAfterMs(1, 1), 60_000);
  assert.equal(retryAfterMs(2, 1), 120_000);
  assert.equal(retryAfterMs(1000, 1), 6 * 3_600_000);
});
