import assert from "node:assert/strict";
import { test } from "node:test";
import { fittingWay } from "./fitting-way.ts";
import { type HopAtom, isFault, type PathPattern, parseHop } from "./pattern.ts";

const LINKS = [
  ["e", "b1"],
  ["e", "g1"],
  ["b1", "b2"],
  ["g1", "g2"],
  ["b2", "xe"],
  ["g2", "xe"],
  ["b1", "xe"],
  ["xe", "up"],
] as const;
const ENDS = { source: "e", target: "up" };

function patternOf(...hops: readonly string[]): PathPattern {
  return hops.map((text) => {
    const hop = parseHop(text);
    if (isFault(hop)) throw new Error(hop.fault);
    return hop;
  });
}

function fits(atom: HopAtom, node: string): boolean {
  if (atom.kind === "node") return atom.node === node;
  if (atom.kind === "plane") return node.startsWith(atom.plane.slice(0, 1));
  return atom.kind === "any";
}

const way = (...hops: readonly string[]) => fittingWay(LINKS, ENDS, patternOf(...hops), fits);

test("the shortest way that the pattern allows is found, by its plane and by its routers", () => {
  assert.deepEqual(way("plane: blue", "..."), ["e", "b1", "xe", "up"]);
  assert.deepEqual(way("plane: green", "..."), ["e", "g1", "g2", "xe", "up"]);
  assert.deepEqual(way("b1", "b2", "xe"), ["e", "b1", "b2", "xe", "up"]);
});

test("where nothing fits there is no way, and a pattern that ends too early reaches nobody", () => {
  assert.equal(way("b1"), undefined);
  assert.equal(way("plane: red", "..."), undefined);
  assert.equal(way("g1", "b2", "xe"), undefined);
  assert.equal(fittingWay(LINKS, { source: "nobody", target: "up" }, patternOf("..."), fits), undefined);
});

test("it ends also where links go round", () => {
  const round = [...LINKS, ["g2", "g1"], ["b2", "g2"]] as const;
  assert.equal(fittingWay(round, { source: "e", target: "far" }, patternOf("..."), fits), undefined);
});
