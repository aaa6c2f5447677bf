import assert from "node:assert/strict";
import { test } from "node:test";
import { foreign } from "./same-origin.ts";

const OURS = "https://portal.example";

test("what writes has to come from our own page by every word that the browser says", () => {
  const may = (origin: string | undefined, site: string | undefined): boolean =>
    foreign({ method: "POST", origin, site }, OURS) === undefined;
  for (const [origin, site, wanted] of [
    [OURS, "same-origin", true],
    [OURS, undefined, true],
    [undefined, "same-origin", true],
    [undefined, undefined, false],
    [undefined, "none", false],
    [undefined, "same-site", false],
    [OURS, "cross-site", false],
    [OURS, "", false],
    ["null", "same-origin", false],
    ["null", undefined, false],
    ["", undefined, false],
    ["https://portal.example.evil.example", undefined, false],
    ["http://portal.example", undefined, false],
    ["https://portal.example:8443", undefined, false],
    ["https://PORTAL.example", undefined, false],
    ["https://evil.example", "same-origin", false],
  ] as const)
    assert.equal(may(origin, site), wanted, `${origin} ${site}`);
});

test("every method but the three that only read counts as writing", () => {
  for (const method of ["POST", "PUT", "PATCH", "DELETE", "get", "TRACE", "X"])
    assert.notEqual(foreign({ method, origin: undefined, site: undefined }, OURS), undefined, method);
});

test("what reads may be asked by hand, and not by another site's page", () => {
  const may = (origin: string | undefined, site: string | undefined): boolean =>
    foreign({ method: "GET", origin, site }, OURS) === undefined;
  assert.ok(may(undefined, undefined));
  assert.ok(may(undefined, "none"));
  assert.ok(may(OURS, "same-origin"));
  assert.ok(!may(undefined, "cross-site"));
  assert.ok(!may(undefined, "same-site"));
  assert.ok(!may("https://evil.example", undefined));
});
