import assert from "node:assert/strict";
import { test } from "node:test";
import type { ExpectedPaths } from "@vsix/shared/paths/expected.ts";
import { parseExpected } from "@vsix/shared/paths/parse.ts";
import { ownPaths, paced, packetsOf, sourceNamed } from "./own-paths.ts";

function file(...paths: readonly string[]): ExpectedPaths {
  const result = parseExpected(
    ["version: 1", "paths:", ...paths.map((path) => `  - ${path}`)].join("\n"),
    "x",
  );
  assert.ok(result.ok, JSON.stringify(result));
  return result.expected;
}

const at = (source: string, target: string, more = ""): string =>
  `{ source: ${source}, target: { name: ${target}, address: "2001:db8::${target.length}" }, allowed: [[]]${more} }`;
const nobody = (): boolean => false;

test("a machine traces its own paths, and everybody's where it has none of its own and is not the target", () => {
  const all = file(at("home", "a"), at('"*"', "a"), at('"*"', "bb"), at('"*"', "ccc"), at("other", "dddd"));
  const isOwn = (address: string): boolean => address === "2001:db8::3";
  const { entries } = ownPaths(all, { source: "home", isOwn });
  assert.deepEqual(
    entries.map(({ source, target }) => [source, target]),
    [
      ["home", "a"],
      ["home", "bb"],
    ],
  );
});

test("the interval of a file can be overruled", () => {
  const all = file(at("home", "a", ", intervalS: 60"), at("home", "bb"));
  const { entries } = ownPaths(all, { source: "home", isOwn: nobody, intervalMs: 5000 });
  assert.deepEqual(
    entries.map(({ intervalMs }) => intervalMs),
    [5000, 5000],
  );
});

test("paths within the rate keep their intervals, and more are looked at more seldom, each in proportion", () => {
  const few = file(at("home", "a"), at("home", "bb", ", intervalS: 30")).entries;
  assert.deepEqual(paced(few, 500), few);
  const slow = paced(few, 10);
  const load = slow.reduce((sum, entry) => sum + packetsOf(entry) / (entry.intervalMs / 1000), 0);
  assert.ok(load <= 10, String(load));
  const [one, other] = slow.map(({ intervalMs }) => intervalMs);
  assert.ok(one !== undefined && other !== undefined && Math.abs(other - 3 * one) <= 3000);
});

test("no path is looked at more often than its trace takes", () => {
  const [entry] = paced(file(at("home", "a", ", flows: 64, intervalS: 1")).entries, 1e9);
  assert.equal(entry?.intervalMs, 16_000, "64 × 3 × 8 packets at 100 a second, and up to a whole second");
});

test("a host's name is a source's as far as it can be", () => {
  assert.equal(sourceNamed("Edge-1.example.org"), "edge-1");
  assert.equal(sourceNamed("3f2a"), undefined);
  assert.equal(sourceNamed(""), undefined);
});
